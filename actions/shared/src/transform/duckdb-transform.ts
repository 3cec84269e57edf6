import type { DuckDBConnection } from '@duckdb/node-api';
import { queryDuckdb } from '../duckdb.ts';
import { quoteIdentifier } from '../sql-text.ts';

const METRIC_PREFIX = 'metric_';
const VIEW_NAME = /\bTEMPORARY VIEW (\w+) AS\b/;
/** The view that the transform's rows come from, one for one; the others are joined to it. */
const TITLES = 'title';
/**
 * The memory that grouping takes for a record of title.crew, which DuckDB cannot spill. Measured with 12 million
 * records: a limit of 3 GB is enough, one of 2.5 GB is not.
 */
const GROUP_BYTES = 300;

/** The transform after its views were made. */
export interface DuckdbTransform {
  /** The query of the table's rows, without the metrics. */
  readonly select: string;
  /** The table's columns in order, with DuckDB's types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The metrics' names, without their prefix, in order. */
  readonly metrics: readonly string[];
  /** The views that metrics arise in, with the metrics' names. */
  readonly views: readonly { readonly view: string; readonly names: readonly string[] }[];
}

/** Makes the transform's views; the source views are there. */
export async function createTransformViews(
  connection: DuckDBConnection,
  text: string,
): Promise<DuckdbTransform> {
  const statements = text.split(/;\s*\n/);
  const query = statements.pop() ?? '';
  const views: { view: string; names: readonly string[] }[] = [];
  for (const statement of statements) {
    await connection.run(statement);
    const view = VIEW_NAME.exec(statement)?.[1] ?? '';
    const names = metricsAmong(await describe(connection, view));
    if (names.length > 0) views.push({ view, names });
  }
  const described = await describe(connection, `(${query}\n)`);
  const columns = described.filter(({ name }) => !name.startsWith(METRIC_PREFIX));
  return {
    select: `SELECT ${columns.map(({ name }) => quoteIdentifier(name)).join(', ')} FROM (${query}\n)`,
    columns,
    metrics: metricsAmong(described),
    views,
  };
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

/**
 * The metrics' sums over the rows of the result, by name. Each is summed where it arises and not in the
 * result, which holds them in no file: over a view's rows whose title is in the result.
 */
export async function sumMetrics(
  connection: DuckDBConnection,
  { metrics, views }: DuckdbTransform,
  result: string,
): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const { view, names } of views) {
    const columns = names.map((name) => `coalesce(sum(${quoteIdentifier(METRIC_PREFIX + name)}), 0)`);
    const known = view === TITLES ? '' : ` SEMI JOIN ${result} ON ${view}.tconst = ${result}.title_key`;
    const { rows } = await queryDuckdb(connection, `SELECT ${columns.join(', ')} FROM ${view}${known}`);
    for (const [index, name] of names.entries()) sums[name] = Number(rows[0]?.[index]);
  }
  const missing = metrics.filter((name) => sums[name] === undefined);
  if (missing.length > 0)
    throw new Error(`No view of the transform holds the metrics ${missing.join(', ')}.`);
  return Object.fromEntries(metrics.map((name) => [name, sums[name] ?? 0]));
}

async function describe(
  connection: DuckDBConnection,
  relation: string,
): Promise<readonly { readonly name: string; readonly type: string }[]> {
  const { rows } = await queryDuckdb(connection, `DESCRIBE SELECT * FROM ${relation}`);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

function metricsAmong(columns: readonly { readonly name: string }[]): readonly string[] {
  return columns
    .filter(({ name }) => name.startsWith(METRIC_PREFIX))
    .map(({ name }) => name.slice(METRIC_PREFIX.length));
}
