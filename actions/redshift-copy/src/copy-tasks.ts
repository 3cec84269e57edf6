import type { CheckResult } from '../../shared/src/checks/check-result.ts';
import type { LoadReport } from '../../shared/src/warehouse/load-report.ts';
import type { Inputs } from './inputs.ts';

const TASK = 'transfer_s3_to_redshift';

/** The names of the tasks, in order: the parts of the DAG's one. */
export const COPY_TASKS = {
  preflight: `${TASK}.preflight`,
  stage: `${TASK}.stage`,
  validate: `${TASK}.validate`,
  publish: `${TASK}.publish`,
  sweep: `${TASK}.sweep`,
} as const;

/** The tasks that a phase has. */
export function tasksOf({ phase, checks }: Pick<Inputs, 'phase' | 'checks'>): readonly string[] {
  const { preflight, stage, validate, publish, sweep } = COPY_TASKS;
  if (phase === 'stage') return [preflight, stage];
  if (phase === 'publish') return [preflight, publish];
  if (phase === 'sweep') return [sweep];
  return [preflight, stage, ...(checks === null ? [] : [validate]), publish];
}

/** What is known of a load so far; a failure reports as much of it as there is. */
export interface CopyFacts {
  table: string | null;
  /** The warehouse, as a person calls it. */
  warehouse: string | null;
  loadId: string | null;
  stagingTable: string | null;
  rowsInManifest: number | null;
  /** Bytes of the run's Parquet files. */
  bytes: number | null;
  rowsStaged: number | null;
  load: LoadReport | null;
  checks: readonly CheckResult[];
  /** What did not go well and did the load no harm. */
  warning: string | null;
  /** The staging tables that a sweep dropped. */
  swept: readonly string[] | null;
}

/** A load of which nothing is known yet. */
export function noFacts(): CopyFacts {
  return {
    table: null,
    warehouse: null,
    loadId: null,
    stagingTable: null,
    rowsInManifest: null,
    bytes: null,
    rowsStaged: null,
    load: null,
    checks: [],
    warning: null,
    swept: null,
  };
}
