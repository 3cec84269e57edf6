import type { SqlValue } from '../duckdb.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { ALL_ROWS } from './check-query.ts';
import { isNotRun, type NotRun, orNotRun } from './not-run.ts';

/** What an aggregate gave: a number, null where there was nothing to aggregate, or why it could not run. */
export type Counted = number | null | NotRun;

/** The answers by the text of their aggregate. */
type Counts = ReadonlyMap<string, Counted>;

/**
 * Asks for the rows of the table and for all of the aggregates in one query. When it fails, the rows alone
 * are asked for: a table that cannot be read has no answer to any of them. Of one that can, each half of the
 * aggregates is asked for itself, and so on, until those that fail stand alone and the others have theirs.
 */
export async function countAll(
  warehouse: Warehouse,
  table: string,
  aggregates: readonly string[],
): Promise<Counts> {
  const wanted = [...new Set([ALL_ROWS, ...aggregates])];
  const counts = await count(warehouse, table, wanted);
  if (!isNotRun(counts)) return counts;
  const rows = await count(warehouse, table, [ALL_ROWS]);
  if (isNotRun(rows)) return new Map(wanted.map((aggregate) => [aggregate, rows]));
  return new Map([...rows, ...(await countHalves(warehouse, table, wanted.slice(1), counts))]);
}

/** @param failure why the aggregates cannot be asked for together. */
async function countHalves(
  warehouse: Warehouse,
  table: string,
  aggregates: readonly string[],
  failure: NotRun,
): Promise<Counts> {
  if (aggregates.length < 2) return new Map(aggregates.map((only) => [only, failure]));
  const middle = Math.ceil(aggregates.length / 2);
  const answers: [string, Counted][] = [];
  for (const half of [aggregates.slice(0, middle), aggregates.slice(middle)]) {
    const counts = await count(warehouse, table, half);
    answers.push(...(isNotRun(counts) ? await countHalves(warehouse, table, half, counts) : counts));
  }
  return new Map(answers);
}

function count(warehouse: Warehouse, table: string, aggregates: readonly string[]): Promise<Counts | NotRun> {
  return orNotRun(async () => {
    const { rows } = await warehouse.query({
      sql: `SELECT\n  ${aggregates.join(',\n  ')}\nFROM ${quoteIdentifier(table)}`,
    });
    const values = rows[0] ?? [];
    return new Map(aggregates.map((aggregate, index) => [aggregate, toNumber(values[index])]));
  });
}

/** Exact numerics may come as text, so that no digit is lost on the way. */
function toNumber(value: SqlValue | undefined): Counted {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number)
    ? number
    : { notRun: `the measure is ${String(value)}, not a finite number` };
}
