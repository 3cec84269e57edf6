import type { Warehouse } from '../warehouse/warehouse.ts';
import { ALL_ROWS, type CheckSql, checkSql } from './check-query.ts';
import type { CheckResult, CheckStatus } from './check-result.ts';
import type { CheckSubject } from './check-subject.ts';
import type { Check } from './checks-file.ts';
import { countAll } from './count-all.ts';
import { type Measured, measureCheck } from './measure-check.ts';
import { isNotRun, orNotRun } from './not-run.ts';
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
  /** Without keys of the rows that fail; see {@link addSampleKeys}. */
  readonly results: readonly CheckResult[];
  readonly rows: number | null;
}

/** The results of {@link checkRows} with the keys of {@link addSampleKeys}. */
export async function runChecks(
  warehouse: Warehouse,
  subject: CheckSubject,
  checks: readonly Check[],
): Promise<CheckResult[]> {
  const { results } = await checkRows(warehouse, subject, checks);
  return addSampleKeys(warehouse, subject, checks, results);
}

/**
 * Measures every check; all that look at the table share one aggregate query, which counts its rows too. A
 * check that cannot be measured is `not-run` with the reason, and does not keep the others from running. A
 * table that is empty or cannot be read is told as a check of its own when no check of the file fails for it.
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
  const counts = await countAll(warehouse, subject.table, aggregates);
  const countOf = (aggregate: string) => counts.get(aggregate) ?? null;
  const judgeCheck = (check: Check) => {
    const sql = queries.get(check);
    const counted =
      sql === undefined
        ? null
        : { sql, rows: countOf(ALL_ROWS), measure: countOf(sql.measure), base: countOf(sql.base) };
    return judge(check, measureCheck(check, subject, counted));
  };
  const results = checks.map(judgeCheck);
  const notEmpty = judgeCheck(NOT_EMPTY);
  // A check that only warns is none that fails for it.
  const isTold = results.some(
    ({ kind, status, error }) => kind === NOT_EMPTY.kind && status === notEmpty.status && error !== null,
  );
  const isFine = notEmpty.status === 'pass' || isTold;
  return { results: isFine ? results : [...results, notEmpty], rows: notEmpty.measured };
}

/**
 * Asks for the keys of rows that fail, of those checks alone that did not pass. Where they cannot be had the
 * result tells why, and stays what it is.
 *
 * @param results of {@link checkRows} for the same subject and checks.
 */
export async function addSampleKeys(
  warehouse: Warehouse,
  subject: CheckSubject,
  checks: readonly Check[],
  results: readonly CheckResult[],
): Promise<CheckResult[]> {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const sampled: CheckResult[] = [];
  for (const result of results) {
    const check = byName.get(result.name);
    const sql = check === undefined ? null : checkSql(check, subject.key, warehouse.dialect);
    const isFailed = result.status === 'warn' || result.status === 'error';
    const sample = isFailed ? (sql?.sampleKeys ?? null) : null;
    if (sample === null) sampled.push(result);
    else {
      const keys = await orNotRun(() => readKeys(warehouse, sample(subject.table, SAMPLE_KEYS)));
      sampled.push(
        isNotRun(keys)
          ? { ...result, reason: `No row can be shown: ${keys.notRun}` }
          : { ...result, sample_keys: keys },
      );
    }
  }
  return sampled;
}

function judge(check: Check, measured: Measured): CheckResult {
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
    sample_keys: [],
  } as const;
  if (isNotRun(measured)) return { ...told, status: 'not-run', measured: null, reason: measured.notRun };
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

async function readKeys(warehouse: Warehouse, sql: string): Promise<readonly string[]> {
  const { rows } = await warehouse.query({ sql });
  return rows.map(([key]) => String(key));
}
