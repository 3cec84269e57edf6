import type { SqlValue } from '../duckdb.ts';
import { messageOf, PipelineError } from '../errors.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** What an aggregate gave: a number, null where there was nothing to aggregate, or why it could not run. */
export type Counted = number | null | { readonly notRun: string };

/**
 * Asks for all of the aggregates in one query. One that is wrong fails the whole of it; then each half is
 * asked for itself, and so on, until those that fail stand alone and the others have their answer.
 *
 * @returns the answers by the text of their aggregate.
 */
export async function countAll(
  warehouse: Warehouse,
  table: string,
  aggregates: readonly string[],
): Promise<ReadonlyMap<string, Counted>> {
  if (aggregates.length === 0) return new Map();
  try {
    const { rows } = await warehouse.query({
      sql: `SELECT\n  ${aggregates.join(',\n  ')}\nFROM ${quoteIdentifier(table)}`,
    });
    const values = rows[0] ?? [];
    return new Map(aggregates.map((aggregate, index) => [aggregate, toNumber(values[index])]));
  } catch (error) {
    if (isStopped(error)) throw error;
    if (aggregates.length === 1)
      return new Map(aggregates.map((only) => [only, { notRun: reasonOf(error) }]));
    const middle = Math.ceil(aggregates.length / 2);
    return new Map([
      ...(await countAll(warehouse, table, aggregates.slice(0, middle))),
      ...(await countAll(warehouse, table, aggregates.slice(middle))),
    ]);
  }
}

/** Exact numerics may come as text, so that no digit is lost on the way. */
function toNumber(value: SqlValue | undefined): Counted {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number)
    ? number
    : { notRun: `the measure is ${String(value)}, not a finite number` };
}

/** Whether the error is the end of the whole run, and not the fault of what was asked. */
function isStopped(error: unknown): boolean {
  return error instanceof PipelineError && ['timed-out', 'cancelled'].includes(error.failure.kind);
}

function reasonOf(error: unknown): string {
  return error instanceof PipelineError ? `${error.failure.what}: ${error.failure.why}` : messageOf(error);
}
