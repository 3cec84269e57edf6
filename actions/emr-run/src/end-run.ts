import { type Instance, ListInstancesCommand } from '@aws-sdk/client-emr';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { patiently } from './cluster-state.ts';
import { costOf } from './cost.ts';
import { EMR_TASKS, type EmrContext } from './emr-context.ts';
import type { Look } from './find-clusters.ts';
import { MAIN_LIMIT_SECONDS, terminateOwn } from './terminate-cluster.ts';

/** How long main takes to end a cluster, and to reckon its cost, when nobody waits for it to go. */
const PATIENT_SECONDS = 60;
const COST_SECONDS = 30;

/** What became of a run's clusters. */
export interface EndedClusters {
  /** One sentence. */
  readonly text: string;
  /** Whether one may live on. */
  readonly isLeak: boolean;
}

/**
 * Ends what this process started or took over, and notes its last state and cost. That an end could not be
 * confirmed is told and decides nothing: the post phase asks again, and is red when a cluster lives on.
 *
 * @param isCancelled whether the runner is about to kill this process, so that there are seconds only.
 */
export async function endRun(context: EmrContext, isCancelled: boolean): Promise<EndedClusters> {
  const { plan, claimed, facts, tasks } = context;
  try {
    return await tasks.run(EMR_TASKS.terminate, async (log) => {
      const own = { ...plan, clusterId: claimed.at(-1) ?? null };
      const seconds = isCancelled ? MAIN_LIMIT_SECONDS : PATIENT_SECONDS;
      const ending = await terminateOwn(context.access(log), own, seconds);
      facts.state = ending.find(({ id }) => id === facts.clusterId)?.state ?? facts.state;
      if (!isCancelled) await noteCost(context, log);
      const ids = ending.map(({ id }) => id).join(', ');
      const text = ids === '' ? 'No cluster is left.' : `${ids} is ending or has ended.`;
      return { value: { text, isLeak: false }, detail: text };
    });
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const { what, where, why } = error.failure;
    const text = `${what} (${where}: ${why}); the post phase of the step asks EMR again.`;
    return { text, isLeak: true };
  }
}

/** Notes the cost of the clusters; that it is not known fails no run. */
async function noteCost(context: EmrContext, log: TaskLog): Promise<void> {
  const { claimed, facts, prices, region, now } = context;
  const look: Look = { ...context.access(log), signal: AbortSignal.timeout(COST_SECONDS * 1000) };
  try {
    const instances: Instance[] = [];
    for (const id of new Set(claimed)) instances.push(...(await listInstances(look, id)));
    const cost = costOf(instances, region, now(), prices);
    facts.costEur = cost.eur;
    if (cost.unpriced.length > 0)
      log.info(`Not in the cost, for want of a price: ${cost.unpriced.join(', ')}`);
  } catch (error) {
    log.info(`What the run has cost is not known: ${messageOf(error)}`);
  }
}

async function listInstances(look: Look, ClusterId: string): Promise<Instance[]> {
  const instances: Instance[] = [];
  let Marker: string | undefined;
  do {
    const page = await patiently(look, (options) =>
      look.emr.send(
        new ListInstancesCommand({ ClusterId, ...(Marker === undefined ? {} : { Marker }) }),
        options,
      ),
    );
    instances.push(...(page.Instances ?? []));
    Marker = page.Marker;
  } while (Marker);
  return instances;
}
