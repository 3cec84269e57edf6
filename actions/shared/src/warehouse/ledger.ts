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
  load: {
    readonly loadId: string;
    readonly fingerprint: string;
    readonly mode: PublishMode;
    /** Whether `merge` is to remove what vanished, too. */
    readonly deleteMissing?: boolean;
  },
): Promise<LoadReport | null> {
  if (!(await hasLedger(warehouse, contract))) return null;
  const rows = await readRows(warehouse, contract, `${IS_OWN} OR ${isLastOf(contract)}`, load.loadId);
  const own = rows.find(({ load_id }) => load_id === load.loadId);
  if (own !== undefined) return { ...own, already_loaded: true };
  const [last] = rows;
  if (last === undefined || last.fingerprint !== load.fingerprint) return null;
  const requested = load.deleteMissing === true ? 'replace' : load.mode;
  return coversMode(leftAsReplace(last) ? 'replace' : last.mode, requested)
    ? { ...last, already_loaded: true }
    : null;
}

/** Whether the load left the table with what its source holds and nothing else, whatever its mode. */
function leftAsReplace({ rows_stale, rows_vanished, rows_deleted }: LedgerRow): boolean {
  return rows_stale === 0 && rows_vanished === rows_deleted;
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

/** A row of the ledger: a load that was published. */
export type LedgerRow = z.infer<typeof ledgerRow>;

/** The ledger's row of a load, or of the last load when none is named; null when there is none. */
export async function readLedger(
  warehouse: Warehouse,
  contract: Contract,
  loadId: string | null,
): Promise<LedgerRow | null> {
  if (!(await hasLedger(warehouse, contract))) return null;
  const wanted = loadId === null ? isLastOf(contract) : IS_OWN;
  return (await readRows(warehouse, contract, wanted, loadId))[0] ?? null;
}

const IS_OWN = 'load_id = :load_id';

function isLastOf(contract: Contract): string {
  return `load_number = (SELECT MAX(load_number) FROM ${quoteIdentifier(ledgerOf(contract))})`;
}

/** The rows for which the condition holds, the last load first. */
async function readRows(
  warehouse: Warehouse,
  contract: Contract,
  condition: string,
  loadId: string | null,
): Promise<LedgerRow[]> {
  const { columns, rows } = await warehouse.query({
    sql: `SELECT ${Object.keys(ledgerRow.shape).join(', ')}
FROM ${quoteIdentifier(ledgerOf(contract))}
WHERE ${condition}
ORDER BY load_number DESC`,
    ...(loadId === null ? {} : { parameters: { load_id: loadId } }),
  });
  return rows.map((row) =>
    ledgerRow.parse(Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
  );
}

/**
 * How often loads were published whose ids begin so, and whether one of them was the last load of all.
 *
 * @param idPrefix what the ids of loads of one run in one mode have in common.
 */
export async function countPublished(
  warehouse: Warehouse,
  contract: Contract,
  idPrefix: string,
): Promise<{ readonly times: number; readonly isLast: boolean }> {
  if (!(await hasLedger(warehouse, contract))) return { times: 0, isLast: false };
  const ledger = quoteIdentifier(ledgerOf(contract));
  const { rows } = await warehouse.query({
    sql: `SELECT load_number, (SELECT MAX(load_number) FROM ${ledger}) AS last_number
FROM ${ledger}
WHERE SUBSTRING(load_id, 1, ${idPrefix.length}) = :id_prefix
ORDER BY load_number DESC`,
    parameters: { id_prefix: idPrefix },
  });
  const [[number, lastNumber] = []] = rows;
  return { times: rows.length, isLast: rows.length > 0 && number === lastNumber };
}

async function hasLedger(warehouse: Warehouse, contract: Contract): Promise<boolean> {
  const ledger = ledgerOf(contract);
  return (await warehouse.listTables(ledger)).includes(ledger);
}

/** A published load as far as what comes after it is compared with it. */
export interface PastLoad {
  readonly load_number: number;
  /** The newest modification time among the source files, ISO 8601. */
  readonly source_date: string;
  /** Rows of the table after the load. */
  readonly rows_total: number;
}

/** The last loads, so many of them, the last one first. */
export async function readLastLoads(
  warehouse: Warehouse,
  contract: Contract,
  loads: number,
): Promise<readonly PastLoad[]> {
  if (!(await hasLedger(warehouse, contract))) return [];
  const { rows } = await warehouse.query({
    sql: `SELECT load_number, source_date, rows_total
FROM ${quoteIdentifier(ledgerOf(contract))}
ORDER BY load_number DESC
LIMIT ${loads}`,
  });
  return rows.map(([number, sourceDate, rowsTotal]) => ({
    load_number: Number(number),
    source_date: String(sourceDate),
    rows_total: Number(rowsTotal),
  }));
}
