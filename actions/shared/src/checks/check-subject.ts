import type { Contract } from '../contract/contract.ts';
import type { Manifest } from '../lake/manifest.ts';
import { lastRowsTotal, readFreshness } from '../warehouse/ledger.ts';
import { type PastMetric, readMetrics } from '../warehouse/metrics.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Check } from './checks-file.ts';

/** What the checks are run on. */
export interface CheckSubject {
  /** The table to look at: a load's staging table or the published one. */
  readonly table: string;
  readonly key: string;
  /** The manifest of the run that the rows come from; null when it is not known. */
  readonly manifest: Manifest | null;
  /** When the source was last changed, ISO 8601; null when it is not known. */
  readonly sourceDate: string | null;
  /** Rows of the table after the last load; null when nothing was ever published. */
  readonly lastRows: number | null;
  /** What the published loads measured. */
  readonly history: readonly PastMetric[];
  /** What the clock shows while the checks run. */
  readonly now: Date;
}

/**
 * A staged run, or a table whose run is not known, as a subject, with what the published loads left to
 * compare it with. Of the published table the ledger knows the source's date.
 */
export async function readSubject(
  warehouse: Warehouse,
  contract: Contract,
  given: { readonly table: string; readonly manifest: Manifest | null; readonly now: Date },
  checks: readonly Check[],
): Promise<CheckSubject> {
  const loads = Math.max(0, ...checks.map((check) => (check.kind === 'drift' ? check.loads : 0)));
  return {
    ...given,
    key: contract.key,
    sourceDate: await sourceDateOf(warehouse, contract, given),
    lastRows: await lastRowsTotal(warehouse, contract),
    history: loads === 0 ? [] : await readMetrics(warehouse, contract, loads),
  };
}

async function sourceDateOf(
  warehouse: Warehouse,
  contract: Contract,
  { table, manifest }: { readonly table: string; readonly manifest: Manifest | null },
): Promise<string | null> {
  if (manifest !== null) return manifest.source_date;
  if (table !== contract.table) return null;
  return (await readFreshness(warehouse, contract))?.source_date ?? null;
}
