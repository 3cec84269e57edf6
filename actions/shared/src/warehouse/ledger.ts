import { z } from 'zod';
import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { FreshnessReport, LoadReport } from './load-report.ts';
import { coversMode, PUBLISH_MODES, type PublishMode } from './publish.ts';
import { freshnessViewOf, ledgerOf } from './tables.ts';
import type { Warehouse } from './warehouse.ts';

/**
 * The load that made this one needless, or null: the load itself, published before it was told, or the
 * last load, when it published the same content in a mode that leaves nothing to do.
 */
export async function findPublishedLoad(
  warehouse: Warehouse,
  contract: Contract,
  load: { readonly loadId: string; readonly fingerprint: string; readonly mode: PublishMode },
): Promise<LoadReport | null> {
  const own = await readLedger(warehouse, contract, load.loadId);
  if (own !== null) return { ...own, already_loaded: true };
  const last = await readLedger(warehouse, contract, null);
  const isCovered =
    last !== null && last.fingerprint === load.fingerprint && coversMode(last.mode, load.mode);
  return isCovered ? { ...last, already_loaded: true } : null;
}

/** How fresh the table is; null when nothing was ever published. */
export async function readFreshness(
  warehouse: Warehouse,
  contract: Contract,
): Promise<FreshnessReport | null> {
  if (!(await hasLedger(warehouse, contract))) return null;
  const { rows } = await warehouse.query({
    sql: `SELECT source_date, published_at, run_id, rows_total FROM ${quoteIdentifier(freshnessViewOf(contract))}`,
  });
  const [row] = rows;
  if (row === undefined) return null;
  const [sourceDate, publishedAt, runId, rowsTotal] = row;
  return {
    source_date: String(sourceDate),
    published_at: String(publishedAt),
    run_id: String(runId),
    rows_total: Number(rowsTotal),
  };
}

const ledgerRow = z.object({
  load_id: z.string(),
  mode: z.enum(PUBLISH_MODES),
  fingerprint: z.string(),
  rows_staged: z.number(),
  rows_inserted: z.number(),
  rows_updated: z.number(),
  rows_deleted: z.number(),
  rows_unchanged: z.number(),
  rows_stale: z.number(),
  rows_vanished: z.number(),
  rows_total: z.number(),
});

type LedgerRow = z.infer<typeof ledgerRow>;

/** The ledger's row of a load, or of the last load when none is named; null when there is none. */
export async function readLedger(
  warehouse: Warehouse,
  contract: Contract,
  loadId: string | null,
): Promise<LedgerRow | null> {
  if (!(await hasLedger(warehouse, contract))) return null;
  const { columns, rows } = await warehouse.query({
    sql: `SELECT ${Object.keys(ledgerRow.shape).join(', ')}
FROM ${quoteIdentifier(ledgerOf(contract))}
${loadId === null ? '' : 'WHERE load_id = :load_id'}
ORDER BY load_number DESC
LIMIT 1`,
    ...(loadId === null ? {} : { parameters: { load_id: loadId } }),
  });
  const [row] = rows;
  if (row === undefined) return null;
  return ledgerRow.parse(Object.fromEntries(columns.map((column, index) => [column, row[index]])));
}

async function hasLedger(warehouse: Warehouse, contract: Contract): Promise<boolean> {
  const ledger = ledgerOf(contract);
  return (await warehouse.listTables(ledger)).includes(ledger);
}

/** How many rows the table had after the last load; null when nothing was ever published. */
export async function lastRowsTotal(warehouse: Warehouse, contract: Contract): Promise<number | null> {
  return (await readLedger(warehouse, contract, null))?.rows_total ?? null;
}
