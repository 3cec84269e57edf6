import { join } from 'node:path';
import { z } from 'zod';
import type { Contract } from '../contract/contract.ts';
import { PipelineError } from '../errors.ts';
import type { FinishedRun } from '../lake/run.ts';
import type { FreshnessReport, LoadReport } from '../report/run-report.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { coversMode, PUBLISH_MODES, type PublishMode, publishStatements } from './publish.ts';
import { createStagingTable, freshnessViewOf, ledgerOf, stagingPrefixOf } from './tables.ts';
import type { Warehouse } from './warehouse.ts';

/** A load: which run goes into the table, and how. */
export interface LoadRequest {
  readonly contract: Contract;
  readonly run: FinishedRun;
  readonly mode: PublishMode;
  /** The load's own id: the same again after a restart, another for each deliberate load. */
  readonly loadId: string;
}

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

/**
 * Copies the run into a staging table of its own, after sweeping those that dead loads left.
 *
 * @returns the staging table's name.
 * @throws PipelineError `failed-infra` when the table holds another number of rows than the manifest tells.
 */
export async function stageRun(
  warehouse: Warehouse,
  { contract, run, loadId }: LoadRequest,
): Promise<string> {
  await dropStaging(warehouse, contract);
  const table = `${stagingPrefixOf(contract)}${loadId.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')}`;
  await warehouse.transact([{ sql: createStagingTable(table, contract, warehouse.dialect) }]);
  await warehouse.copyParquet(
    table,
    contract,
    run.manifest.files.map((file) => join(run.folder, file.path)),
  );
  const { rows } = await warehouse.query({ sql: `SELECT COUNT(*) FROM ${quoteIdentifier(table)}` });
  const staged = Number(rows[0]?.[0]);
  if (staged !== run.manifest.rows) {
    throw loadFailure(
      'failed-infra',
      'The run was not staged whole',
      table,
      `${staged} of ${run.manifest.rows} rows came`,
    );
  }
  return table;
}

/** Drops the table's staging tables; only one load at a time has the warehouse open for writing. */
export async function dropStaging(warehouse: Warehouse, contract: Contract): Promise<void> {
  const tables = await warehouse.listTables(stagingPrefixOf(contract));
  if (tables.length === 0) return;
  await warehouse.transact(tables.map((table) => ({ sql: `DROP TABLE ${quoteIdentifier(table)}` })));
}

/**
 * Publishes a staged run in one transaction and tells what changed.
 *
 * @throws PipelineError `failed-data` when the rows break the contract, whatever the checks allow: a null
 *   where there may be none, or a key that is not unique, by which merging would lose or double rows.
 */
export async function publishStaged(
  warehouse: Warehouse,
  { contract, run, mode, loadId }: LoadRequest,
  staged: { readonly table: string; readonly publishedAt: Date },
): Promise<LoadReport> {
  await refuseBrokenContract(warehouse, contract, staged.table);
  await warehouse.transact(
    publishStatements(contract, {
      loadId,
      runId: run.manifest.run_id,
      fingerprint: run.manifest.fingerprint,
      sourceDate: run.manifest.source_date,
      stagingTable: staged.table,
      mode,
      publishedAt: staged.publishedAt.toISOString(),
    }),
  );
  const published = await readLedger(warehouse, contract, loadId);
  if (published === null) {
    throw loadFailure(
      'failed-infra',
      'The load left no row in the ledger',
      ledgerOf(contract),
      `load ${loadId}`,
    );
  }
  return { ...published, already_loaded: false };
}

async function refuseBrokenContract(warehouse: Warehouse, contract: Contract, table: string): Promise<void> {
  const key = quoteIdentifier(contract.key);
  const present = contract.columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
  const counts = present.map((name) => `COUNT(${quoteIdentifier(name)})`);
  const { rows } = await warehouse.query({
    sql: `SELECT ${['COUNT(*)', `COUNT(${key})`, `COUNT(DISTINCT ${key})`, ...counts].join(', ')}
FROM ${quoteIdentifier(table)}`,
  });
  const [total = 0, keyed = 0, distinct = 0, ...filled] = (rows[0] ?? []).map(Number);
  const broken = [
    ...present.flatMap((name, index) => {
      const nulls = total - (filled[index] ?? 0);
      return nulls === 0 ? [] : [`${name} is null in ${nulls} of ${total} rows`];
    }),
    ...(distinct === keyed ? [] : [`${keyed} rows share ${distinct} values of ${contract.key}`]),
  ];
  if (broken.length > 0) {
    throw loadFailure('failed-data', 'The rows break the contract', table, broken.join('; '));
  }
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
async function readLedger(
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

function loadFailure(
  kind: 'failed-data' | 'failed-infra',
  what: string,
  where: string,
  why: string,
): PipelineError {
  return new PipelineError({
    kind,
    what,
    where,
    why,
    done: 'Nothing was published; the table is as it was.',
    next: kind === 'failed-data' ? 'Mend the source and run again.' : 'Run again.',
  });
}
