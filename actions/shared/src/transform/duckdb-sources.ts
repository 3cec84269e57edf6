import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryDuckdb } from '../duckdb.ts';
import { PipelineError } from '../errors.ts';
import { type AuditedSource, writePlainCopy } from '../sources/audit-source.ts';
import { quoteIdentifier, quoteLiteral } from '../sql-text.ts';

const SHOWN_DUPLICATES = 20;
/** 32 MiB of bits. IMDb's greatest numbers of 2026 are below 40 million. */
const GREATEST_NUMBER = 2 ** 28 - 1;

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
 * Reads a source's keys: counts the records, and those keys that stand more than once.
 *
 * @returns how many keys stand more than once; of people only, whom the transform settles.
 * @throws PipelineError `failed-infra` when DuckDB reads another number of records than the audit counted;
 *   `failed-data`, with the keys, when a title stands twice: it would be doubled in the table.
 */
export async function checkKeys(connection: DuckDBConnection, source: AuditedSource): Promise<number> {
  const { records, numbers } = await countKeyNumbers(connection, source);
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
  // As many numbers as records: no key stands twice. Fewer: some key does, or is no number.
  return numbers === records ? 0 : countDoubledKeys(connection, source);
}

/**
 * Counts a source's records, and the different numbers in their keys: 7 of tt0000007. Each number is one bit,
 * which takes half the time and a tenth of the memory of a hash table of the keys.
 */
async function countKeyNumbers(
  connection: DuckDBConnection,
  source: AuditedSource,
): Promise<{ readonly records: number; readonly numbers: number }> {
  const number = `try_cast(substring(${keyOf(source)}, 3) AS BIGINT)`;
  const { rows } = await queryDuckdb(
    connection,
    `SELECT count(*), coalesce(bit_count(bitstring_agg(number, 0, ${GREATEST_NUMBER})), 0)
     FROM (SELECT CASE WHEN ${number} BETWEEN 0 AND ${GREATEST_NUMBER} THEN ${number} END AS number
           FROM ${viewOf(source)})`,
  );
  const [records = 0, numbers = 0] = (rows[0] ?? []).map(Number);
  return { records, numbers };
}

async function countDoubledKeys(connection: DuckDBConnection, source: AuditedSource): Promise<number> {
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
