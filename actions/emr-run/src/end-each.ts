import type { Cluster } from '@aws-sdk/client-emr';
import { explainAwsError } from '../../shared/src/aws/refusal.ts';
import { asFailure, PipelineError } from '../../shared/src/errors.ts';
import { PIPELINE, TAGS } from './cluster-naming.ts';
import { LIVE_STATES, tagOf } from './cluster-state.ts';
import { EMR_TASKS } from './emr-context.ts';
import { describeCluster, type Look, listClusters } from './find-clusters.ts';
import { requestTermination } from './terminate-cluster.ts';

/** A cluster that was looked at closer. */
export interface SweptCluster {
  readonly id: string;
  readonly name: string;
  /** Why it was ended or left. */
  readonly reason: string;
}

/** A cluster of which AWS refused the look or the end. */
export interface RefusedCluster extends SweptCluster {
  /** What to do about it. */
  readonly next: string;
}

/** What became of the clusters. */
export interface Sweep {
  readonly ended: readonly SweptCluster[];
  /** Those past their time that were left nevertheless; somebody should look at them. */
  readonly left: readonly SweptCluster[];
  readonly refused: readonly RefusedCluster[];
}

/** Whether a cluster's work is over, and why that is known; null for one that is not to be touched. */
export type Judge = (
  cluster: Cluster,
) => Promise<{ readonly isOver: boolean; readonly reason: string } | null>;

/**
 * Ends those of the live clusters that this action started in the repository whose work is over. One that AWS
 * refuses keeps no other one alive.
 *
 * @throws the signal's reason, with what was ended before; what EMR refused when it tells of no cluster at all.
 */
export async function endEach(look: Look, repository: string, judge: Judge): Promise<Sweep> {
  const ended: SweptCluster[] = [];
  const left: SweptCluster[] = [];
  const refused: RefusedCluster[] = [];
  const tell = (list: SweptCluster[], what: string, { id, name, reason }: SweptCluster) => {
    list.push({ id, name, reason });
    look.log.info(`cluster ${id} ${what}: ${reason}`);
  };
  for (const { Id: id = '', Name: name = '' } of await listClusters(look, `${repository}/`, LIVE_STATES)) {
    try {
      const cluster = await describeCluster(look, id);
      const verdict = isOurs(cluster, repository) ? await judge(cluster) : null;
      if (verdict === null) continue;
      const swept = { id, name, reason: verdict.reason };
      if (!verdict.isOver) {
        tell(left, 'left', swept);
        continue;
      }
      await requestTermination(look, [id]);
      tell(ended, 'ended', swept);
    } catch (error) {
      if (look.signal.aborted) throw stopped(look.signal.reason, ended);
      const action = 'elasticmapreduce:TerminateJobFlows';
      const { why, next } = explainAwsError(error, { action, resource: `cluster ${id}` });
      refused.push({ id, name, reason: why, next });
      look.log.info(`cluster ${id} left: ${why}`);
    }
  }
  return { ended, left, refused };
}

/** Whether this action started the cluster, in this repository. */
function isOurs(cluster: Cluster, repository: string): boolean {
  return tagOf(cluster, TAGS.pipeline) === PIPELINE && tagOf(cluster, TAGS.repository) === repository;
}

function stopped(reason: unknown, ended: readonly SweptCluster[]): PipelineError {
  const ids = ended.map(({ id }) => id).join(', ');
  const done = ids === '' ? 'No cluster was ended.' : `Ended before: ${ids}.`;
  return new PipelineError({ ...asFailure(reason, EMR_TASKS.terminate, done), done }, { cause: reason });
}
