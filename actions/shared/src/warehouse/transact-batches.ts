import { MOST_STATEMENTS } from '../redshift-data/run-statements.ts';
import type { Statement, Warehouse } from './warehouse.ts';

/**
 * Runs the statements in order, as one transaction where a batch of the Data API holds them all. More than
 * that run as several; whoever calls puts them in an order in which each part is sound by itself.
 *
 * @param committed called with how many statements are done, after each transaction.
 */
export async function transactBatches(
  { transact }: Pick<Warehouse, 'transact'>,
  statements: readonly Statement[],
  committed: (statements: number) => void = () => {},
): Promise<void> {
  for (let first = 0; first < statements.length; first += MOST_STATEMENTS) {
    const batch = statements.slice(first, first + MOST_STATEMENTS);
    await transact(batch);
    committed(first + batch.length);
  }
}
