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
 * Reads a source's keys once: counts the records, and those keys that stand more than once.
 *
 * @returns how many keys stand more than once; of people only, whom the transform settles.
 * @throws PipelineError `failed-infra` when DuckDB reads another number of records than the audit counted;
 *   `failed-data`, with the keys, when a title stands twice: it would be doubled in the table.
 */
export async function checkKeys(connection: DuckDBConnection, source: AuditedSource): Promise<number> {
  const key = quoteIdentifier(source.columns[0] ?? '');
  const keys = `SELECT ${key} AS key, count(*) AS records FROM ${viewOf(source)} GROUP BY ${key}`;
  const { rows: counts } = await queryDuckdb(
    connection,
    `SELECT coalesce(sum(records), 0)::BIGINT, count(*) FILTER (records > 1) FROM (${keys})`,
  );
  const [records = 0, doubled = 0] = (counts[0] ?? []).map(Number);

  const accepted = source.rows - source.rejects;
  if (records !== accepted) {
    throw new PipelineError({
      kind: 'failed-infra',
      what: `${source.dataset} was not read whole`,
      where: source.path,
      why: `the file holds ${accepted} good records, DuckDB read ${records}`,
      done: 'Nothing was published.',
      next: 'Run again; if the file did not change meanwhile, report this as a defect.',
    });
  }
  if (doubled > 0 && source.columns[0] === 'tconst') {
    const { rows } = await queryDuckdb(
      connection,
      `SELECT key FROM (${keys}) WHERE records > 1 ORDER BY key LIMIT ${SHOWN_DUPLICATES}`,
    );
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

function viewOf(source: AuditedSource): string {
  return quoteIdentifier(source.dataset.replace('.', '_'));
}
