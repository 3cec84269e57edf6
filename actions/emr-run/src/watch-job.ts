import { attachCluster, type PlacedJob, placeSteps } from './attach-cluster.ts';
import type { EmrAccess } from './cluster-state.ts';
import type { EmrContext } from './emr-context.ts';
import { endingOf, watchSteps } from './watch-steps.ts';

/**
 * Follows the job to its end. When its cluster had no capacity or could not be bootstrapped, the steps that
 * are not completed go to a cluster of the next choice of machines; a step that failed is never repeated.
 *
 * @throws PipelineError that tells why the job did not complete, or the signal's reason.
 */
export async function watchJob(context: EmrContext, access: EmrAccess, first: PlacedJob): Promise<void> {
  const { plan, facts } = context;
  let job = first;
  for (let choice = 1; ; choice += 1) {
    noteJob(context, job);
    const { clusterId } = job.attachment;
    if (clusterId === null) return;
    const ids = [...job.placed.values()].map(({ stepId }) => stepId);
    const watched = await watchSteps(access, clusterId, ids, plan.steps.length, (state) => {
      facts.state = state;
    });
    const ending = endingOf(watched, ids.length);
    if (ending.kind === 'completed') return;
    if (ending.kind === 'step-failed') {
      const failed = { clusterId, step: ending.step, logUri: context.logUri };
      throw await context.explainFailedStep(failed, context.s3, access.signal, access.log);
    }
    const { kind, error } = context.explainClusterEnd(watched.cluster, ending.steps);
    if (kind === 'final' || choice >= plan.choices) throw error;
    access.log.info(`${error.failure.why}; trying choice ${choice + 1} of ${plan.choices} of the machines.`);
    job = await placeSteps(access, plan, await attachCluster(access, plan, choice + 1), choice + 1);
  }
}

/** Notes which cluster and which steps it is about. */
export function noteJob({ plan, facts, region }: EmrContext, { attachment, placed }: PlacedJob): void {
  const { clusterId, completed } = attachment;
  const steps = plan.steps.flatMap(({ name }) => placed.get(name) ?? completed.get(name) ?? []);
  const shown = clusterId ?? steps.at(-1)?.clusterId ?? null;
  facts.clusterId = shown;
  facts.stepIds = steps.map(({ stepId }) => stepId);
  facts.logUrl =
    shown === null
      ? null
      : `https://${region}.console.aws.amazon.com/emr/home?region=${region}#/clusterDetails/${shown}`;
}
