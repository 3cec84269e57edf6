import type { SqlValue } from '../duckdb.ts';
import type { Warehouse } from './warehouse.ts';

/** A column as it is. */
export interface LiveColumn {
  readonly name: string;
  /** As DDL writes it, for example `VARCHAR(800)`; DuckDB's texts have no width. */
  readonly type: string;
  readonly nullable: boolean;
  readonly comment: string | null;
}

/** Whose catalogue is read. */
export type CatalogueEngine = 'redshift' | 'duckdb';

/** What the catalogue tells of the columns, in the words of each engine; the rows are in the table's order. */
const COLUMNS: Readonly<Record<CatalogueEngine, string>> = {
  // Developer guide, SVV_COLUMNS.
  redshift: `SELECT column_name, data_type, character_maximum_length, is_nullable, remarks
FROM svv_columns
WHERE table_schema = :schema AND table_name = :table
ORDER BY ordinal_position`,
  duckdb: `SELECT column_name, data_type, NULL, CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END, comment
FROM duckdb_columns()
WHERE schema_name = :schema AND table_name = :table
ORDER BY column_index`,
};

/**
 * The current schema, which is asked for by itself: CURRENT_SCHEMA runs on the leader node alone and may not
 * stand beside views that read the compute nodes (developer guide, Leader node-only functions).
 */
export async function readSchema({ query }: Pick<Warehouse, 'query'>): Promise<string> {
  const { rows } = await query({ sql: 'SELECT CAST(current_schema() AS VARCHAR(128))' });
  return String(rows[0]?.[0]);
}

/** The columns of a table of the schema, in the table's order; none when it is not there. */
export async function readLiveColumns(
  { query }: Pick<Warehouse, 'query'>,
  engine: CatalogueEngine,
  schema: string,
  table: string,
): Promise<LiveColumn[]> {
  const { rows } = await query({ sql: COLUMNS[engine], parameters: { schema, table } });
  return rows.map(([name, type, width, isNullable, remarks]) => ({
    name: String(name),
    type: typeOf(String(type).toUpperCase(), width ?? null),
    nullable: isNullable === 'YES',
    comment: remarks === null || remarks === undefined ? null : String(remarks),
  }));
}

/** The width of a VARCHAR in bytes; null for every other type, and for a text without one. */
export function widthOf(type: string): number | null {
  const width = /^VARCHAR\((\d+)\)$/.exec(type)?.[1];
  return width === undefined ? null : Number(width);
}

function typeOf(type: string, width: SqlValue): string {
  if (type === 'CHARACTER VARYING') return width === null ? 'VARCHAR' : `VARCHAR(${Number(width)})`;
  return width === null ? type : `${type}(${Number(width)})`;
}
