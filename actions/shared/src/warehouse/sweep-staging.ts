import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { redshiftDialect } from './redshift-dialect.ts';
import { stagingPrefixOf } from './tables.ts';
import { transactBatches } from './transact-batches.ts';
import type { Warehouse } from './warehouse.ts';

/** No load takes longer, whether in one step or with others between staging and publishing. */
const KEPT_FOR_MS = 24 * 60 * 60 * 1000;
const MARK = /^Staged at (\S+)$/;

/** The statement that notes on a staging table of Redshift when it was staged; catalogues tell no table's age. */
export function markStaging(table: string, now: Date): string {
  return `COMMENT ON TABLE ${quoteIdentifier(table)} IS ${redshiftDialect.literal(`Staged at ${now.toISOString()}`)}`;
}

/**
 * Drops the staging tables that dead loads left on Redshift, where several loads may be at work at once:
 * those staged over a day ago, and those that do not tell when.
 *
 * @returns their names.
 */
export async function sweepStaging(
  warehouse: Pick<Warehouse, 'query' | 'transact'>,
  contract: Contract,
  now: Date,
): Promise<readonly string[]> {
  const prefix = stagingPrefixOf(contract);
  const { rows } = await warehouse.query({
    sql: `SELECT CAST(relation.relname AS VARCHAR(128)), remark.description
FROM pg_class AS relation
JOIN pg_namespace AS space ON space.oid = relation.relnamespace
LEFT JOIN pg_description AS remark ON remark.objoid = relation.oid AND remark.objsubid = 0
WHERE space.nspname = current_schema()
  AND relation.relkind = 'r'
  AND SUBSTRING(relation.relname, 1, ${prefix.length}) = :prefix
ORDER BY 1`,
    parameters: { prefix },
  });
  const dead = rows
    .filter(([, remark]) => {
      const stagedAt = Date.parse(MARK.exec(String(remark))?.[1] ?? '');
      return Number.isNaN(stagedAt) || now.getTime() - stagedAt > KEPT_FOR_MS;
    })
    .map(([table]) => String(table));
  const drops = dead.map((table) => ({ sql: redshiftDialect.dropStaging(table) }));
  await transactBatches(warehouse, drops);
  return dead;
}
