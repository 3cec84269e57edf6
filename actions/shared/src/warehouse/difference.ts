import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import {
  dependentColumns,
  differsIn,
  IS_ADDED,
  IS_IN_BOTH,
  IS_VANISHED,
  isChanged,
  joinRows,
} from './join-rows.ts';
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

/**
 * Compares a staging table with the published one before it is published, by key; two nulls are the same.
 * One query counts, and one more for each of the fates that rows have gives sample keys.
 */
export async function diffStaging(
  warehouse: Warehouse,
  contract: Contract,
  stagingTable: string,
): Promise<Difference> {
  const others = dependentColumns(contract);
  const fates = { added: IS_ADDED, removed: IS_VANISHED, changed: isChanged(contract) };
  const source = joinRows(contract, stagingTable);
  const counted = [
    ...Object.values(fates),
    IS_IN_BOTH,
    ...others.map((name) => `${IS_IN_BOTH} AND ${differsIn(name)}`),
  ];
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

function countWhere(condition: string): string {
  return `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`;
}
