import type { SqlValue } from '../../../shared/src/duckdb.ts';
import type { LayoutWords } from './layout-words.ts';
import type { TableTarget } from './table-target.ts';

/** A column as it is. */
export interface LiveColumn {
  readonly name: string;
  /** As DDL writes it, for example `VARCHAR(800)`; DuckDB's texts have no width. */
  readonly type: string;
  readonly nullable: boolean;
  readonly comment: string | null;
}

/** A table as it is. */
export interface LiveTable {
  readonly comment: string | null;
  /** In the table's order. */
  readonly columns: readonly LiveColumn[];
  /** Null where tables have none. */
  readonly layout: LayoutWords | null;
}

/** What the catalogue tells of the columns, in the words of each engine; the rows are in the table's order. */
const COLUMNS: Readonly<Record<TableTarget['engine'], string>> = {
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

const COMMENT: Readonly<Record<TableTarget['engine'], string>> = {
  // Developer guide, SVV_TABLES.
  redshift: 'SELECT remarks FROM svv_tables WHERE table_schema = :schema AND table_name = :table',
  duckdb: 'SELECT comment FROM duckdb_tables() WHERE schema_name = :schema AND table_name = :table',
};

const RELATIONS: Readonly<Record<TableTarget['engine'], string>> = {
  redshift: 'SELECT table_name FROM svv_tables WHERE table_schema = :schema',
  duckdb: 'SELECT table_name FROM information_schema.tables WHERE table_schema = :schema',
};

/**
 * The current schema, which is asked for by itself: CURRENT_SCHEMA runs on the leader node alone and may not
 * stand beside views that read the compute nodes (developer guide, Leader node-only functions).
 */
export async function readSchema({ query }: TableTarget): Promise<string> {
  const { rows } = await query({ sql: 'SELECT CAST(current_schema() AS VARCHAR(128))' });
  return String(rows[0]?.[0]);
}

/** The names of all tables and views of the schema. */
export async function listRelations(target: TableTarget, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await target.query({ sql: RELATIONS[target.engine], parameters: { schema } });
  return new Set(rows.map(([name]) => String(name)));
}

/** Reads from the catalogue what a table of the schema is like. */
export async function readLiveTable(target: TableTarget, schema: string, table: string): Promise<LiveTable> {
  const parameters = { schema, table };
  const columns = await target.query({ sql: COLUMNS[target.engine], parameters });
  const comment = await target.query({ sql: COMMENT[target.engine], parameters });
  return {
    comment: textOf(comment.rows[0]?.[0]),
    columns: columns.rows.map(([name, type, width, isNullable, remarks]) => ({
      name: String(name),
      type: typeOf(String(type).toUpperCase(), width ?? null),
      nullable: isNullable === 'YES',
      comment: textOf(remarks),
    })),
    layout: target.engine === 'redshift' ? await readLayout(target, parameters) : null,
  };
}

/**
 * What the views tell of the layout. SVV_TABLE_INFO tells nothing of an empty table, and PG_TABLE_DEF
 * nothing of what Redshift chooses by itself (developer guide, both views): of an empty table without
 * keys it is not known which of the other layouts it has.
 */
async function readLayout(
  target: TableTarget,
  parameters: { readonly schema: string; readonly table: string },
): Promise<LayoutWords> {
  const keys = await target.query({
    sql: `SELECT "column", distkey, sortkey
FROM pg_table_def
WHERE schemaname = :schema AND tablename = :table AND (distkey OR sortkey <> 0)
ORDER BY ABS(sortkey)`,
    parameters,
  });
  const info = await target.query({
    sql: 'SELECT diststyle, sortkey1 FROM svv_table_info WHERE "schema" = :schema AND "table" = :table',
    parameters,
  });
  const [style, firstKey] = info.rows[0]?.map(textOf) ?? [];
  const distributed = keys.rows.find(([, isKey]) => isKey === true)?.[0];
  const sorted = keys.rows.filter(([, , place]) => Number(place) !== 0);
  const isInterleaved = sorted.some(([, , place]) => Number(place) < 0);
  const sortColumns = sorted.map(([column]) => String(column)).join(', ');
  return {
    distribution:
      style == null
        ? distributed === undefined
          ? null
          : `KEY(${String(distributed)})`
        : style.replaceAll(' ', '').replace(/^AUTO.*$/, 'AUTO'),
    sortKey: firstKey?.startsWith('AUTO')
      ? 'AUTO'
      : sortColumns !== ''
        ? `${isInterleaved ? 'INTERLEAVED ' : ''}${sortColumns}`
        : info.rows.length > 0
          ? 'NONE'
          : null,
  };
}

function typeOf(type: string, width: SqlValue): string {
  if (type === 'CHARACTER VARYING') return width === null ? 'VARCHAR' : `VARCHAR(${Number(width)})`;
  return width === null ? type : `${type}(${Number(width)})`;
}

function textOf(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
