import { metricsOf } from '../../shared/src/checks/check-metrics.ts';
import type { CheckResult } from '../../shared/src/checks/check-result.ts';
import { readSubject } from '../../shared/src/checks/check-subject.ts';
import type { Check } from '../../shared/src/checks/checks-file.ts';
import { isNotRun } from '../../shared/src/checks/not-run.ts';
import { addSampleKeys, checkRows } from '../../shared/src/checks/run-checks.ts';
import type { Contract } from '../../shared/src/contract/contract.ts';
import type { Manifest } from '../../shared/src/lake/manifest.ts';
import { diffStaging } from '../../shared/src/warehouse/difference.ts';
import { readLedger } from '../../shared/src/warehouse/ledger.ts';
import type { Metric, PastMetric } from '../../shared/src/warehouse/metrics.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { ValidationReport } from './validation-report.ts';

const MS_PER_HOUR = 3_600_000;

/** What is looked at: a table of the warehouse, with all that the checks need to know of it. */
export interface Validated {
  readonly warehouse: Warehouse;
  readonly contract: Contract;
  readonly checks: readonly Check[];
  readonly table: string;
  readonly manifest: Manifest | null;
  readonly now: Date;
}

/** What the checks found. */
export interface CheckedTable {
  readonly results: readonly CheckResult[];
  /** What of the results is kept with a load that is published. */
  readonly metrics: readonly Metric[];
  /** What the published loads measured, the oldest first, by the check's name. */
  readonly trends: ReadonlyMap<string, readonly number[]>;
  readonly rows: number | null;
  readonly freshness: ValidationReport['freshness'];
}

/**
 * Runs the checks on the table, beside what earlier loads measured.
 *
 * @param tell is told what is found as soon as it is, so that what comes after can take nothing of it.
 */
export async function checkTable(validated: Validated, tell: (found: CheckedTable) => void): Promise<void> {
  const { warehouse, contract, checks, now } = validated;
  const subject = await readSubject(warehouse, contract, validated, checks);
  const { results, rows } = await checkRows(warehouse, subject, checks);
  const { sourceDate, history } = subject;
  const found: CheckedTable = {
    results,
    metrics: metricsOf(results, checks),
    trends: isNotRun(history) ? new Map() : trendsOf(checks, history),
    rows,
    freshness:
      sourceDate === null || isNotRun(sourceDate)
        ? null
        : { source_date: sourceDate, hours: (now.getTime() - Date.parse(sourceDate)) / MS_PER_HOUR },
  };
  tell(found);
  tell({ ...found, results: await addSampleKeys(warehouse, subject, checks, results) });
}

function trendsOf(
  checks: readonly Check[],
  past: readonly PastMetric[],
): ReadonlyMap<string, readonly number[]> {
  return new Map(
    checks.map((check) => {
      const drawn = check.kind === 'drift' ? check.metric : 'measured';
      const values = past
        .filter(({ name, metric }) => name === check.name && metric === drawn)
        .toSorted((one, other) => one.load_number - other.load_number)
        .map(({ value }) => value);
      return [check.name, values];
    }),
  );
}

/**
 * How the table differs from the load before it. Of the live table the ledger tells, which costs nothing;
 * a staging table is compared row by row, which takes long where all rows have changed, and is done only
 * when it is wanted.
 *
 * @returns null when it is not wanted or nothing was ever loaded.
 */
export async function differenceOf(
  { warehouse, contract, table }: Validated,
  isWanted: boolean,
): Promise<ValidationReport['difference']> {
  if (table !== contract.table) {
    if (!isWanted || !(await warehouse.listTables(contract.table)).includes(contract.table)) return null;
    const { added, removed, changed, unchanged, columns } = await diffStaging(warehouse, contract, table);
    return {
      against: 'live-table',
      added: { rows: added.rows, sample_keys: [...added.sample_keys] },
      removed: { rows: removed.rows, sample_keys: [...removed.sample_keys] },
      changed: { rows: changed.rows, sample_keys: [...changed.sample_keys] },
      unchanged,
      columns: [...columns],
    };
  }
  const load = await readLedger(warehouse, contract, null);
  if (load === null) return null;
  const untold = (rows: number) => ({ rows, sample_keys: [] });
  return {
    against: 'load-before',
    added: untold(load.rows_inserted),
    removed: untold(load.rows_deleted),
    changed: untold(load.rows_updated),
    unchanged: load.rows_unchanged,
    columns: [],
  };
}
