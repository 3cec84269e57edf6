import type { RunIdentity } from '../../shared/src/action/run-identity.ts';
import { TAGS } from './cluster-naming.ts';
import { tagOf } from './cluster-state.ts';
import { endEach, type Sweep } from './end-each.ts';
import type { Look } from './find-clusters.ts';

/**
 * Ends the live clusters that this action started in the run, whichever job and attempt started them: for a job
 * that runs after all of these, on a runner of its own, when theirs has died.
 */
export function terminateRun(
  look: Look,
  { repository, runId }: Pick<RunIdentity, 'repository' | 'runId'>,
): Promise<Sweep> {
  const verdict = { isOver: true, reason: `its job of run ${runId} has ended` };
  return endEach(look, repository, (cluster) =>
    Promise.resolve(tagOf(cluster, TAGS.runId) === runId ? verdict : null),
  );
}
