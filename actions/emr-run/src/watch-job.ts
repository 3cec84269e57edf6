import type { StepSummary } from '@aws-sdk/client-emr';
import { attachCluster, type PlacedJob, placeSteps } from './attach-cluster.ts';
import type { EmrAccess } from './cluster-state.ts';
import type { EmrContext } from './emr-context.ts';
import { endingOf, type Watched, watchSteps } from './watch-steps.ts';

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
    const open = ending.kind === 'step-failed' ? [] : ending.steps;
    const step = ending.kind === 'step-failed' ? ending.step : stoppedStep(watched, open);
    if (step !== undefined) {
      const { logUri, isConcurrent } = context;
      const failed = { clusterId, step, logUri, isConcurrent };
      throw await context.explainFailedStep(failed, context.s3, access.signal, access.log);
    }
    const { kind, error } = context.explainClusterEnd(watched.cluster, open);
    if (kind === 'final' || choice >= plan.choices) throw error;
    access.log.info(`${error.failure.why}; trying choice ${choice + 1} of ${plan.choices} of the machines.`);
    job = await placeSteps(access, plan, await attachCluster(access, plan, choice + 1), choice + 1);
  }
}

/**
 * The step that somebody or something stopped, when the cluster has no reason of its own: it had nothing left
 * to do and tells that all steps are completed, those that were cancelled among them.
 */
function stoppedStep({ cluster }: Watched, open: readonly StepSummary[]): StepSummary | undefined {
  const code = cluster.Status?.StateChangeReason?.Code ?? '';
  if (code !== '' && code !== 'ALL_STEPS_COMPLETED') return undefined;
  return open.find(({ Status }) => Status?.State === 'CANCELLED' || Status?.State === 'INTERRUPTED');
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
