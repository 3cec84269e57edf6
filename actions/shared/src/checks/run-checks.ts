import { messageOf, PipelineError } from '../errors.ts';
import type { Manifest } from '../lake/manifest.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type CheckSql, checkSql } from './check-query.ts';
import type { CheckResult, CheckStatus } from './check-result.ts';
import type { Check } from './checks-file.ts';
import { type Measure, shareOf } from './threshold.ts';

const SAMPLE_KEYS = 20;

/** What the checks are run on. */
export interface CheckSubject {
  readonly table: string;
  readonly key: string;
  readonly manifest: Manifest;
  /** Rows of the table after the last load; null when nothing was ever published. */
  readonly lastRows: number | null;
}

/**
 * Measures every check; all that look at the table share one aggregate query. A check that cannot be
 * measured is `not-run` with the reason, and does not keep the others from running.
 */
export async function runChecks(
  warehouse: Warehouse,
  subject: CheckSubject,
  checks: readonly Check[],
): Promise<CheckResult[]> {
  const queries = new Map<Check, CheckSql>();
  for (const check of checks) {
    const sql = checkSql(check, subject.key, warehouse.dialect);
    if (sql !== null) queries.set(check, sql);
  }
  const counted = await countAll(warehouse, subject.table, queries);
  const results: CheckResult[] = [];
  for (const check of checks) {
    const measured = measure(check, subject, counted);
    const result = judge(check, measured);
    const sample = queries.get(check)?.sampleKeys ?? null;
    const isFailed = result.status === 'warn' || result.status === 'error';
    results.push({
      ...result,
      sample_keys:
        isFailed && sample !== null ? await sampleKeys(warehouse, sample(subject.table, SAMPLE_KEYS)) : [],
    });
  }
  return results;
}

/**
 * Ends the load when the checks say so.
 *
 * @throws PipelineError `failed-data` when a check reached its error threshold, `failed-infra` when one
 *   that has such a threshold could not be measured.
 */
export function refuseFailedChecks(results: readonly CheckResult[], table: string): void {
  const failed = results.filter(({ status }) => status === 'error');
  const unmeasured = results.filter(({ status, error }) => status === 'not-run' && error !== null);
  if (failed.length === 0 && unmeasured.length === 0) return;
  const describe = ({ name, measured, share, error, reason, sample_keys }: CheckResult) => {
    if (reason !== null) return `${name} could not run: ${reason}`;
    const keys = sample_keys.length > 0 ? `, for example ${sample_keys.slice(0, 5).join(', ')}` : '';
    return `${name} measured ${measured}${share === null ? '' : ` or ${share.toFixed(2)} %`} (error: ${error})${keys}`;
  };
  throw new PipelineError({
    kind: failed.length > 0 ? 'failed-data' : 'failed-infra',
    what:
      failed.length > 0
        ? `${failed.length} of ${results.length} checks failed`
        : `${unmeasured.length} of ${results.length} checks could not run`,
    where: table,
    why: [...failed, ...unmeasured].map(describe).join('; '),
    done: 'Nothing was published; the table is as it was.',
    next: 'Look at the report; mend the source, or the thresholds in the checks file, and run again.',
  });
}

type Measured = Measure | { readonly notRun: string } | { readonly firstLoad: true };

interface Counts {
  readonly rows: number | { readonly notRun: string };
  readonly failing: ReadonlyMap<Check, number | { readonly notRun: string }>;
}

async function countAll(
  warehouse: Warehouse,
  table: string,
  queries: ReadonlyMap<Check, CheckSql>,
): Promise<Counts> {
  const select = async (aggregates: readonly string[]) => {
    const { rows } = await warehouse.query({
      sql: `SELECT ${aggregates.join(', ')} FROM ${quoteIdentifier(table)}`,
    });
    return (rows[0] ?? []).map(Number);
  };
  const aggregates = [...queries.values()].map(({ aggregate }) => aggregate);
  try {
    const [rows, ...counts] = await select(['COUNT(*)', ...aggregates]);
    return {
      rows: Number(rows),
      failing: new Map([...queries.keys()].map((check, i) => [check, Number(counts[i])])),
    };
  } catch {
    // One bad check fails the whole query. Asked one by one, each of them tells for itself.
    const alone = async (aggregate: string) => {
      try {
        return Number((await select([aggregate]))[0]);
      } catch (error) {
        return { notRun: messageOf(error) };
      }
    };
    const failing = new Map<Check, number | { notRun: string }>();
    for (const [check, { aggregate }] of queries) failing.set(check, await alone(aggregate));
    return { rows: await alone('COUNT(*)'), failing };
  }
}

function measure(check: Check, subject: CheckSubject, counted: Counts): Measured {
  if (check.kind === 'manifest_metric') return measureMetric(check, subject.manifest);
  const count = counted.failing.get(check) ?? { notRun: 'it was not counted' };
  if (typeof count !== 'number') return count;
  if (typeof counted.rows !== 'number') return counted.rows;
  if (check.kind === 'row_count') return { count, base: counted.rows };
  if (counted.rows === 0) return { notRun: 'the table is empty' };
  if (check.kind !== 'row_count_change') return { count, base: counted.rows };
  return subject.lastRows === null ? { firstLoad: true } : { count, base: subject.lastRows };
}

function measureMetric(
  { metric, of }: Extract<Check, { kind: 'manifest_metric' }>,
  manifest: Manifest,
): Measured {
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
  return { count, base };
}

function judge(check: Check, measured: Measured): Omit<CheckResult, 'sample_keys'> {
  const told = {
    name: check.name,
    kind: check.kind,
    description: check.description,
    column: 'column' in check ? check.column : null,
    warn: check.warn?.text ?? null,
    error: check.error?.text ?? null,
  } as const;
  if ('notRun' in measured)
    return { ...told, status: 'not-run', measured: null, share: null, reason: measured.notRun };
  if ('firstLoad' in measured) {
    return {
      ...told,
      status: 'pass',
      measured: null,
      share: null,
      reason: 'The first load has none to compare with.',
    };
  }
  const isReached = (threshold: Check['warn']) => threshold?.reachedBy(measured) ?? false;
  const status: CheckStatus = isReached(check.error) ? 'error' : isReached(check.warn) ? 'warn' : 'pass';
  const isShare = (check.warn?.isShare ?? false) || (check.error?.isShare ?? false);
  return {
    ...told,
    status,
    measured: measured.count,
    share: isShare ? shareOf(measured) : null,
    reason: null,
  };
}

async function sampleKeys(warehouse: Warehouse, sql: string): Promise<string[]> {
  const { rows } = await warehouse.query({ sql });
  return rows.map(([key]) => String(key));
}
