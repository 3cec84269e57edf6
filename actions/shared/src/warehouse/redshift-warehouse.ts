import { createHash } from 'node:crypto';
import type { Contract } from '../contract/contract.ts';
import { type DataApi, describeTarget } from '../redshift-data/data-api.ts';
import { findRunning } from '../redshift-data/find-statement.ts';
import { followStatement } from '../redshift-data/follow-statement.ts';
import { readResult } from '../redshift-data/read-result.ts';
import { runStatements } from '../redshift-data/run-statements.ts';
import { refuseFailed } from '../redshift-data/statement-failure.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { type CopySource, copyFailure, copyStatements, writeCopyManifest } from './redshift-copy.ts';
import { redshiftDialect } from './redshift-dialect.ts';
import { markStaging } from './sweep-staging.ts';
import {
  commentStatements,
  createLedger,
  createMetrics,
  createTable,
  freshnessSelect,
  freshnessViewOf,
  ledgerOf,
  metricsTableOf,
} from './tables.ts';
import { transactBatches } from './transact-batches.ts';
import type { Statement, Warehouse } from './warehouse.ts';

/** A load's way to Redshift. */
export interface RedshiftOptions {
  readonly api: DataApi;
  readonly copy: CopySource;
  /** Begins the names of all statements: the same again when the load is started again. */
  readonly loadId: string;
}

/**
 * Opens the warehouse on Redshift for one load. What an earlier process of the same load left running
 * there is waited for, whatever its end, so that the ledger tells afterwards whether it published. Only a
 * COPY is left to itself: {@link Warehouse.copyParquet} follows it when its turn comes.
 *
 * @throws PipelineError `failed-infra` when it has not ended by the deadline.
 */
export async function openRedshiftWarehouse({ api, copy, loadId }: RedshiftOptions): Promise<Warehouse> {
  for (const { Id: id, StatementName: name = '' } of await findRunning(api, `${loadId}/transact-`)) {
    if (id !== undefined) await followStatement(api, id, name);
  }

  const database = openRedshiftDatabase(api, loadId);
  const { query, transact } = database;
  const isStaged = async (table: string) => (await listRelations(query, 'r', table)).includes(table);
  return {
    ...database,
    ensureTable: async (contract) => {
      const { table } = contract;
      const listThere = async () =>
        new Set([
          ...(await listRelations(query, 'r', table)),
          ...(await listRelations(query, 'v', freshnessViewOf(contract))),
        ]);
      const there = await listThere();
      const wanted = [
        [table, createTable(table, contract, redshiftDialect)],
        [ledgerOf(contract), createLedger(contract)],
        [metricsTableOf(contract), createMetrics(contract)],
        // Redshift knows no IF NOT EXISTS for views, and one that is replaced might lose its grants. It is
        // bound to the ledger, which nothing ever drops.
        [freshnessViewOf(contract), createFreshnessView(contract)],
      ] as const;
      const statements = [
        ...wanted.flatMap(([name, sql]) => (there.has(name) ? [] : [{ sql }])),
        // On a table that is there, DDL would wait for its readers, and they for it.
        ...(there.has(table) ? [] : commentStatements(contract, redshiftDialect).map((sql) => ({ sql }))),
      ];
      try {
        await transactBatches({ transact }, statements);
      } catch (error) {
        // Another load that makes the same at the same time may have been the faster one.
        const made = await listThere();
        if (!wanted.every(([name]) => made.has(name))) throw error;
      }
    },
    listTables: (prefix) => listRelations(query, 'r', prefix),
    copyParquet: async (table, contract, files) => {
      if (await isStaged(table)) return;
      const manifest = files.length === 0 ? null : await writeCopyManifest(copy, table, files);
      const source = manifest === null ? null : { manifest, roleArn: copy.roleArn };
      const statements = copyStatements(table, contract, source);
      const name = stepName(loadId, 'copy', statements);
      const mark = { sql: markStaging(table, new Date(api.timing.now())) };
      const ended = await runStatements(api, [...statements, mark], { name, isFollowed: true });
      if (ended.status === 'FINISHED') return;
      // Of two processes of one load that copy at once, Redshift lets one make the table.
      if (!(await isStaged(table))) throw await copyFailure(api, ended, `${loadId}/query`);
    },
    analyze: async (table) => {
      const analyze = [{ sql: `ANALYZE ${quoteIdentifier(table)}` }];
      refuseFailed(api, await runStatements(api, analyze, { name: `${loadId}/analyze`, isFollowed: false }));
    },
    // The Data API holds no connection, and the clients are the caller's.
    close: () => Promise.resolve(),
  };
}

/**
 * Redshift for whoever asks and changes; nothing is loaded through it. Of two that run the same statements
 * under one name at once, one sends them and the other follows.
 *
 * @param namePrefix begins the names of all statements.
 */
export function openRedshiftDatabase(
  api: DataApi,
  namePrefix: string,
): Pick<Warehouse, 'description' | 'dialect' | 'query' | 'transact'> {
  return {
    description: describeTarget(api.target),
    dialect: redshiftDialect,
    query: async (statement) => {
      const name = { name: `${namePrefix}/query`, isFollowed: false };
      const ended = await runStatements(api, [statement], name);
      refuseFailed(api, ended);
      if (ended.description.HasResultSet !== true) return { columns: [], rows: [] };
      return readResult(api, ended.id);
    },
    transact: async (statements) => {
      if (statements.length === 0) return;
      const name = stepName(namePrefix, 'transact', statements);
      refuseFailed(api, await runStatements(api, statements, { name, isFollowed: true }));
    },
  };
}

/**
 * The name of a step's statements. Their texts tell the steps of a load apart; their parameters do not
 * count, for the time of a publish is another when the load is started again.
 */
export function stepName(
  loadId: string,
  step: 'transact' | 'copy',
  statements: readonly Statement[],
): string {
  const hash = createHash('sha256').update(JSON.stringify(statements.map(({ sql }) => sql)));
  return `${loadId}/${step}-${hash.digest('hex').slice(0, 12)}`;
}

function createFreshnessView(contract: Contract): string {
  return `CREATE VIEW ${quoteIdentifier(freshnessViewOf(contract))} AS ${freshnessSelect(contract)}`;
}

/** The tables or views of the current schema whose names begin so, from the catalogue's own tables. */
async function listRelations(query: Warehouse['query'], kind: 'r' | 'v', prefix: string): Promise<string[]> {
  const { rows } = await query({
    sql: `SELECT CAST(relation.relname AS VARCHAR(128)) AS table_name
FROM pg_class AS relation
JOIN pg_namespace AS space ON space.oid = relation.relnamespace
WHERE space.nspname = current_schema()
  AND relation.relkind = '${kind}'
  AND SUBSTRING(relation.relname, 1, ${prefix.length}) = :prefix
ORDER BY 1`,
    parameters: { prefix },
  });
  return rows.map(([name]) => String(name));
}
