import { AddTagsCommand, type Cluster } from '@aws-sdk/client-emr';
import { addSteps } from './add-steps.ts';
import { TAGS } from './cluster-naming.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { type EmrAccess, patiently, tagOf } from './cluster-state.ts';
import { createCluster, isOwn } from './create-cluster.ts';
import { findProgress, type PlacedStep } from './find-progress.ts';
import { requestTermination } from './terminate-cluster.ts';

/** The cluster that is followed, and what need not be done on it. */
export interface Attachment {
  /** Null when there is nothing left to do. */
  readonly clusterId: string | null;
  /**
   * Who started it: this process, `created`; another one of the same attempt at the same time, `shared`,
   * which ends it too; an earlier attempt, `adopted`.
   */
  readonly origin: 'created' | 'shared' | 'adopted';
  /** The steps that are completed already, by their names. */
  readonly completed: ReadonlyMap<string, PlacedStep>;
}

/**
 * Finds the job's live cluster or starts one, with the steps that are not completed.
 *
 * @param choice of the machines, from 1, should one be started.
 * @throws PipelineError when EMR refuses it, or the signal's reason.
 */
export async function attachCluster(
  access: EmrAccess,
  plan: ClusterPlan,
  choice: number,
): Promise<Attachment> {
  const { clusterIds, live, abandoned, completed } = await findProgress(access, plan);
  if (abandoned.length > 0) {
    const ids = abandoned.map(({ Id = '' }) => Id);
    access.log.info(`An earlier attempt left ${ids.join(', ')}; reattach is false, so it is ended.`);
    await requestTermination(access, ids);
  }
  const rest = plan.steps.filter(({ name }) => !completed.has(name));
  if (rest.length === 0) {
    access.log.info('All steps are completed already; no cluster is needed.');
    return { clusterId: null, origin: 'adopted', completed };
  }
  if (completed.size > 0) {
    access.log.info(`${completed.size} of ${plan.steps.length} steps are completed already.`);
  }
  const cluster = live ?? (await createCluster(access, plan, choice, rest, clusterIds));
  const clusterId = cluster.Id ?? '';
  const origin = originOf(cluster, plan);
  if (origin === 'created') return { clusterId, origin, completed };
  access.log.info(`Following cluster ${clusterId}, ${ORIGINS[origin]}.`);
  if (origin === 'adopted') await adopt(access, plan, clusterId);
  return { clusterId, origin, completed };
}

const ORIGINS = {
  shared: 'which another process started for the same job',
  adopted: 'which an earlier attempt of this run started',
} as const;

function originOf(cluster: Cluster, plan: ClusterPlan): Attachment['origin'] {
  if (tagOf(cluster, TAGS.starter) === plan.starter) return 'created';
  return isOwn(cluster, plan) ? 'adopted' : 'shared';
}

/** From now on it is this process's to end, and the sweep leaves it as long as this attempt may last. */
async function adopt(access: EmrAccess, { expiresAt }: ClusterPlan, clusterId: string): Promise<void> {
  access.claim(clusterId);
  const Tags = [{ Key: TAGS.expiresAt, Value: expiresAt }];
  await patiently(access, (options) =>
    access.emr.send(new AddTagsCommand({ ResourceId: clusterId, Tags }), options),
  );
}

/** A job's steps, all of which are completed or on a cluster. */
export interface PlacedJob {
  readonly attachment: Attachment;
  /** By the steps' names, those on the cluster alone. */
  readonly placed: ReadonlyMap<string, PlacedStep>;
  /** How many had to be added. */
  readonly added: number;
}

/** Brings the steps onto the cluster; when it has meanwhile ended, onto another one. */
export async function placeSteps(
  access: EmrAccess,
  plan: ClusterPlan,
  first: Attachment,
  choice: number,
): Promise<PlacedJob> {
  for (let attachment = first; ; attachment = await attachCluster(access, plan, choice)) {
    if (attachment.clusterId === null) return { attachment, placed: new Map(), added: 0 };
    const steps = await addSteps(access, plan, attachment.clusterId, attachment);
    if (steps !== null) return { attachment, ...steps };
    access.log.info(`Cluster ${attachment.clusterId} has begun to end and takes no step.`);
  }
}
