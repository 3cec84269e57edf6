import { type Cluster, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { pause } from '../../shared/src/action/stop.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { TAGS } from './cluster-naming.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { byAge, type EmrAccess, isLive, LIVE_STATES, tagOf } from './cluster-state.ts';
import { describeCluster, findRunClusters } from './find-clusters.ts';
import { sendOnce } from './send-once.ts';
import type { Step } from './steps.ts';
import { requestTermination } from './terminate-cluster.ts';

/** How long a new cluster takes at most to stand in EMR's list, where another starter sees it. */
const SETTLE_SECONDS = 1;

/**
 * Starts a cluster with the steps and gives the one to follow: another one that was started for the same
 * job at the same time and is older has it, and the new one is ended.
 *
 * @param choice of the machines, from 1.
 * @param known the ids of the clusters that there were before.
 * @throws PipelineError with EMR's words when it refuses the request, or the signal's reason.
 */
export async function createCluster(
  access: EmrAccess,
  plan: ClusterPlan,
  choice: number,
  steps: readonly Step[],
  known: ReadonlySet<string>,
): Promise<Cluster> {
  const request = plan.request(choice, steps);
  access.announce();
  let id: string;
  try {
    id = await sendOnce(
      {
        operation: 'RunJobFlow',
        send: async () => {
          const { JobFlowId } = await access.emrOnce.send(new RunJobFlowCommand(request));
          if (JobFlowId === undefined) throw new TypeError('EMR told no id of the cluster');
          return JobFlowId;
        },
        find: async () => {
          const clusters = await findRunClusters(access, plan.baseName);
          const mine = clusters.find(
            (cluster) => tagOf(cluster, TAGS.starter) === plan.starter && !known.has(cluster.Id ?? ''),
          );
          return mine?.Id ?? null;
        },
      },
      access,
    );
  } catch (error) {
    access.signal.throwIfAborted();
    throw refusalOf(error, request.Name ?? '');
  }
  access.claim(id);
  access.log.info(`Cluster ${id} is starting, ${request.Name}.`);
  return settle(access, plan, id);
}

/** Of all that were started at once the oldest live one stays; those of this starter that are not it end. */
async function settle(access: EmrAccess, plan: ClusterPlan, id: string): Promise<Cluster> {
  await pause(SETTLE_SECONDS, access.signal);
  const listed = await findRunClusters(access, plan.baseName, LIVE_STATES);
  const created = listed.find(({ Id }) => Id === id) ?? (await describeCluster(access, id));
  const rivals = listed.filter(({ Id }) => Id !== id);
  const [winner = created, ...losers] = [created, ...rivals]
    .filter((cluster) => isLive(cluster) && isOfPlan(cluster, plan))
    .toSorted(byAge);
  const mine = losers.filter((cluster) => tagOf(cluster, TAGS.starter) === plan.starter);
  for (const { Id = '' } of mine) {
    access.log.info(`Cluster ${winner.Id} does the same and is older; ${Id} is ended.`);
    await requestTermination(access, [Id]);
  }
  return winner;
}

/** Whether the cluster may be followed: without `reattach` only one of this very attempt. */
export function isOfPlan(cluster: Cluster, { reattach, runAttempt }: ClusterPlan): boolean {
  return reattach || tagOf(cluster, TAGS.runAttempt) === runAttempt;
}

/** Whether it is this process's to end: it started it, or its starter was an earlier attempt, which is gone. */
export function isOwn(cluster: Cluster, { starter, runAttempt }: ClusterPlan): boolean {
  return tagOf(cluster, TAGS.starter) === starter || tagOf(cluster, TAGS.runAttempt) !== runAttempt;
}

function refusalOf(error: unknown, name: string): Error {
  const what = 'EMR did not start the cluster';
  const where = `RunJobFlow, cluster ${name}`;
  const done = 'No cluster was started.';
  if (error instanceof PipelineError) {
    return new PipelineError({ ...error.failure, what, where, done }, { cause: error });
  }
  const code = error instanceof Error ? error.name : '';
  const isRequest = ['ValidationException', 'InvalidRequestException'].includes(code);
  return new PipelineError(
    {
      kind: isRequest ? 'bad-input' : 'failed-infra',
      what,
      where,
      why: `${code}: ${messageOf(error)}`,
      done,
      next: isRequest
        ? 'Change the inputs or the configuration file as EMR says, and run again.'
        : 'Mend what EMR names, and run again.',
    },
    { cause: error },
  );
}
