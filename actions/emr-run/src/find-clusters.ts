import {
  type Cluster,
  type ClusterState,
  type ClusterSummary,
  DescribeClusterCommand,
  ListClustersCommand,
  ListStepsCommand,
  type StepSummary,
} from '@aws-sdk/client-emr';
import { byAge, type EmrAccess, patiently } from './cluster-state.ts';

/** What a look at clusters needs. */
export type Look = Pick<EmrAccess, 'emr' | 'now' | 'random' | 'signal' | 'log'>;

/** A run can be run again for 30 days and lasts 35 days at most (docs.github.com, re-run and usage limits). */
const OLDEST_DAYS = 65;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The clusters whose name begins so, as EMR lists them, which is without tags.
 *
 * @param states all states when empty; then only clusters that a run of today may still know.
 */
export async function listClusters(
  look: Look,
  namePrefix: string,
  states: readonly ClusterState[] = [],
): Promise<ClusterSummary[]> {
  const filter =
    states.length > 0
      ? { ClusterStates: [...states] }
      : { CreatedAfter: new Date(look.now().getTime() - OLDEST_DAYS * DAY_MS) };
  const found: ClusterSummary[] = [];
  let Marker: string | undefined;
  do {
    const page = await patiently(look, (options) =>
      look.emr.send(
        new ListClustersCommand({ ...filter, ...(Marker === undefined ? {} : { Marker }) }),
        options,
      ),
    );
    found.push(...(page.Clusters ?? []).filter(({ Name }) => Name?.startsWith(namePrefix)));
    Marker = page.Marker;
  } while (Marker);
  return found;
}

/** The clusters of a job of a run with their tags, whatever the choice of machines, the oldest first. */
export async function findRunClusters(
  look: Look,
  baseName: string,
  states?: readonly ClusterState[],
): Promise<Cluster[]> {
  const clusters: Cluster[] = [];
  // One after the other: EMR's describing operations have a low rate for the whole account.
  for (const { Id = '' } of await listClusters(look, `${baseName}/`, states)) {
    clusters.push(await describeCluster(look, Id));
  }
  return clusters.toSorted(byAge);
}

/** The cluster as it is now. */
export async function describeCluster(look: Look, id: string): Promise<Cluster> {
  const { Cluster: cluster } = await patiently(look, (options) =>
    look.emr.send(new DescribeClusterCommand({ ClusterId: id }), options),
  );
  if (cluster === undefined) throw new TypeError(`EMR told nothing of the cluster ${id}`);
  return cluster;
}

/** The cluster's steps, in the order in which they were added. */
export async function listSteps(look: Look, clusterId: string): Promise<StepSummary[]> {
  const steps: StepSummary[] = [];
  let Marker: string | undefined;
  do {
    const page = await patiently(look, (options) =>
      look.emr.send(
        new ListStepsCommand({ ClusterId: clusterId, ...(Marker === undefined ? {} : { Marker }) }),
        options,
      ),
    );
    steps.push(...(page.Steps ?? []));
    Marker = page.Marker;
  } while (Marker);
  // EMR lists the newest first (API reference, ListSteps).
  return steps.toReversed();
}
