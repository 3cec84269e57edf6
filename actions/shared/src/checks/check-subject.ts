import type { Contract } from '../contract/contract.ts';
import type { Manifest } from '../lake/manifest.ts';
import { readLastLoads } from '../warehouse/ledger.ts';
import { type PastMetric, readMetrics } from '../warehouse/metrics.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Check } from './checks-file.ts';
import { isNotRun, type NotRun, orNotRun } from './not-run.ts';

/** How many of the loads before are looked at, unless a check asks for more. */
const HISTORY_LOADS = 30;

/** What the checks are run on. */
export interface CheckSubject {
  /** The table to look at: a load's staging table or the published one. */
  readonly table: string;
  readonly key: string;
  /** The manifest of the run that the rows come from; null when it is not known. */
  readonly manifest: Manifest | null;
  /** When the source was last changed, ISO 8601; null when it is not known. */
  readonly sourceDate: string | null | NotRun;
  /** Rows of the table after the load before; null when there was none. */
  readonly lastRows: number | null | NotRun;
  /** What the loads before measured. */
  readonly history: readonly PastMetric[] | NotRun;
  /** What the clock shows while the checks run. */
  readonly now: Date;
}

/**
 * A staged run, or a table whose run is not known, as a subject, with what the loads before it left to
 * compare it with. The rows of the published table are those of the newest load, of which the ledger knows
 * the source's date; the loads before it come before that one. What cannot be read keeps no check from
 * running that does not need it.
 */
export async function readSubject(
  warehouse: Warehouse,
  contract: Contract,
  { table, manifest, now }: Pick<CheckSubject, 'table' | 'manifest' | 'now'>,
  checks: readonly Check[],
): Promise<CheckSubject> {
  const own = table === contract.table ? 1 : 0;
  const ledger = await orNotRun(() => readLastLoads(warehouse, contract, own + 1));
  const newest = isNotRun(ledger) ? undefined : ledger[0];
  const ledgerDate = isNotRun(ledger) ? ledger : (newest?.source_date ?? null);
  const loads = checks.map((check) => (check.kind === 'drift' ? check.loads : 0));
  const readHistory = async () => {
    if (newest === undefined) return [];
    const metrics = await readMetrics(warehouse, contract, own + Math.max(HISTORY_LOADS, ...loads));
    return own === 0 ? metrics : metrics.filter(({ load_number }) => load_number < newest.load_number);
  };
  return {
    table,
    manifest,
    now,
    key: contract.key,
    sourceDate: manifest?.source_date ?? (own === 0 ? null : ledgerDate),
    lastRows: isNotRun(ledger) ? ledger : (ledger[own]?.rows_total ?? null),
    history: isNotRun(ledger) ? ledger : await orNotRun(readHistory),
  };
}
