import type { TaskLog } from '../../shared/src/task-log.ts';
import type { ProvisionClients } from './clients.ts';
import type { WarehouseCost } from './cost.ts';
import type { Drift, OnDrift } from './drift.ts';
import type { WarehousePlan } from './warehouse/warehouse-plan.ts';

/** What is known so far; a failure reports as much of it as there is. */
export interface ProvisionFacts {
  /** What of the warehouse is there or was asked for, and its last state: `workgroup imdb`, `creating`. */
  readonly there: Map<string, string>;
  /** What was made, resumed or changed, in order. */
  readonly changed: string[];
  /** What is there, not as it was asked for, and was left so. */
  readonly drift: Drift[];
  /** Whether this run made or resumed the warehouse, or may have: an answer can be lost. */
  isStarted: boolean;
  /** Whether the warehouse was refused as it was found, for being different or too dear. */
  isRefused: boolean;
  /** `host:port`, or a file. */
  endpoint: string | null;
  secretArn: string | null;
  cost: WarehouseCost | null;
}

/** A step of which nothing is known yet. */
export function noFacts(): ProvisionFacts {
  return {
    there: new Map(),
    changed: [],
    drift: [],
    isStarted: false,
    isRefused: false,
    endpoint: null,
    secretArn: null,
    cost: null,
  };
}

/** What the work on a warehouse is done with. */
export interface ProvisionAccess extends ProvisionClients {
  /** Aborts on cancellation and when the time is over. */
  readonly signal: AbortSignal;
  /** When the time is over, in milliseconds since 1970. */
  readonly deadline: number;
  readonly log: TaskLog;
  /** A number from 0 to 1. */
  readonly random: () => number;
  readonly onDrift: OnDrift;
  /** Tells what the warehouse costs as it was found. @throws PipelineError `bad-input` when it may not cost so much. */
  readonly settleCost: (found: WarehousePlan) => void;
  /** Filled as the work goes. */
  readonly facts: ProvisionFacts;
}
