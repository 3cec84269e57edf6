import { quoteIdentifier } from '../sql-text.ts';
import type { Dialect } from '../warehouse/warehouse.ts';
import type { Check } from './checks-file.ts';

/** The SQL that measures a check on a table. */
export interface CheckSql {
  /** An aggregate that counts what the check counts. */
  readonly aggregate: string;
  /** Keys of rows that fail, given a table and a limit; null where no single row fails. */
  readonly sampleKeys: ((table: string, limit: number) => string) | null;
}

/**
 * The SQL of a check on the table's rows; null for a check that does not look at the table. A null value
 * fails `not_null` only: in every other check it is neither right nor wrong.
 */
export function checkSql(check: Check, key: string, dialect: Dialect): CheckSql | null {
  switch (check.kind) {
    case 'row_count':
    case 'row_count_change':
      return { aggregate: 'COUNT(*)', sampleKeys: null };
    case 'unique': {
      const column = quoteIdentifier(check.column);
      return {
        aggregate: `COUNT(${column}) - COUNT(DISTINCT ${column})`,
        sampleKeys: (table, limit) =>
          `SELECT ${column} FROM ${quoteIdentifier(table)} WHERE ${column} IS NOT NULL
GROUP BY ${column} HAVING COUNT(*) > 1 ORDER BY ${column} LIMIT ${limit}`,
      };
    }
    case 'not_null':
      return failingRows(`${quoteIdentifier(check.column)} IS NULL`, key);
    case 'range': {
      const column = quoteIdentifier(check.column);
      const bounds = [
        ...(check.min === undefined ? [] : [`${column} < ${check.min}`]),
        ...(check.max === undefined ? [] : [`${column} > ${check.max}`]),
      ];
      return failingRows(bounds.join(' OR '), key);
    }
    case 'pattern':
      return failingRows(`NOT ${dialect.matches(quoteIdentifier(check.column), check.pattern)}`, key);
    case 'expression':
      return failingRows(`NOT (${check.expression})`, key);
    case 'manifest_metric':
      return null;
  }
}

function failingRows(condition: string, key: string): CheckSql {
  const keyColumn = quoteIdentifier(key);
  return {
    aggregate: `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`,
    sampleKeys: (table, limit) =>
      `SELECT ${keyColumn} FROM ${quoteIdentifier(table)} WHERE ${condition} ORDER BY ${keyColumn} LIMIT ${limit}`,
  };
}
