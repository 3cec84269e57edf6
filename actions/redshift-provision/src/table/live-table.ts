import type { SqlValue } from '../../../shared/src/duckdb.ts';
import { type LiveColumn, readLiveColumns } from '../../../shared/src/warehouse/live-columns.ts';
import type { LayoutWords } from './layout-words.ts';
import type { TableTarget } from './table-target.ts';

/** A table as it is. */
export interface LiveTable {
  readonly comment: string | null;
  /** In the table's order. */
  readonly columns: readonly LiveColumn[];
  /** Null where tables have none. */
  readonly layout: LayoutWords | null;
}

const COMMENT: Readonly<Record<TableTarget['engine'], string>> = {
  // Developer guide, SVV_TABLES.
  redshift: 'SELECT remarks FROM svv_tables WHERE table_schema = :schema AND table_name = :table',
  duckdb: 'SELECT comment FROM duckdb_tables() WHERE schema_name = :schema AND table_name = :table',
};

const RELATIONS: Readonly<Record<TableTarget['engine'], string>> = {
  redshift: 'SELECT table_name FROM svv_tables WHERE table_schema = :schema',
  duckdb: 'SELECT table_name FROM information_schema.tables WHERE table_schema = :schema',
};

/** The names of all tables and views of the schema. */
export async function listRelations(target: TableTarget, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await target.query({ sql: RELATIONS[target.engine], parameters: { schema } });
  return new Set(rows.map(([name]) => String(name)));
}

/** Reads from the catalogue what a table of the schema is like. */
export async function readLiveTable(target: TableTarget, schema: string, table: string): Promise<LiveTable> {
  const parameters = { schema, table };
  const comment = await target.query({ sql: COMMENT[target.engine], parameters });
  return {
    comment: textOf(comment.rows[0]?.[0]),
    columns: await readLiveColumns(target, target.engine, schema, table),
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

function textOf(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
