import type { Cluster, ClusterStateChangeReasonCode, StepSummary } from '@aws-sdk/client-emr';
import { poll } from '../../shared/src/aws/poll.ts';
import { type EmrAccess, isEnded, isOpen } from './cluster-state.ts';
import { describeCluster, listSteps } from './find-clusters.ts';

/** A cluster and the steps that are watched on it. */
export interface Watched {
  readonly cluster: Cluster;
  /** In the order of the ids that were asked for. */
  readonly steps: readonly StepSummary[];
}

/**
 * Follows steps to their end and tells each change of a state in one line. A step that is neither completed
 * nor failed is followed until it is clear why: the cluster's own end tells it.
 *
 * @param total how many steps the job has, those completed before among them.
 * @param onState is told the cluster's state when anything changes.
 * @throws the signal's reason, or what EMR refused.
 */
export async function watchSteps(
  access: EmrAccess,
  clusterId: string,
  stepIds: readonly string[],
  total: number,
  onState: (state: string) => void = () => {},
): Promise<Watched> {
  const before = total - stepIds.length;
  let last: Watched | null = null;
  return poll({
    ask: async () => {
      // In this order: a cluster seen to have ended has no step whose state still changes.
      const cluster = await describeCluster(access, clusterId);
      const steps = new Map((await listSteps(access, clusterId)).map((step) => [step.Id, step]));
      return { cluster, steps: stepIds.flatMap((id) => steps.get(id) ?? []) };
    },
    isOver: (watched) => isOver(watched, stepIds.length),
    stateOf: ({ cluster, steps }) => JSON.stringify([stateOf(cluster), ...steps.map(stateOf)]),
    onChange: (watched) => {
      onState(stateOf(watched.cluster));
      for (const line of tellChanges(last, watched, before, total)) access.log.info(line);
      last = watched;
    },
    signal: access.signal,
    log: access.log,
    random: access.random,
  });
}

/** How a watch ended. */
export type Ending =
  | { readonly kind: 'completed' }
  /** A step failed by itself. */
  | { readonly kind: 'step-failed'; readonly step: StepSummary }
  /** The cluster ended, or somebody cancelled steps, before they were done. */
  | { readonly kind: 'not-done'; readonly steps: readonly StepSummary[] };

/** Reasons of a cluster's end that its steps have no part in, whatever their states. */
const CLUSTER_FAULTS: ReadonlySet<string> = new Set<ClusterStateChangeReasonCode>([
  'BOOTSTRAP_FAILURE',
  'INSTANCE_FAILURE',
  'INSTANCE_FLEET_TIMEOUT',
  'INTERNAL_ERROR',
]);

/** How the watch ended: completed is only what is COMPLETED, step by step. */
export function endingOf({ cluster, steps }: Watched, count: number): Ending {
  const failed = steps.find((step) => stateOf(step) === 'FAILED');
  const isBroken = CLUSTER_FAULTS.has(cluster.Status?.StateChangeReason?.Code ?? '');
  if (failed !== undefined && !isBroken) return { kind: 'step-failed', step: failed };
  const open = steps.filter((step) => stateOf(step) !== 'COMPLETED');
  return open.length === 0 && steps.length === count
    ? { kind: 'completed' }
    : { kind: 'not-done', steps: open };
}

function isOver(watched: Watched, count: number): boolean {
  const { cluster, steps } = watched;
  if (isEnded(cluster)) return true;
  if (steps.length < count || steps.some((step) => isOpen(stateOf(step)))) return false;
  if (endingOf(watched, count).kind !== 'not-done') return true;
  // A cluster that ends tells why; one that waits for steps has nothing to tell.
  const isEnding =
    stateOf(cluster) === 'TERMINATING' && cluster.Status?.StateChangeReason?.Code !== undefined;
  return isEnding || stateOf(cluster) === 'WAITING';
}

function* tellChanges(last: Watched | null, now: Watched, before: number, total: number) {
  if (last === null || stateOf(last.cluster) !== stateOf(now.cluster)) {
    const { Message: reason = '' } = now.cluster.Status?.StateChangeReason ?? {};
    yield `cluster ${now.cluster.Id}: ${stateOf(now.cluster)}${reason === '' ? '' : ` (${reason})`}`;
  }
  const states = new Map(last?.steps.map((step) => [step.Id, stateOf(step)]));
  const done = before + now.steps.filter((step) => stateOf(step) === 'COMPLETED').length;
  for (const step of now.steps) {
    if (states.get(step.Id) === stateOf(step)) continue;
    yield `step ${step.Name}: ${stateOf(step)}, ${done} of ${total} steps done`;
  }
}

function stateOf({
  Status,
}: {
  readonly Status?: { readonly State?: string | undefined } | undefined;
}): string {
  return Status?.State ?? 'unknown';
}
