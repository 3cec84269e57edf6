import type { Check } from '../../shared/src/checks/checks-file.ts';
import type { Contract } from '../../shared/src/contract/contract.ts';
import type { FinishedRun } from '../../shared/src/lake/run.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskRunner } from '../../shared/src/tasks.ts';
import type { LoadRequest } from '../../shared/src/warehouse/load.ts';
import type { OpenParquet } from '../../shared/src/warehouse/preflight.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { CopyFacts } from './copy-tasks.ts';
import type { Inputs } from './inputs.ts';
import type { MeasuredTable } from './measured-table.ts';

/** What a load works with, whatever the engine. */
export interface Transfer {
  readonly inputs: Inputs;
  readonly contract: Contract;
  /** Null when none are to be run. */
  readonly checks: readonly Check[] | null;
  /** What another step measured on the staging table; null when its report is not given. */
  readonly measured: MeasuredTable | null;
  readonly tasks: TaskRunner;
  /** Filled as the load goes. */
  readonly facts: CopyFacts;
  readonly now: () => Date;
  readonly engine: CopyEngine;
}

/** What differs between the engines. */
export interface CopyEngine {
  readRun(log: TaskLog): Promise<FinishedRun>;
  /** Without it files are opened on this machine. */
  readonly openParquet?: OpenParquet;
  /**
   * Opens the warehouse for the load; what an earlier process of the same load began there has ended then.
   * Opened again for another load, it is the same warehouse.
   */
  open(run: FinishedRun, loadId: string): Promise<Warehouse>;
  /** Drops the staging tables that dead loads left. */
  sweep(warehouse: Warehouse, log: TaskLog): Promise<void>;
  /** Makes what was written to the warehouse lasting. */
  keep(): Promise<void>;
}

/** A load that has a warehouse to go into. */
export interface OpenedLoad {
  readonly warehouse: Warehouse;
  readonly request: LoadRequest;
}
