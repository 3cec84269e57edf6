import { messageOf } from '../../shared/src/errors.ts';
import { PIPELINE, TAGS } from './cluster-naming.ts';
import { tagOf } from './cluster-state.ts';
import { endEach, type Sweep } from './end-each.ts';
import type { Look } from './find-clusters.ts';

const GITHUB_LIMIT_MS = 20_000;

/** What a sweep works with. */
export interface SweepDependencies extends Look {
  /** `owner/name`. */
  readonly repository: string;
  /** GitHub's REST API, `GITHUB_API_URL` on a runner. */
  readonly apiUrl: string;
  /** Null to ask as anybody. */
  readonly token: string | null;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Ends the live clusters of the repository that this action started, that are past their time, and whose
 * run is over. Those of a run that still runs, or of which GitHub tells nothing, are left and told.
 */
export function sweep(dependencies: SweepDependencies): Promise<Sweep> {
  return endEach(dependencies, dependencies.repository, async (cluster) => {
    const expiresAt = tagOf(cluster, TAGS.expiresAt) ?? '';
    // A cluster without a readable time is nobody's that this action knows, and is not touched.
    if (!(Date.parse(expiresAt) < dependencies.now().getTime())) return null;
    const run = await askForRun(dependencies, tagOf(cluster, TAGS.runId));
    return { isOver: run.isOver, reason: `expired at ${expiresAt}; ${run.reason}` };
  });
}

/**
 * Whether the run is over, as `GET /repos/{owner}/{repo}/actions/runs/{run_id}` tells it. A run that
 * GitHub does not know is over: nobody could stop its cluster any more. One that it does not show is not: 403 is
 * also what a token without `actions: read` gets, and one that has asked too often.
 */
async function askForRun(
  { repository, apiUrl, token, fetch, signal }: SweepDependencies,
  runId: string | null,
): Promise<{ readonly isOver: boolean; readonly reason: string }> {
  if (runId === null || !/^\d+$/.test(runId)) return { isOver: true, reason: 'its tags name no run' };
  try {
    const answer = await fetch(`${apiUrl}/repos/${repository}/actions/runs/${runId}`, {
      headers: {
        accept: 'application/vnd.github+json',
        'user-agent': PIPELINE,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(GITHUB_LIMIT_MS)]),
    });
    if (answer.status === 404) return { isOver: true, reason: `run ${runId} is not known (HTTP 404)` };
    if (!answer.ok) {
      const hint = answer.status === 403 ? '; give the job `permissions: actions: read`' : '';
      const reason = `GitHub did not tell of run ${runId}: HTTP ${answer.status}${hint}`;
      return { isOver: false, reason };
    }
    const run: unknown = await answer.json();
    const status =
      typeof run === 'object' && run !== null && 'status' in run ? String(run.status) : 'unknown';
    return { isOver: status === 'completed', reason: `run ${runId} is ${status}` };
  } catch (error) {
    signal.throwIfAborted();
    return { isOver: false, reason: `GitHub did not tell of run ${runId}: ${messageOf(error)}` };
  }
}
