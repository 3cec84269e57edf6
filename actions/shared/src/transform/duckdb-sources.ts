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
 *
 * @throws PipelineError `failed-infra` when DuckDB reads another number of records than the audit counted.
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
  const view = viewOf(source);
  await connection.run(
    `CREATE VIEW ${view} AS SELECT * FROM read_csv(${quoteLiteral(path)}, auto_detect = false, header = true,
       delim = '\t', new_line = '\\n', quote = '', escape = '', comment = '', nullstr = '\\N', columns = {${columns}})`,
  );
  const counted = await count(connection, `SELECT count(*) FROM ${view}`);
  const accepted = source.rows - source.rejects;
  if (counted !== accepted) {
    throw new PipelineError({
      kind: 'failed-infra',
      what: `${source.dataset} was not read whole`,
      where: source.path,
      why: `the file holds ${accepted} good records, DuckDB read ${counted}`,
      done: 'Nothing was published.',
      next: 'Run again; if the file did not change meanwhile, report this as a defect.',
    });
  }
}

/**
 * Counts the people who stand twice in name.basics; the transform settles those.
 *
 * @throws PipelineError `failed-data`, with the keys, when a title stands twice in a source: it would be
 *   doubled in the table.
 */
export async function checkDuplicates(
  connection: DuckDBConnection,
  sources: readonly AuditedSource[],
): Promise<number> {
  let doubledNames = 0;
  for (const source of sources) {
    const key = quoteIdentifier(source.columns[0] ?? '');
    const doubled = `SELECT ${key} AS doubled FROM ${viewOf(source)} GROUP BY ${key} HAVING count(*) > 1`;
    const total = await count(connection, `SELECT count(*) FROM (${doubled})`);
    if (total === 0) continue;
    if (source.columns[0] === 'nconst') {
      doubledNames = total;
      continue;
    }
    const { rows } = await queryDuckdb(connection, `${doubled} ORDER BY doubled LIMIT ${SHOWN_DUPLICATES}`);
    throw new PipelineError({
      kind: 'failed-data',
      what: `${source.dataset} holds ${total} keys more than once`,
      where: source.path,
      why: `each tconst must stand once; doubled: ${rows.map(([doubledKey]) => String(doubledKey)).join(', ')}`,
      done: 'Nothing was published.',
      next: 'Get the file anew, or remove the doubled records.',
    });
  }
  return doubledNames;
}

function viewOf(source: AuditedSource): string {
  return quoteIdentifier(source.dataset.replace('.', '_'));
}

async function count(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await queryDuckdb(connection, sql)).rows[0]?.[0]);
}
