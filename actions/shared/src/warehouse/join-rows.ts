import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { columnList } from './tables.ts';

/** Names that no contract's column can have, for they are not snake_case. */
const STAGED_ROW = quoteIdentifier('staged row');
const LIVE_ROW = quoteIdentifier('live row');

/** The row stands in staging alone. */
export const IS_ADDED = `${LIVE_ROW} IS NULL`;
/** The row stands in the published table alone. */
export const IS_VANISHED = `${STAGED_ROW} IS NULL`;
/** The row's key stands in both. */
export const IS_IN_BOTH = `${STAGED_ROW} = 1 AND ${LIVE_ROW} = 1`;

/**
 * FROM's text: the rows of a staging table, `staged`, beside those of the published one, `live`, by their key.
 * Each side brings a column that is never null in its rows: a null key would say that they are absent.
 */
export function joinRows(contract: Contract, stagingTable: string): string {
  const key = quoteIdentifier(contract.key);
  const columns = columnList(contract);
  return `(SELECT ${columns}, 1 AS ${STAGED_ROW} FROM ${quoteIdentifier(stagingTable)}) AS staged
FULL JOIN (SELECT ${columns}, 1 AS ${LIVE_ROW} FROM ${quoteIdentifier(contract.table)}) AS live
  ON staged.${key} = live.${key}`;
}

/**
 * Whether the column's values differ; two nulls are the same. Written out: IS NULL is the only null condition
 * of Redshift (developer guide, Null condition).
 */
export function differsIn(column: string): string {
  const [staged, live] = [`staged.${quoteIdentifier(column)}`, `live.${quoteIdentifier(column)}`];
  return `(${staged} <> ${live} OR (${staged} IS NULL AND ${live} IS NOT NULL) OR (${staged} IS NOT NULL AND ${live} IS NULL))`;
}

/** The row's key stands in both, with another value in some column. */
export function isChanged(contract: Contract): string {
  const differences = dependentColumns(contract).map(differsIn);
  return `${IS_IN_BOTH} AND ${differences.length === 0 ? '1 = 0' : `(${differences.join(' OR ')})`}`;
}

/** The names of all columns but the key. */
export function dependentColumns({ columns, key }: Contract): readonly string[] {
  return columns.map(({ name }) => name).filter((name) => name !== key);
}
