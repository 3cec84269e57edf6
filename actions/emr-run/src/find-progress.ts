import type { Cluster, StepSummary } from '@aws-sdk/client-emr';
import { TAGS } from './cluster-naming.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { type EmrAccess, isLive, tagOf } from './cluster-state.ts';
import { isOfPlan } from './create-cluster.ts';
import { findRunClusters, listSteps } from './find-clusters.ts';

/** A step of the job and where it is. */
export interface PlacedStep {
  readonly clusterId: string;
  readonly stepId: string;
}

/** What there is of a job already. */
export interface Progress {
  /** All clusters of the job in this run. */
  readonly clusterIds: ReadonlySet<string>;
  /** The live cluster to follow, the oldest one when there are several. */
  readonly live: Cluster | null;
  /** Live clusters of earlier attempts that are not gone on with. */
  readonly abandoned: readonly Cluster[];
  /** The steps that are completed and need not be repeated, by their names. */
  readonly completed: ReadonlyMap<string, PlacedStep>;
}

/**
 * Looks what the run has of its job: clusters of this attempt and of earlier ones, and what they completed,
 * also those that have ended. Without `reattach` nothing that another cluster completed counts.
 */
export async function findProgress(access: EmrAccess, plan: ClusterPlan): Promise<Progress> {
  const clusters = await findRunClusters(access, plan.baseName);
  const live = clusters.filter(isLive);
  const completed = new Map<string, PlacedStep>();
  if (plan.reattach) {
    for (const { Id = '' } of clusters) {
      for (const [name, step] of completedSteps(Id, await listSteps(access, Id))) completed.set(name, step);
    }
  }
  return {
    clusterIds: new Set(clusters.map(({ Id = '' }) => Id)),
    live: live.find((cluster) => isOfPlan(cluster, plan)) ?? null,
    abandoned: live.filter(
      (cluster) => !isOfPlan(cluster, plan) && tagOf(cluster, TAGS.starter) !== plan.starter,
    ),
    completed,
  };
}

/** The steps of a cluster that are completed, by their names. */
export function completedSteps(
  clusterId: string,
  steps: readonly StepSummary[],
): ReadonlyMap<string, PlacedStep> {
  return new Map(
    steps
      .filter(({ Status }) => Status?.State === 'COMPLETED')
      .map(({ Name = '', Id = '' }) => [Name, { clusterId, stepId: Id }]),
  );
}
