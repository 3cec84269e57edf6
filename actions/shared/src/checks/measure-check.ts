import type { Manifest } from '../lake/manifest.ts';
import type { CheckSql } from './check-query.ts';
import type { CheckSubject } from './check-subject.ts';
import type { Check } from './checks-file.ts';
import type { Counted } from './count-all.ts';
import { isNotRun, type NotRun } from './not-run.ts';
import type { Measure } from './threshold.ts';

const MS_PER_SECOND = 1000;
const MS_PER_HOUR = 3600 * MS_PER_SECOND;

/**
 * A check's measure, or why there is none: it could not be taken, or there is nothing yet to compare it
 * with, which is no fault. What is `judged` is another than what is measured for a drift alone: how far the
 * measure lies from its base.
 */
export type Measured =
  | { readonly measured: number; readonly base: number | null; readonly judged: Measure }
  | NotRun
  | { readonly measured: number; readonly incomparable: string };

/** A check with what was counted for it; null where it does not look at the table. */
interface CountedCheck {
  readonly sql: CheckSql;
  readonly rows: Counted;
  readonly measure: Counted;
  readonly base: Counted;
}

/** What the check measures, from the counts of the table and what else the subject holds. */
export function measureCheck(check: Check, subject: CheckSubject, counted: CountedCheck | null): Measured {
  if (check.kind === 'manifest_metric') return measureManifest(check, subject.manifest);
  if (counted === null) {
    const { sourceDate } = subject;
    if (isNotRun(sourceDate)) return sourceDate;
    if (sourceDate === null) return { notRun: "the source's date is not known" };
    return ageOf(Date.parse(sourceDate), subject);
  }
  const { rows, measure, base } = counted;
  for (const count of [measure, base, rows]) {
    if (isNotRun(count)) return count;
  }
  if (check.kind === 'row_count') return compared(Number(measure), Number(base));
  if (rows === 0) return { notRun: 'the table is empty' };
  if (base === 0) return { notRun: 'no row is one that the check looks at' };
  if (measure === null)
    return { notRun: `the column ${'column' in check ? check.column : ''} is null throughout` };
  if (check.kind === 'freshness') return ageOf(Number(measure) * MS_PER_SECOND, subject);
  if (check.kind === 'drift') return measureDrift(check, Number(measure), subject);
  if (check.kind !== 'row_count_change') return compared(Number(measure), Number(base));
  const { lastRows } = subject;
  if (isNotRun(lastRows)) return lastRows;
  return lastRows === null
    ? { measured: Number(measure), incomparable: 'The first load has none to compare with.' }
    : compared(Number(measure), lastRows);
}

function compared(count: number, base: number): Measured {
  return { measured: count, base, judged: { count, base } };
}

function ageOf(time: number, { now }: CheckSubject): Measured {
  const hours = (now.getTime() - time) / MS_PER_HOUR;
  return { measured: hours, base: null, judged: { count: hours, base: hours } };
}

function measureDrift(
  check: Extract<Check, { kind: 'drift' }>,
  measured: number,
  { history }: CheckSubject,
): Measured {
  if (isNotRun(history)) return history;
  const past = history
    .filter(({ name, metric }) => name === check.name && metric === check.metric)
    .toSorted((one, other) => other.load_number - one.load_number)
    .slice(0, check.loads)
    .map(({ value }) => value);
  if (past.length === 0) return { measured, incomparable: 'No earlier load has measured it.' };
  const base = past.reduce((sum, value) => sum + value, 0) / past.length;
  return { measured, base, judged: { count: Math.abs(measured - base), base: Math.abs(base) } };
}

function measureManifest(
  { metric, of }: Extract<Check, { kind: 'manifest_metric' }>,
  manifest: Manifest | null,
): Measured {
  if (manifest === null) return { notRun: 'the manifest of the run is not known' };
  const metrics = new Map(
    Object.entries({
      ...manifest.metrics,
      rows: manifest.rows,
      rejects: manifest.rejects.total,
      source_records: manifest.sources.reduce((sum, { rows }) => sum + rows, 0),
      ...Object.fromEntries(
        manifest.sources.map(({ dataset, rows }) => [`${dataset.replace('.', '_')}_records`, rows]),
      ),
    }),
  );
  const [count, base] = [metrics.get(metric), metrics.get(of)];
  const known = [...metrics.keys()].join(', ');
  if (count === undefined) return { notRun: `the manifest has no metric ${metric}; it has ${known}` };
  if (base === undefined) return { notRun: `the manifest has no metric ${of}; it has ${known}` };
  return compared(count, base);
}
