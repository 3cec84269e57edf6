import { createHash } from 'node:crypto';
import type { Contract } from '../../shared/src/contract/contract.ts';
import type { Manifest } from '../../shared/src/lake/manifest.ts';
import { countPublished } from '../../shared/src/warehouse/ledger.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { Inputs } from './inputs.ts';

/**
 * The id of a run's first load: the same for the same contract, run, files and mode, so that an action that was
 * killed finds what it left, and can trust that. It begins the names of the load's statements and ends that of
 * its staging table.
 */
export function firstLoadIdOf(
  contract: Contract,
  { run_id: runId, fingerprint, files }: Manifest,
  { mode, 'delete-missing': deleteMissing }: Pick<Inputs, 'mode' | 'delete-missing'>,
): string {
  const parts = JSON.stringify([contract, runId, fingerprint, files, mode, deleteMissing]);
  const hash = createHash('sha256').update(parts).digest('hex').slice(0, 16);
  return `${mode}_${hash}`;
}

/**
 * The id of the load that is to be done or, when it was the last one published, was done. A run that was
 * published before others were is loaded again under an id of its own: the first one's with the load's
 * number. That counts what was published, so it is the same again for an action that was killed.
 */
export async function loadIdAfter(
  warehouse: Warehouse,
  contract: Contract,
  firstId: string,
): Promise<string> {
  const { times, isLast } = await countPublished(warehouse, contract, firstId);
  const number = isLast ? times : times + 1;
  return number === 1 ? firstId : `${firstId}_${number}`;
}
