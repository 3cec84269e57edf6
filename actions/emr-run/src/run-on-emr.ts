import { type RunIdentity } from '../../shared/src/action/run-identity.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { asFailure, PipelineError } from '../../shared/src/errors.ts';
import { attachCluster, placeSteps } from './attach-cluster.ts';
import { clusterBaseName } from './cluster-naming.ts';
import { planClusters } from './cluster-plan.ts';
import { type ClusterSettings, requestDigest } from './cluster-request.ts';
import { checkCeiling, estimateCost } from './cost.ts';
import { EMR_TASKS, type EmrContext, type EmrDependencies } from './emr-context.ts';
import { endRun } from './end-run.ts';
import type { Inputs } from './inputs.ts';
import type { Prices } from './prices.ts';
import type { Job } from './steps.ts';
import { STATE } from './terminate-cluster.ts';
import { uploadFiles } from './upload.ts';
import { noteJob, watchJob } from './watch-job.ts';

/**
 * Runs a job on EMR from the upload to the end of its cluster, within `timeout-minutes`. What is known of it is in
 * the dependencies' facts, however it ends.
 *
 * @throws PipelineError that tells why the job did not complete and what became of its cluster.
 */
export async function runOnEmr(
  inputs: Inputs,
  identity: RunIdentity,
  job: Job,
  settings: ClusterSettings,
  prices: Prices,
  dependencies: EmrDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { s3, tasks, facts } = dependencies;
  const minutes = inputs['timeout-minutes'];
  const estimate = estimateCost(settings, identity.region, minutes, prices);
  facts.expectedEur = estimate.expectedEur;
  facts.atMostEur = estimate.atMostEur;
  checkCeiling(estimate, inputs['max-cost-eur']);

  const limited = limitTime(signal, minutes, 'The job');
  await tasks.run(EMR_TASKS.upload, async (log) => {
    const { uploaded, present } = await uploadFiles(job.files, s3, limited, log);
    return { value: undefined, detail: `${uploaded} uploaded, ${present} there already` };
  });
  const context = beginContext(inputs, identity, job, settings, prices, dependencies, limited);
  try {
    await createAndWatch(context);
  } catch (error) {
    const end = context.hasStarted()
      ? (await endRun(context, signal.aborted)).text
      : 'This process started no cluster.';
    const failure = asFailure(error, tasks.reports.find(({ state }) => state === 'failed')?.name ?? '', '');
    throw new PipelineError({ ...failure, done: `${failure.done} ${end}`.trim() }, { cause: error });
  }
  if (!context.hasStarted()) {
    tasks.skip([EMR_TASKS.terminate], 'no cluster of this process');
    return;
  }
  const end = await endRun(context, signal.aborted);
  if (end.isLeak) dependencies.warn('A cluster may still be running', end.text);
}

function beginContext(
  inputs: Inputs,
  identity: RunIdentity,
  job: Job,
  settings: ClusterSettings,
  prices: Prices,
  dependencies: EmrDependencies,
  signal: AbortSignal,
): EmrContext {
  const { emr, emrOnce, starter, now, random, saveState } = dependencies;
  const baseName = clusterBaseName(identity, requestDigest(settings, job.steps));
  let hasStarted = false;
  // Before a cluster is asked for: killed in the midst of the request, nobody else would know of it.
  const announce = () => {
    if (hasStarted) return;
    hasStarted = true;
    saveState(STATE.baseName, baseName);
    saveState(STATE.starter, starter);
  };
  const claimed: string[] = [];
  const claim = (clusterId: string) => {
    announce();
    saveState(STATE.clusterId, clusterId);
    claimed.push(clusterId);
  };
  return {
    ...dependencies,
    plan: planClusters(inputs, identity, { baseName, starter }, settings, job.steps, now()),
    region: identity.region,
    prices,
    logUri: settings.request.LogUri ?? null,
    isConcurrent: (settings.request.StepConcurrencyLevel ?? 1) > 1,
    claimed,
    hasStarted: () => hasStarted,
    access: (log) => ({ emr, emrOnce, now, random, announce, claim, signal, log }),
  };
}

async function createAndWatch(context: EmrContext): Promise<void> {
  const { plan, tasks, facts, access } = context;
  const attachment = await tasks.run(EMR_TASKS.create, async (log) => {
    const value = await attachCluster(access(log), plan, 1);
    facts.reattached = value.origin === 'adopted' || value.completed.size > 0;
    noteJob(context, { attachment: value, placed: new Map(), added: 0 });
    return {
      value,
      detail: value.clusterId === null ? 'none needed' : `${value.clusterId}, ${value.origin}`,
    };
  });
  if (attachment.clusterId === null) {
    tasks.skip([EMR_TASKS.add, EMR_TASKS.watch], 'all steps are completed already');
    return;
  }
  const job = await tasks.run(EMR_TASKS.add, async (log) => {
    const value = await placeSteps(access(log), plan, attachment, 1);
    noteJob(context, value);
    const { size } = value.attachment.completed;
    return {
      value,
      detail: `${value.placed.size} to follow, ${value.added} added, ${size} completed before`,
    };
  });
  await tasks.run(EMR_TASKS.watch, async (log) => {
    await watchJob(context, access(log), job);
    return { value: undefined, detail: `${plan.steps.length} of ${plan.steps.length} steps done` };
  });
}
