import type { DuckDBConnection } from '@duckdb/node-api';
import { queryDuckdb } from '../duckdb.ts';
import { quoteIdentifier } from '../sql-text.ts';

const METRIC_PREFIX = 'metric_';
const VIEW_NAME = /\bTEMPORARY VIEW (\w+) AS\b/;
/**
 * The memory that grouping takes for a record of title.crew, which DuckDB cannot spill. Measured with 12 million
 * records: a limit of 3 GB is enough, one of 2.5 GB is not.
 */
const GROUP_BYTES = 300;

/** The transform after its views were made. */
export interface DuckdbTransform {
  /** The query of the table's rows. */
  readonly select: string;
  /** The table's columns in order, with DuckDB's types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The views that hold metrics, with the metrics' names, without their prefix. */
  readonly measured: readonly { readonly view: string; readonly metrics: readonly string[] }[];
}

/** Makes the transform's views; the source views are there. */
export async function createTransformViews(
  connection: DuckDBConnection,
  text: string,
): Promise<DuckdbTransform> {
  const statements = text.split(/;\s*\n/);
  const select = statements.pop() ?? '';
  const measured: { view: string; metrics: readonly string[] }[] = [];
  for (const statement of statements) {
    await connection.run(statement);
    const view = VIEW_NAME.exec(statement)?.[1] ?? '';
    const metrics = (await describe(connection, view))
      .filter(({ name }) => name.startsWith(METRIC_PREFIX))
      .map(({ name }) => name.slice(METRIC_PREFIX.length));
    if (metrics.length > 0) measured.push({ view, metrics });
  }
  return { select, columns: await describe(connection, `(${select}\n)`), measured };
}

/**
 * Computes the people named with each title and keeps them as a table that the view `billed` then reads: it
 * costs most, and is read twice, joined and then measured. Where memory is short it groups them part by part.
 *
 * @param parts how many parts; see {@link countParts}.
 */
export function keepBilled(parts: number): readonly string[] {
  const readKept = 'CREATE OR REPLACE TEMPORARY VIEW billed AS SELECT * FROM kept_billed';
  if (parts === 1) return ['CREATE TABLE kept_billed AS SELECT * FROM billed', readKept];
  return [
    'CREATE TABLE kept_credit AS SELECT * FROM named_credit',
    'CREATE TABLE kept_billed AS SELECT * FROM billed LIMIT 0',
    ...Array.from({ length: parts }, (_, part) => [
      `CREATE OR REPLACE TEMPORARY VIEW named_credit AS
       SELECT * FROM kept_credit WHERE hash(tconst) % ${parts} = ${part}`,
      'INSERT INTO kept_billed SELECT * FROM billed',
    ]).flat(),
    'DROP TABLE kept_credit',
    readKept,
  ];
}

/** In how many parts the people of so many records of title.crew fit into DuckDB's memory, one after the other. */
export async function countParts(connection: DuckDBConnection, records: number): Promise<number> {
  const limit = "parse_formatted_bytes(current_setting('memory_limit'))";
  const { rows } = await queryDuckdb(
    connection,
    `SELECT greatest(1, ceil(${records * GROUP_BYTES} / ${limit}))`,
  );
  return Number(rows[0]?.[0]);
}

/** The sums of the metrics over their views' rows, by name. */
export async function sumMetrics(
  connection: DuckDBConnection,
  { measured }: DuckdbTransform,
): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const { view, metrics } of measured) {
    const columns = metrics.map((name) => `coalesce(sum(${quoteIdentifier(METRIC_PREFIX + name)}), 0)`);
    const { rows } = await queryDuckdb(
      connection,
      `SELECT ${columns.join(', ')} FROM ${quoteIdentifier(view)}`,
    );
    for (const [index, name] of metrics.entries()) sums[name] = Number(rows[0]?.[index]);
  }
  return sums;
}

async function describe(
  connection: DuckDBConnection,
  relation: string,
): Promise<readonly { readonly name: string; readonly type: string }[]> {
  const { rows } = await queryDuckdb(connection, `DESCRIBE SELECT * FROM ${relation}`);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}
