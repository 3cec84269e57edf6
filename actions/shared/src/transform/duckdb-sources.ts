import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryDuckdb } from '../duckdb.ts';
import { PipelineError } from '../errors.ts';
import { type AuditedSource, writePlainCopy } from '../sources/audit-source.ts';
import { quoteIdentifier, quoteLiteral } from '../sql-text.ts';

const SHOWN_DUPLICATES = 20;

/**
 * Makes the view that the transform reads the source by, for example title_basics: text columns,
 * nothing quoted or escaped, and only `\N` null.
 */
export async function createSourceView(
  connection: DuckDBConnection,
  source: AuditedSource,
  workFolder: string,
): Promise<void> {
  let path = source.path;
  if (!source.plain) {
    path = join(workFolder, `${source.dataset}.tsv`);
    await writePlainCopy(source, path);
  }
  const columns = source.columns.map((column) => `${quoteLiteral(column)}: 'VARCHAR'`).join(', ');
  await connection.run(
    `CREATE VIEW ${viewOf(source)} AS
     SELECT * FROM read_csv(${quoteLiteral(path)}, auto_detect = false, header = true, delim = '\t',
       new_line = '\\n', quote = '', escape = '', comment = '', nullstr = '\\N', columns = {${columns}})`,
  );
}

/**
 * Counts the keys that stand more than once, where the audit does not know that there are none.
 *
 * @returns how many they are; of people only, whom the transform settles.
 * @throws PipelineError `failed-data`, with the keys, when a title stands twice: it would be doubled in the table.
 */
export async function countDoubledKeys(connection: DuckDBConnection, source: AuditedSource): Promise<number> {
  if (source.uniqueKeys) return 0;
  const key = keyOf(source);
  const doubledKeys = `SELECT ${key} AS key FROM ${viewOf(source)} GROUP BY ${key} HAVING count(*) > 1`;
  const { rows: counts } = await queryDuckdb(connection, `SELECT count(*) FROM (${doubledKeys})`);
  const doubled = Number(counts[0]?.[0]);
  if (doubled > 0 && source.columns[0] === 'tconst') {
    const { rows } = await queryDuckdb(connection, `${doubledKeys} ORDER BY key LIMIT ${SHOWN_DUPLICATES}`);
    throw new PipelineError({
      kind: 'failed-data',
      what: `${source.dataset} holds ${doubled} keys more than once`,
      where: source.path,
      why: `each tconst must stand once; doubled: ${rows.map(([doubledKey]) => String(doubledKey)).join(', ')}`,
      done: 'Nothing was published.',
      next: 'Get the file anew, or remove the doubled records.',
    });
  }
  return doubled;
}

/**
 * Puts a view in place of the source's that holds each key once. Of a key that stands more than once it takes
 * the greatest value of each column, so that every engine takes the same.
 */
export async function createUniqueView(connection: DuckDBConnection, source: AuditedSource): Promise<void> {
  const [key = '', ...others] = source.columns.map(quoteIdentifier);
  const greatest = others.map((column) => `max(${column}) AS ${column}`);
  const all = `all_${source.dataset.replace('.', '_')}`;
  await connection.run(`ALTER VIEW ${viewOf(source)} RENAME TO ${quoteIdentifier(all)}`);
  await connection.run(
    `CREATE VIEW ${viewOf(source)} AS
     SELECT ${[key, ...greatest].join(', ')} FROM ${quoteIdentifier(all)} GROUP BY ${key}`,
  );
}

function keyOf(source: AuditedSource): string {
  return quoteIdentifier(source.columns[0] ?? '');
}

function viewOf(source: AuditedSource): string {
  return quoteIdentifier(source.dataset.replace('.', '_'));
}
