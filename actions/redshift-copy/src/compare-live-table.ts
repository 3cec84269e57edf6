import type { Contract } from '../../shared/src/contract/contract.ts';
import type { SqlValue } from '../../shared/src/duckdb.ts';
import { PipelineError } from '../../shared/src/errors.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { Inputs } from './inputs.ts';

/** What the catalogue tells of a table's columns: name, type, width in bytes. */
const COLUMNS: Readonly<Record<Inputs['engine'], string>> = {
  // Developer guide, SVV_COLUMNS.
  redshift: `SELECT column_name, data_type, character_maximum_length
FROM svv_columns
WHERE table_schema = :schema AND table_name = :table
ORDER BY ordinal_position`,
  duckdb: `SELECT column_name, data_type, NULL
FROM duckdb_columns()
WHERE schema_name = :schema AND table_name = :table
ORDER BY column_index`,
};

/**
 * Compares the published table with the contract before anything is copied. Every column of the contract
 * must be there with its type, or a wider one for text; the order does not matter, for rows are written by name.
 *
 * @throws PipelineError `failed-data` that names table, column and both types.
 */
export async function compareLiveTable(
  warehouse: Warehouse,
  engine: Inputs['engine'],
  contract: Contract,
): Promise<void> {
  // By itself: CURRENT_SCHEMA may not stand beside views that read the compute nodes (developer guide).
  const schema = String(
    (await warehouse.query({ sql: 'SELECT CAST(current_schema() AS VARCHAR(128))' })).rows[0]?.[0],
  );
  const { rows } = await warehouse.query({
    sql: COLUMNS[engine],
    parameters: { schema, table: contract.table },
  });
  if (rows.length === 0) return;
  const live = new Map(rows.map(([name, type, width]) => [String(name), { type: String(type), width }]));
  for (const column of contract.columns) {
    const found = live.get(column.name);
    const wanted = warehouse.dialect.columnType(column);
    if (found === undefined) throw mismatch(contract.table, column.name, wanted, 'no such column');
    const [type, width] = [found.type.toUpperCase(), widthOf(found.width)];
    const isText = type === 'CHARACTER VARYING' || type === 'VARCHAR';
    const isSame = isText ? column.type === 'varchar' : type === wanted;
    const isTooNarrow = width !== null && width < (column.max_bytes ?? 0);
    if (!isSame || isTooNarrow) {
      const told = isText ? `VARCHAR${width === null ? '' : `(${width})`}` : type;
      throw mismatch(contract.table, column.name, wanted, told);
    }
  }
  const extra = [...live.keys()].find((name) => !contract.columns.some((column) => column.name === name));
  if (extra !== undefined) {
    throw mismatch(contract.table, extra, 'no such column', live.get(extra)?.type.toUpperCase() ?? '');
  }
}

function widthOf(width: SqlValue | undefined): number | null {
  return width === null || width === undefined ? null : Number(width);
}

function mismatch(table: string, column: string, wanted: string, found: string): PipelineError {
  return new PipelineError({
    kind: 'failed-data',
    what: 'The published table is not as the contract says',
    where: table,
    why: `column ${column}: the contract wants ${wanted}, the table has ${found}`,
    done: 'Nothing was copied, nothing was published.',
    next: 'Change the table (redshift-provision with on-drift: apply) or the contract, and run again.',
  });
}
