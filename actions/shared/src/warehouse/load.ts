import { join } from 'node:path';
import type { Contract } from '../contract/contract.ts';
import { type FailureKind, messageOf, PipelineError } from '../errors.ts';
import type { FinishedRun } from '../lake/run.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import type { LoadReport } from './load-report.ts';
import { type Metric, metricsStatements } from './metrics.ts';
import { type PublishMode, publishStatements } from './publish.ts';
import { ledgerOf, metricsTableOf, stagingPrefixOf } from './tables.ts';
import type { Warehouse } from './warehouse.ts';

/** A load: which run goes into the table, and how. */
export interface LoadRequest {
  readonly contract: Contract;
  readonly run: FinishedRun;
  readonly mode: PublishMode;
  /** Whether `merge` also removes the titles that vanished from the source. */
  readonly deleteMissing?: boolean;
  /** The load's own id: the same again after a restart, another for each deliberate load. */
  readonly loadId: string;
}

/**
 * Copies the run into a staging table of its own, after sweeping those that dead loads left.
 *
 * @param sweep drops what dead loads left; another way is needed where several loads have the warehouse open.
 * @returns the staging table's name.
 * @throws PipelineError `failed-infra` when the table holds another number of rows than the manifest tells.
 */
export async function stageRun(
  warehouse: Warehouse,
  { contract, run, loadId }: LoadRequest,
  sweep: typeof dropStaging = dropStaging,
): Promise<string> {
  await sweep(warehouse, contract);
  const table = stagingTableOf(contract, loadId);
  await warehouse.copyParquet(
    table,
    contract,
    run.manifest.files.map(({ path, bytes }) => ({ path: pathIn(run.folder, path), bytes })),
  );
  await refuseOtherRows(warehouse, run, table);
  return table;
}

/** The name of a load's staging table. */
export function stagingTableOf(contract: Contract, loadId: string): string {
  return `${stagingPrefixOf(contract)}${loadId.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')}`;
}

/**
 * Lets a staging table pass that has as many rows as the run's manifest tells, and drops any other, for the load
 * would find and take it again.
 *
 * @throws PipelineError `failed-infra` otherwise.
 */
export async function refuseOtherRows(warehouse: Warehouse, run: FinishedRun, table: string): Promise<void> {
  const { rows } = await warehouse.query({ sql: `SELECT COUNT(*) FROM ${quoteIdentifier(table)}` });
  const staged = Number(rows[0]?.[0]);
  if (staged === run.manifest.rows) return;
  await warehouse.transact([{ sql: warehouse.dialect.dropStaging(table) }]);
  throw loadFailure(
    'failed-infra',
    'The run was not staged whole',
    table,
    `${staged} of ${run.manifest.rows} rows came`,
  );
}

/** A file's path in a run's folder; the folder may be a prefix in S3, which `join` would spoil. */
export function pathIn(folder: string, path: string): string {
  return folder.startsWith('s3://') ? `${folder.replace(/\/+$/, '')}/${path}` : join(folder, path);
}

/** Drops the table's staging tables; only one load at a time has the warehouse open for writing. */
export async function dropStaging(warehouse: Warehouse, contract: Contract): Promise<void> {
  const tables = await warehouse.listTables(stagingPrefixOf(contract));
  if (tables.length === 0) return;
  await warehouse.transact(tables.map((table) => ({ sql: warehouse.dialect.dropStaging(table) })));
}

/**
 * Publishes a staged run and what its checks measured in one transaction, and tells what changed.
 *
 * @throws PipelineError `failed-data` when the rows break the contract, whatever the checks allow: a null
 *   where there may be none, or a key that is not unique, by which merging would lose or double rows.
 */
export async function publishStaged(
  warehouse: Warehouse,
  { contract, run, mode, deleteMissing = false, loadId }: LoadRequest,
  staged: {
    readonly table: string;
    readonly publishedAt: Date;
    /** What its checks measured; none where no checks ran. */
    readonly metrics?: readonly Metric[];
  },
): Promise<LoadReport> {
  await refuseBrokenContract(warehouse, contract, staged.table);
  await warehouse.transact([
    // Of our tables the one that no reader of the table or its freshness looks at.
    ...warehouse.dialect.exclusive(metricsTableOf(contract)).map((sql) => ({ sql })),
    ...metricsStatements(contract, loadId, staged.metrics ?? [], warehouse.dialect),
    ...publishStatements(
      contract,
      {
        loadId,
        runId: run.manifest.run_id,
        fingerprint: run.manifest.fingerprint,
        sourceDate: run.manifest.source_date,
        stagingTable: staged.table,
        mode,
        deleteMissing,
        publishedAt: staged.publishedAt.toISOString(),
      },
      warehouse.dialect,
    ),
  ]);
  return { ...(await readPublished(warehouse, contract, loadId)), already_loaded: false };
}

/** The row that the transaction wrote; that it was committed holds whatever keeps the row from being read. */
async function readPublished(warehouse: Warehouse, contract: Contract, loadId: string): Promise<LedgerRow> {
  const unread = (kind: FailureKind, why: string, cause?: unknown) =>
    new PipelineError(
      {
        kind,
        what: 'The load is published, and what it changed is not known',
        where: `load ${loadId} in ${ledgerOf(contract)}`,
        why,
        done: 'The transaction that publishes was committed.',
        next: 'Run again: it finds the load in the ledger and tells what it changed.',
      },
      { cause },
    );
  try {
    const published = await readLedger(warehouse, contract, loadId);
    if (published !== null) return published;
  } catch (error) {
    const kind = error instanceof PipelineError ? error.failure.kind : 'failed-infra';
    throw unread(kind, messageOf(error), error);
  }
  throw unread('failed-infra', 'the ledger has no row of it');
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
