import { types } from 'node:util';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TaskLog } from './task-log.ts';

const PROGRESS_INTERVAL_MS = 250;

/** A value as the results of this pipeline's queries hold it; times come as ISO 8601 text in UTC. */
export type SqlValue = string | number | boolean | null;

/** What a query returned. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Runs one statement on DuckDB and reads all of its result; parameters are named `$name` in the SQL. */
export async function queryDuckdb(
  connection: DuckDBConnection,
  sql: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<QueryResult> {
  const reader = await connection.runAndReadAll(sql, parameters);
  return {
    columns: reader.deduplicatedColumnNames(),
    rows: reader.getRowsJS().map((row) => row.map(plainValue)),
  };
}

/** Runs one statement that takes long, telling how far it is, and reads all of its result. */
export async function queryWithProgress(
  connection: DuckDBConnection,
  sql: string,
  log: TaskLog,
): Promise<QueryResult> {
  const timer = setInterval(() => {
    const { percentage } = connection.progress;
    if (percentage > 0) log.progress(`${Math.floor(percentage)} %`);
  }, PROGRESS_INTERVAL_MS);
  try {
    return await queryDuckdb(connection, sql);
  } finally {
    clearInterval(timer);
  }
}

function plainValue(value: unknown): SqlValue {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  if (typeof value === 'bigint') return Number(value);
  if (types.isDate(value)) return value.toISOString();
  return JSON.stringify(value, (_key, nested: unknown) =>
    typeof nested === 'bigint' ? Number(nested) : nested,
  );
}
