import type { Cluster, EMRClient, StepSummary } from '@aws-sdk/client-emr';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PipelineError } from '../../shared/src/errors.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskRunner } from '../../shared/src/tasks.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { EmrAccess } from './cluster-state.ts';
import type { Prices } from './prices.ts';
import type { FailedStep } from './step-failure.ts';

/** The names of the tasks, in order, as in the DAG. */
export const EMR_TASKS = {
  upload: 'upload_spark_script_to_s3',
  create: 'create_emr_cluster',
  add: 'add_spark_steps',
  watch: 'watch_spark_steps',
  terminate: 'terminate_emr_cluster',
} as const;

/** What is known of a run on EMR so far; a failure reports as much of it as there is. */
export interface EmrFacts {
  clusterId: string | null;
  /** In the order of the job's steps. */
  stepIds: readonly string[];
  /** The cluster's last state that was seen. */
  state: string | null;
  /** Whether a cluster of an earlier attempt, or what it had completed, was gone on with. */
  reattached: boolean;
  /** What the run costs when nothing is scaled up and Spot is to be had, until its timeout. */
  expectedEur: number | null;
  /** What it could cost on demand at full size until its timeout. */
  atMostEur: number | null;
  /** What the clusters of this process have cost; null when that is not known. */
  costEur: number | null;
  /** Where the AWS console shows the cluster with its logs. */
  logUrl: string | null;
}

/** A run on EMR of which nothing is known yet. */
export function noFacts(): EmrFacts {
  return {
    clusterId: null,
    stepIds: [],
    state: null,
    reattached: false,
    expectedEur: null,
    atMostEur: null,
    costEur: null,
    logUrl: null,
  };
}

/** What a run on EMR works with. */
export interface EmrDependencies {
  readonly emr: EMRClient;
  /** A client of EMR with `maxAttempts` 1, for what EMR would do twice. */
  readonly emrOnce: EMRClient;
  readonly s3: S3Client;
  /** A UUID of this process. */
  readonly starter: string;
  /** Hands on to the post phase, under the names of `STATE`. */
  readonly saveState: (name: string, value: string) => void;
  readonly now: () => Date;
  /** A number from 0 to 1. */
  readonly random: () => number;
  readonly tasks: TaskRunner;
  /** Tells what somebody should look at though it fails nothing. */
  readonly warn: (title: string, message: string) => void;
  /** Filled as the run goes. */
  readonly facts: EmrFacts;
  readonly explainFailedStep: (
    failed: FailedStep,
    s3: S3Client,
    signal: AbortSignal,
    log: TaskLog,
  ) => Promise<PipelineError>;
  /** Why the cluster ended before these steps were done, and whether other machines may do better. */
  readonly explainClusterEnd: (
    cluster: Cluster,
    openSteps: readonly StepSummary[],
  ) => { readonly kind: 'retry-elsewhere' | 'final'; readonly error: PipelineError };
}

/** A run on EMR that has begun. */
export interface EmrContext extends EmrDependencies {
  readonly plan: ClusterPlan;
  readonly region: string;
  readonly prices: Prices;
  /** Where EMR puts the logs. */
  readonly logUri: string | null;
  /** Whether several steps run at once. */
  readonly isConcurrent: boolean;
  /** The clusters that are this process's to end, in the order in which it came by them. */
  readonly claimed: readonly string[];
  /** Whether a cluster was asked for or taken over. */
  readonly hasStarted: () => boolean;
  /** EMR for a task, within the run's time. */
  readonly access: (log: TaskLog) => EmrAccess;
}
