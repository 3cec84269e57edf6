import type { Cluster, ClusterState, ClusterSummary, EMRClient, StepState } from '@aws-sdk/client-emr';
import { poll } from '../../shared/src/aws/poll.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';

/** What every call about a run's clusters needs. */
export interface EmrAccess {
  readonly emr: EMRClient;
  /** A client that sends a request once, for what EMR would do twice. */
  readonly emrOnce: EMRClient;
  readonly now: () => Date;
  /** A number from 0 to 1, for pauses that are not those of everybody else. */
  readonly random: () => number;
  /** Called before a cluster is asked for. */
  readonly announce: () => void;
  /** Told the id of each cluster that is this process's to end, as soon as it is known. */
  readonly claim: (clusterId: string) => void;
  /** Ends whatever waits: cancellation and the time limit. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
}

/** The states of a cluster that takes steps. */
export const LIVE_STATES: readonly ClusterState[] = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'];
const LIVE: ReadonlySet<string> = new Set(LIVE_STATES);
const ENDED: ReadonlySet<string> = new Set<ClusterState>(['TERMINATED', 'TERMINATED_WITH_ERRORS']);
const OPEN_STEP: ReadonlySet<string> = new Set<StepState>(['PENDING', 'RUNNING', 'CANCEL_PENDING']);

/** Whether the cluster takes steps: it neither ends nor has ended. */
export function isLive({ Status }: Pick<Cluster, 'Status'>): boolean {
  return LIVE.has(Status?.State ?? '');
}

/** Whether the cluster has ended for good. */
export function isEnded({ Status }: Pick<Cluster, 'Status'>): boolean {
  return ENDED.has(Status?.State ?? '');
}

/** Whether a step still waits or runs. */
export function isOpen(state: string | undefined): boolean {
  return OPEN_STEP.has(state ?? '');
}

/** The value of one of the cluster's tags. */
export function tagOf({ Tags = [] }: Pick<Cluster, 'Tags'>, name: string): string | null {
  return Tags.find(({ Key }) => Key === name)?.Value ?? null;
}

/** The oldest first; of two of the same instant the one with the lesser id, so that all agree. */
export function byAge(one: ClusterSummary | Cluster, other: ClusterSummary | Cluster): number {
  const ages = [one, other].map(({ Status }) => Status?.Timeline?.CreationDateTime?.getTime() ?? 0);
  return (ages[0] ?? 0) - (ages[1] ?? 0) || ((one.Id ?? '') < (other.Id ?? '') ? -1 : 1);
}

/**
 * Makes a call that does no harm when made twice until it is answered: throttling, 5xx and broken
 * connections decide nothing.
 *
 * @throws the signal's reason, or what the call threw that is not transient.
 */
export function patiently<Answer>(
  { signal, log, random }: Pick<EmrAccess, 'signal' | 'log' | 'random'>,
  ask: (options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  return poll({
    ask: (abortSignal) => ask({ abortSignal }),
    isOver: () => true,
    stateOf: () => '',
    onChange: () => {},
    signal,
    log,
    random,
  });
}
