import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type QueryResult, queryDuckdb, type SqlValue } from '../actions/shared/src/duckdb.ts';

/** One row, by column. */
export type Row = Readonly<Record<string, SqlValue>>;

/** What a query returns on a DuckDB file, opened for reading only; in memory where no file is given. */
export async function readDuckdb(sql: string, file = ':memory:'): Promise<QueryResult> {
  const options = file === ':memory:' ? {} : { access_mode: 'READ_ONLY' };
  const instance = await DuckDBInstance.create(file, options);
  const connection = await instance.connect();
  try {
    return await queryDuckdb(connection, sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** All rows of a run's Parquet files, by key. */
export async function readRunTitles(runFolder: string): Promise<Row[]> {
  return toRows(
    await readDuckdb(
      `SELECT * FROM read_parquet('${join(runFolder, '*.parquet')}', hive_partitioning = false) ORDER BY title_key`,
    ),
  );
}

/** All rows of the table in a warehouse, by key. */
export async function readLiveTitles(outputFolder: string): Promise<Row[]> {
  const file = join(outputFolder, 'warehouse.duckdb');
  return toRows(await readDuckdb('SELECT * FROM imdb_titles ORDER BY title_key', file));
}

/** The result's rows as objects. */
export function toRows({ columns, rows }: QueryResult): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}
