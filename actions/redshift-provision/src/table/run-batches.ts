import type { TableTarget } from './table-target.ts';

/** A batch of the Data API, which is one transaction, has at most 40 statements (BatchExecuteStatement). */
const MOST_STATEMENTS = 40;

/**
 * Runs the statements in order, as one transaction where a batch holds them all. More than that run as
 * several; whoever calls puts them in an order in which each part is sound by itself.
 */
export async function runBatches(target: TableTarget, sqls: readonly string[]): Promise<void> {
  for (let first = 0; first < sqls.length; first += MOST_STATEMENTS) {
    await target.transact(sqls.slice(first, first + MOST_STATEMENTS).map((sql) => ({ sql })));
  }
}
