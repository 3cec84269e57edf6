import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { Warehouse } from './warehouse.ts';

const SAMPLE_KEYS = 20;

/** Rows that share a fate, with the keys of up to 20 of them, the first in their order. */
export interface RowSample {
  readonly rows: number;
  readonly sample_keys: readonly string[];
}

/** How a staged load differs from the published table. */
export interface Difference {
  /** Rows whose key is in staging alone. */
  readonly added: RowSample;
  /** Rows whose key is in the published table alone. */
  readonly removed: RowSample;
  /** Rows whose key is in both, with another value in some column. */
  readonly changed: RowSample;
  readonly unchanged: number;
  /** In how many of the changed rows each column has another value, in the contract's order, without the key. */
  readonly columns: readonly { readonly column: string; readonly rows: number }[];
}

/** Names that no contract's column can have, for they are not snake_case. */
const STAGED_ROW = quoteIdentifier('staged row');
const LIVE_ROW = quoteIdentifier('live row');

/**
 * Compares a staging table with the published one before it is published, by key; two nulls are the same.
 * One query counts, and one more for each of the fates that rows have gives sample keys.
 */
export async function diffStaging(
  warehouse: Warehouse,
  contract: Contract,
  stagingTable: string,
): Promise<Difference> {
  const others = contract.columns.map(({ name }) => name).filter((name) => name !== contract.key);
  const fates = {
    added: `${LIVE_ROW} IS NULL`,
    removed: `${STAGED_ROW} IS NULL`,
    changed: allOf(IN_BOTH, others.length === 0 ? '1 = 0' : anyOf(others.map(differs))),
  };
  const source = joinRows(contract, stagingTable);
  const counted = [...Object.values(fates), IN_BOTH, ...others.map((name) => allOf(IN_BOTH, differs(name)))];
  const { rows } = await warehouse.query({
    sql: `SELECT\n  ${counted.map(countWhere).join(',\n  ')}\nFROM ${source}`,
  });
  const [added = 0, removed = 0, changed = 0, both = 0, ...byColumn] = (rows[0] ?? []).map(Number);

  const key = quoteIdentifier(contract.key);
  const sampleOf = async (fate: string, count: number): Promise<RowSample> => {
    if (count === 0) return { rows: 0, sample_keys: [] };
    const sample = await warehouse.query({
      sql: `SELECT COALESCE(staged.${key}, live.${key}) AS sample_key
FROM ${source}
WHERE ${fate}
ORDER BY sample_key
LIMIT ${SAMPLE_KEYS}`,
    });
    return { rows: count, sample_keys: sample.rows.map(([value]) => String(value)) };
  };
  return {
    added: await sampleOf(fates.added, added),
    removed: await sampleOf(fates.removed, removed),
    changed: await sampleOf(fates.changed, changed),
    unchanged: both - changed,
    columns: others.map((column, index) => ({ column, rows: byColumn[index] ?? 0 })),
  };
}

const IN_BOTH = `${STAGED_ROW} = 1 AND ${LIVE_ROW} = 1`;

/** Each side brings a column that is never null in its rows: a null key would say that they are absent. */
function joinRows(contract: Contract, stagingTable: string): string {
  const key = quoteIdentifier(contract.key);
  const columns = contract.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  return `(SELECT ${columns}, 1 AS ${STAGED_ROW} FROM ${quoteIdentifier(stagingTable)}) AS staged
FULL JOIN (SELECT ${columns}, 1 AS ${LIVE_ROW} FROM ${quoteIdentifier(contract.table)}) AS live
  ON staged.${key} = live.${key}`;
}

/** Written out: IS NULL is the only null condition of Redshift (developer guide, Null condition). */
function differs(name: string): string {
  const [staged, live] = [`staged.${quoteIdentifier(name)}`, `live.${quoteIdentifier(name)}`];
  return `(${staged} <> ${live} OR (${staged} IS NULL AND ${live} IS NOT NULL) OR (${staged} IS NOT NULL AND ${live} IS NULL))`;
}

function anyOf(conditions: readonly string[]): string {
  return `(${conditions.join(' OR ')})`;
}

function allOf(...conditions: readonly string[]): string {
  return conditions.join(' AND ');
}

function countWhere(condition: string): string {
  return `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`;
}
