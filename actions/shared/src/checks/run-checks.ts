import type { Warehouse } from '../warehouse/warehouse.ts';
import { ALL_ROWS, type CheckSql, checkSql } from './check-query.ts';
import type { CheckResult, CheckStatus } from './check-result.ts';
import type { CheckSubject } from './check-subject.ts';
import type { Check } from './checks-file.ts';
import { countAll } from './count-all.ts';
import { type Measured, measureCheck } from './measure-check.ts';
import { parseThreshold, shareOf } from './threshold.ts';

const SAMPLE_KEYS = 20;

/** Holds where the file has no check of its own that refuses an empty table: nothing is right of no rows. */
const NOT_EMPTY: Check = {
  name: 'table_not_empty',
  kind: 'row_count',
  description: 'The table can be read and has rows, without which no other check says anything.',
  error: parseThreshold('< 1') ?? undefined,
};

/** What the checks found, and how many rows the table has; null where they could not be counted. */
export interface CheckedRows {
  readonly results: CheckResult[];
  readonly rows: number | null;
}

/** The results of {@link checkRows}. */
export async function runChecks(
  warehouse: Warehouse,
  subject: CheckSubject,
  checks: readonly Check[],
): Promise<CheckResult[]> {
  return (await checkRows(warehouse, subject, checks)).results;
}

/**
 * Measures every check; all that look at the table share one aggregate query, which counts its rows too. A check that cannot be
 * measured is `not-run` with the reason, and does not keep the others from running. A table that is empty
 * or cannot be read is told as a check of its own when no check of the file fails for it.
 *
 * @returns the results in the order of the checks.
 */
export async function checkRows(
  warehouse: Warehouse,
  subject: CheckSubject,
  checks: readonly Check[],
): Promise<CheckedRows> {
  const queries = new Map<Check, CheckSql>();
  for (const check of [...checks, NOT_EMPTY]) {
    const sql = checkSql(check, subject.key, warehouse.dialect);
    if (sql !== null) queries.set(check, sql);
  }
  const aggregates = [...queries.values()].flatMap(({ measure, base }) => [measure, base]);
  const counts = await countAll(warehouse, subject.table, [...new Set([ALL_ROWS, ...aggregates])]);
  const countOf = (aggregate: string) => counts.get(aggregate) ?? null;
  const judgeCheck = (check: Check) => {
    const sql = queries.get(check);
    const counted =
      sql === undefined
        ? null
        : { sql, rows: countOf(ALL_ROWS), measure: countOf(sql.measure), base: countOf(sql.base) };
    return judge(check, measureCheck(check, subject, counted));
  };

  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = judgeCheck(check);
    const sample = queries.get(check)?.sampleKeys ?? null;
    const isFailed = result.status === 'warn' || result.status === 'error';
    results.push({
      ...result,
      sample_keys:
        isFailed && sample !== null ? await sampleKeys(warehouse, sample(subject.table, SAMPLE_KEYS)) : [],
    });
  }
  const notEmpty = judgeCheck(NOT_EMPTY);
  const isTold = results.some(({ kind, status }) => kind === NOT_EMPTY.kind && status === notEmpty.status);
  const isFine = notEmpty.status === 'pass' || isTold;
  return {
    results: isFine ? results : [...results, { ...notEmpty, sample_keys: [] }],
    rows: notEmpty.measured,
  };
}

function judge(check: Check, measured: Measured): Omit<CheckResult, 'sample_keys'> {
  const told = {
    name: check.name,
    kind: check.kind,
    description: check.description,
    column: 'column' in check ? (check.column ?? null) : null,
    warn: check.warn?.text ?? null,
    error: check.error?.text ?? null,
    share: null,
    base: null,
    reason: null,
  } as const;
  if ('notRun' in measured) return { ...told, status: 'not-run', measured: null, reason: measured.notRun };
  if ('incomparable' in measured) {
    return { ...told, status: 'pass', measured: measured.measured, reason: measured.incomparable };
  }
  const { judged } = measured;
  const isReached = (threshold: Check['warn']) => threshold?.reachedBy(judged) ?? false;
  const status: CheckStatus = isReached(check.error) ? 'error' : isReached(check.warn) ? 'warn' : 'pass';
  const isShare = (check.warn?.isShare ?? false) || (check.error?.isShare ?? false);
  const share = shareOf(judged);
  return {
    ...told,
    status,
    measured: measured.measured,
    share: isShare && Number.isFinite(share) ? share : null,
    base: measured.base,
  };
}

async function sampleKeys(warehouse: Warehouse, sql: string): Promise<string[]> {
  const { rows } = await warehouse.query({ sql });
  return rows.map(([key]) => String(key));
}
