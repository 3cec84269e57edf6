import type { Contract } from '../../shared/src/contract/contract.ts';
import { PipelineError } from '../../shared/src/errors.ts';
import { readLiveColumns, readSchema, widthOf } from '../../shared/src/warehouse/live-columns.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { Inputs } from './inputs.ts';

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
  const columns = await readLiveColumns(warehouse, engine, await readSchema(warehouse), contract.table);
  if (columns.length === 0) return;
  const live = new Map(columns.map(({ name, type }) => [name, type]));
  for (const column of contract.columns) {
    const found = live.get(column.name);
    const wanted = warehouse.dialect.columnType(column);
    if (found === undefined) throw mismatch(contract.table, column.name, wanted, 'no such column');
    const isText = found.startsWith('VARCHAR');
    const width = widthOf(found);
    const isTooNarrow = width !== null && width < (column.max_bytes ?? 0);
    if (isTooNarrow || (isText ? column.type !== 'varchar' : found !== wanted)) {
      throw mismatch(contract.table, column.name, wanted, found);
    }
  }
  for (const [name, type] of live) {
    const isKnown = contract.columns.some((column) => column.name === name);
    if (!isKnown) throw mismatch(contract.table, name, 'no such column', type);
  }
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
