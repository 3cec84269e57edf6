import { resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Contract, ContractType } from '../contract/contract.ts';
import { queryDuckdb } from '../duckdb.ts';
import { messageOf, PipelineError } from '../errors.ts';
import { interruptible } from '../interruptible.ts';
import { loadDuckdb } from '../load-duckdb.ts';
import { quoteIdentifier, quoteLiteral } from '../sql-text.ts';
import {
  columnList,
  commentStatements,
  createLedger,
  createMetrics,
  createTable,
  freshnessSelect,
  freshnessViewOf,
} from './tables.ts';
import type { Dialect, Statement, Warehouse } from './warehouse.ts';

const TYPES: Readonly<Record<ContractType, string>> = {
  varchar: 'VARCHAR',
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  double: 'DOUBLE',
};

/** DuckDB's words. It knows no widths: the preflight and the checks hold them instead. */
export const duckdbDialect: Dialect = {
  columnType: ({ type }) => TYPES[type],
  matches: (expression, pattern) => `regexp_matches(${expression}, ${quoteLiteral(pattern)})`,
  // Its own octet_length takes no text.
  byteLength: (expression) => `strlen(${expression})`,
  literal: quoteLiteral,
  dropStaging: (table) => `DROP VIEW IF EXISTS ${quoteIdentifier(table)}`,
  // One process at a time has the file open for writing.
  exclusive: () => [],
};

/** How long another process that has the file open is waited for. */
export interface LockPatience {
  readonly attempts: number;
  readonly pauseMs: number;
}

/**
 * Opens the warehouse in a DuckDB file, which is made where there is none. A file that one process has
 * open for writing can be opened by no other, which waits for a while.
 *
 * @param signal interrupts the query that runs; none is begun afterwards.
 * @throws PipelineError `failed-infra` when the file cannot be opened.
 */
export async function openDuckdbWarehouse(
  path: string,
  patience: LockPatience,
  access: 'READ_WRITE' | 'READ_ONLY' = 'READ_WRITE',
  signal?: AbortSignal,
): Promise<Warehouse> {
  const instance = await openFile(path, patience, access);
  const connection = await instance.connect();
  let isOpen = true;
  const run = async ({ sql, parameters = {} }: Statement) =>
    interruptible(connection, signal, () =>
      queryDuckdb(
        connection,
        sql.replaceAll(/:([a-z_]+)/g, (text, name: string) =>
          Object.hasOwn(parameters, name) ? `$${name}` : text,
        ),
        parameters,
      ),
    );

  return {
    description: `the DuckDB file ${path}`,
    dialect: duckdbDialect,
    query: run,
    transact: (statements) =>
      inTransaction(connection, async () => {
        for (const statement of statements) await run(statement);
      }),
    ensureTable: (contract) =>
      inTransaction(connection, async () => {
        await run({ sql: createTable(contract.table, contract, duckdbDialect) });
        await run({ sql: createLedger(contract) });
        await run({ sql: createMetrics(contract) });
        const view = quoteIdentifier(freshnessViewOf(contract));
        await run({ sql: `CREATE VIEW IF NOT EXISTS ${view} AS ${freshnessSelect(contract)}` });
        for (const sql of commentStatements(contract, duckdbDialect)) await run({ sql });
      }),
    listTables: async (prefix) => {
      const { rows } = await run({
        sql: 'SELECT table_name FROM information_schema.tables WHERE starts_with(table_name, :prefix) ORDER BY table_name',
        parameters: { prefix },
      });
      return rows.map(([name]) => String(name));
    },
    // Parquet is read in place: a copy would cost as much as publishing, and be dropped after it.
    copyParquet: async (table, contract, files) => {
      const columns = columnList(contract);
      const paths = files.map((file) => quoteLiteral(resolve(file.path))).join(', ');
      const source =
        files.length === 0
          ? emptyRows(contract)
          : `SELECT ${columns} FROM read_parquet([${paths}], hive_partitioning = false)`;
      await run({ sql: `CREATE OR REPLACE VIEW ${quoteIdentifier(table)} AS ${source}` });
    },
    // DuckDB's ANALYZE reads the whole table, for statistics that serve the order of joins alone.
    analyze: () => Promise.resolve(),
    close: () => {
      if (!isOpen) return Promise.resolve();
      isOpen = false;
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}

/** A query of no rows with the contract's columns. */
function emptyRows({ columns }: Contract): string {
  const nulls = columns.map(
    (column) => `CAST(NULL AS ${duckdbDialect.columnType(column)}) AS ${quoteIdentifier(column.name)}`,
  );
  return `SELECT ${nulls.join(', ')} WHERE false`;
}

async function inTransaction(connection: DuckDBConnection, work: () => Promise<void>): Promise<void> {
  await connection.run('BEGIN');
  try {
    await work();
    await connection.run('COMMIT');
  } catch (error) {
    // A failed statement has ended the transaction already on some failures, a full disk for one.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function openFile(path: string, patience: LockPatience, access: string): Promise<DuckDBInstance> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await loadDuckdb().DuckDBInstance.create(path, { access_mode: access });
    } catch (error) {
      const locked = messageOf(error).includes('Could not set lock on file');
      if (locked && attempt < patience.attempts) {
        await new Promise((wake) => setTimeout(wake, patience.pauseMs));
        continue;
      }
      throw new PipelineError(
        {
          kind: 'failed-infra',
          what: 'The warehouse cannot be opened',
          where: path,
          why: messageOf(error),
          done: 'Nothing was published.',
          next: locked
            ? 'Another process has the file open; close it and run again.'
            : "Check the path, its rights and the disk's space.",
        },
        { cause: error },
      );
    }
  }
}
