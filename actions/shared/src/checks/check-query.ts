import { quoteIdentifier } from '../sql-text.ts';
import type { Dialect } from '../warehouse/warehouse.ts';
import type { Check } from './checks-file.ts';

/** The aggregate that counts a table's rows. */
export const ALL_ROWS = 'COUNT(*)';

/** The SQL that measures a check on a table. */
export interface CheckSql {
  /** An aggregate that gives what the check measures. */
  readonly measure: string;
  /** An aggregate that counts the rows the check looks at. */
  readonly base: string;
  /** Keys of rows that fail, given a table and a limit; null where no single row fails. */
  readonly sampleKeys: ((table: string, limit: number) => string) | null;
}

type OnColumn = Extract<Check, { readonly column: string }>;

/**
 * The SQL of a check on the table's rows; null for a check that does not look at the table. A null value
 * fails `not_null` only: in every other check it is neither right nor wrong. Names are quoted and values
 * are literals; `where` and `expression` are SQL of the checks file and run as they stand.
 */
export function checkSql(check: Check, key: string, dialect: Dialect): CheckSql | null {
  switch (check.kind) {
    case 'row_count':
      return { measure: matching(check), base: ALL_ROWS, sampleKeys: null };
    case 'row_count_change':
      return { measure: ALL_ROWS, base: ALL_ROWS, sampleKeys: null };
    case 'freshness': {
      if (check.column === undefined) return null;
      const newest = `EXTRACT(EPOCH FROM MAX(${quoteIdentifier(check.column)}))`;
      return { measure: newest, base: ALL_ROWS, sampleKeys: null };
    }
    case 'drift':
      return { measure: metric(check), base: matching(check), sampleKeys: null };
    case 'unique':
      return doubledValues(check);
    case 'expression':
      return failingRows(check, `NOT (${check.expression}\n)`, key);
    case 'manifest_metric':
      return null;
    case 'not_null':
    case 'range':
    case 'accepted_values':
    case 'pattern':
    case 'max_bytes':
    case 'column_comparison':
      return failingRows(check, failingCondition(check, dialect), key);
  }
}

function failingCondition(
  check: Exclude<OnColumn, { readonly kind: 'unique' | 'drift' | 'freshness' }>,
  dialect: Dialect,
): string {
  const column = quoteIdentifier(check.column);
  switch (check.kind) {
    case 'not_null':
      return `${column} IS NULL`;
    case 'range':
      return [
        ...(check.min === undefined ? [] : [`${column} < ${check.min}`]),
        ...(check.max === undefined ? [] : [`${column} > ${check.max}`]),
      ].join(' OR ');
    case 'accepted_values': {
      const values = check.values.map((value) =>
        typeof value === 'string' ? dialect.literal(value) : String(value).toUpperCase(),
      );
      return `${column} NOT IN (${values.join(', ')})`;
    }
    case 'pattern':
      return `NOT ${dialect.matches(column, check.pattern)}`;
    case 'max_bytes':
      return `${dialect.byteLength(column)} > ${check.max}`;
    case 'column_comparison':
      return `NOT (${column} ${check.operator} ${quoteIdentifier(check.other_column)})`;
  }
}

function failingRows(
  check: { readonly where?: string | undefined },
  condition: string,
  key: string,
): CheckSql {
  const keyColumn = quoteIdentifier(key);
  const failing = check.where === undefined ? condition : `${whereOf(check.where)} AND (${condition})`;
  return {
    measure: countWhere(failing),
    base: matching(check),
    sampleKeys: (table, limit) =>
      `SELECT ${keyColumn} FROM ${quoteIdentifier(table)} WHERE ${failing} ORDER BY ${keyColumn} LIMIT ${limit}`,
  };
}

function doubledValues(check: Extract<Check, { kind: 'unique' }>): CheckSql {
  const column = quoteIdentifier(check.column);
  const value = valueOf(check);
  const filter = check.where === undefined ? '' : ` AND ${whereOf(check.where)}`;
  return {
    measure: `COUNT(${value}) - COUNT(DISTINCT ${value})`,
    base: matching(check),
    sampleKeys: (table, limit) =>
      `SELECT ${column} FROM ${quoteIdentifier(table)} WHERE ${column} IS NOT NULL${filter}
GROUP BY ${column} HAVING COUNT(*) > 1 ORDER BY ${column} LIMIT ${limit}`,
  };
}

function metric(check: Extract<Check, { kind: 'drift' }>): string {
  const value = valueOf(check);
  switch (check.metric) {
    case 'null_share':
      // Without rows it is null: there is no share of nothing.
      return `CAST(${matching(check)} - COUNT(${value}) AS DOUBLE PRECISION) / NULLIF(${matching(check)}, 0)`;
    case 'mean':
      // Redshift's mean of integers is a whole number (developer guide, AVG function).
      return `AVG(CAST(${value} AS DOUBLE PRECISION))`;
    case 'distinct_count':
      return `COUNT(DISTINCT ${value})`;
  }
}

/** The column's value in the rows that the check looks at, else null. */
function valueOf({
  column,
  where,
}: {
  readonly column: string;
  readonly where?: string | undefined;
}): string {
  const name = quoteIdentifier(column);
  return where === undefined ? name : `CASE WHEN ${whereOf(where)} THEN ${name} END`;
}

/** An aggregate that counts the rows the check looks at. */
function matching({ where }: { readonly where?: string | undefined }): string {
  return where === undefined ? ALL_ROWS : countWhere(whereOf(where));
}

function countWhere(condition: string): string {
  return `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`;
}

/** The condition in brackets; what follows stands on a new line, should the condition end in a comment. */
function whereOf(where: string): string {
  return `(${where}\n)`;
}
