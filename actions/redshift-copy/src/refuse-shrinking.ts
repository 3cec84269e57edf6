import type { Contract } from '../../shared/src/contract/contract.ts';
import { PipelineError } from '../../shared/src/errors.ts';
import type { Manifest } from '../../shared/src/lake/manifest.ts';
import { readLedger } from '../../shared/src/warehouse/ledger.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';

/**
 * Lets a run pass that is not much smaller than the last load's: a source that was cut would empty the table.
 * Compared are the sources, for a merged table also keeps rows that no source has any more.
 *
 * @param ratio the least share of the last load's rows, 0 to 1.
 * @throws PipelineError `failed-data` when it has fewer rows.
 */
export async function refuseShrinking(
  warehouse: Warehouse,
  contract: Contract,
  { rows }: Pick<Manifest, 'rows'>,
  ratio: number,
): Promise<void> {
  const last = await readLedger(warehouse, contract, null);
  if (last === null || rows >= last.rows_staged * ratio) return;
  throw new PipelineError({
    kind: 'failed-data',
    what: 'The run has far fewer rows than the last load',
    where: contract.table,
    why: `${rows} rows, the last load had ${last.rows_staged}; min-rows-ratio ${ratio} asks for at least ${Math.ceil(last.rows_staged * ratio)}`,
    done: 'Nothing was copied, nothing was published.',
    next: 'Look whether the source is whole; lower min-rows-ratio for once if it is, and run again.',
  });
}
