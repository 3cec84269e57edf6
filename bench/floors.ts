import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { loadDuckdb } from '../actions/shared/src/load-duckdb.ts';
import type { AuditedSource } from '../actions/shared/src/sources/audit-source.ts';
import { quoteIdentifier, quoteLiteral } from '../actions/shared/src/sql-text.ts';
import { createSourceView } from '../actions/shared/src/transform/duckdb-sources.ts';

/**
 * The time that any plan needs to read: each source parsed once, all of its columns counted, by the
 * reader that the DuckDB engine uses. The step is called `parse`.
 */
export async function parseFloor(
  sources: readonly AuditedSource[],
  workFolder: string,
  onStep: (step: string) => void,
): Promise<void> {
  await withDuckdb(async (connection) => {
    onStep('parse');
    for (const source of sources) {
      await createSourceView(connection, source, workFolder);
      const counts = source.columns.map((column) => `count(${quoteIdentifier(column)})`).join(', ');
      const view = quoteIdentifier(source.dataset.replace('.', '_'));
      await connection.runAndReadAll(`SELECT ${counts} FROM ${view}`);
    }
  });
}

/**
 * The time that any plan needs to write: the finished table, already in memory, written as Parquet. The
 * step `load` brings it there and does not count; the step `write` does.
 */
export async function writeFloor(
  reference: string,
  folder: string,
  onStep: (step: string) => void,
): Promise<void> {
  const files = quoteLiteral(join(reference, '*.parquet'));
  await mkdir(folder);
  await withDuckdb(async (connection) => {
    onStep('load');
    await connection.run(`CREATE TABLE finished AS FROM read_parquet(${files}, hive_partitioning = false)`);
    onStep('write');
    await connection.run(
      `COPY finished TO ${quoteLiteral(join(folder, 'part-0.parquet'))} (FORMAT parquet, COMPRESSION snappy)`,
    );
  });
}

/** Runs work on a database in memory, set up as the DuckDB engine's. */
export async function withDuckdb<Result>(
  work: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const instance = await loadDuckdb().DuckDBInstance.create(':memory:', {
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
