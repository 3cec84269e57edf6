import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Contract } from '../../actions/shared/src/contract/contract.ts';
import type { SqlValue } from '../../actions/shared/src/duckdb.ts';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { quoteIdentifier, quoteLiteral } from '../../actions/shared/src/sql-text.ts';
import { createManifest } from '../lake/create-manifest.ts';

/** A small table with a column of every type; `order` is a reserved word, so that quoting is seen to work. */
export const FILMS: Contract = {
  table: 'films',
  description: "One row for each film; the tests' own.",
  key: 'film_key',
  columns: [
    column('film_key', { type: 'varchar', max_bytes: 16, nullable: false }),
    column('title', { type: 'varchar', max_bytes: 40 }),
    column('is_short', { type: 'boolean' }),
    column('order', { type: 'integer' }),
    column('rating', { type: 'double' }),
  ],
};

/** A film: key, title, whether it is short, order, rating. */
export type Film = readonly [
  key: string | null,
  title: string | null,
  isShort: boolean | null,
  order: number | null,
  rating: number | null,
];

function column(
  name: string,
  differences: Partial<Contract['columns'][number]>,
): Contract['columns'][number] {
  return {
    name,
    specified_as: name,
    type: 'varchar',
    nullable: true,
    description: `The ${name}.`,
    ...differences,
  };
}

/** The films as an SQL table expression with the contract's columns and types. */
export function filmsSelect(films: readonly Film[]): string {
  const names = FILMS.columns.map(({ name }) => quoteIdentifier(name));
  const values = films.map((film) => `(${film.map(sqlText).join(', ')})`);
  const types = ['VARCHAR', 'VARCHAR', 'BOOLEAN', 'INTEGER', 'DOUBLE'];
  const casts = names.map((name, index) => `CAST(${name} AS ${types[index]}) AS ${name}`);
  const table =
    films.length > 0
      ? `(VALUES ${values.join(', ')}) AS films (${names.join(', ')})`
      : `(SELECT ${names.map((name) => `NULL AS ${name}`).join(', ')} WHERE FALSE) AS films`;
  return `SELECT ${casts.join(', ')} FROM ${table}`;
}

function sqlText(value: SqlValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? quoteLiteral(value) : String(value);
}

/** Writes one Parquet file for each of the SELECT statements and returns a run that holds them. */
export async function writeRun(
  folder: string,
  selects: readonly string[],
  overrides: Parameters<typeof createManifest>[0] = {},
): Promise<FinishedRun> {
  await mkdir(folder, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const files = [];
    for (const [index, select] of selects.entries()) {
      const path = join(folder, `part-${index}.parquet`);
      await connection.run(`COPY (${select}) TO ${quoteLiteral(path)} (FORMAT parquet)`);
      const reader = await connection.runAndReadAll(`SELECT COUNT(*) FROM (${select})`);
      const rows = Number(reader.getRowsJS()[0]?.[0]);
      files.push({ path: basename(path), bytes: (await stat(path)).size, rows });
    }
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const schema = FILMS.columns.map(({ name, type }) => ({
      name,
      type,
      max_bytes: type === 'varchar' ? 5 : null,
    }));
    return { folder, manifest: createManifest({ files, rows, schema, ...overrides }) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A run of these films, in one file. */
export function writeFilms(
  folder: string,
  films: readonly Film[],
  overrides: Parameters<typeof createManifest>[0] = {},
): Promise<FinishedRun> {
  return writeRun(folder, [filmsSelect(films)], overrides);
}
