import type { RunIdentity } from '../../shared/src/action/run-identity.ts';
import { TAGS } from './cluster-naming.ts';
import { LIVE_STATES, tagOf } from './cluster-state.ts';
import { findClusters, type Look } from './find-clusters.ts';
import { isOurs, type SweptCluster } from './sweep.ts';
import { requestTermination } from './terminate-cluster.ts';

/**
 * Ends the live clusters that this action started in the run, whichever job and attempt started them: for a job
 * that runs after all of these, on a runner of its own, when theirs has died.
 *
 * @throws the signal's reason, or what EMR refused.
 */
export async function terminateRun(
  look: Look,
  { repository, runId }: Pick<RunIdentity, 'repository' | 'runId'>,
): Promise<readonly SweptCluster[]> {
  const live = await findClusters(look, `${repository}/`, LIVE_STATES);
  const ended: SweptCluster[] = [];
  for (const cluster of live) {
    if (!isOurs(cluster, repository) || tagOf(cluster, TAGS.runId) !== runId) continue;
    const { Id: id = '', Name: name = '' } = cluster;
    await requestTermination(look, [id]);
    const reason = `its job of run ${runId} has ended`;
    ended.push({ id, name, reason });
    look.log.info(`cluster ${id} ended: ${reason}`);
  }
  return ended;
}
