import type { Cluster } from '@aws-sdk/client-emr';
import { messageOf } from '../../shared/src/errors.ts';
import { PIPELINE, TAGS } from './cluster-naming.ts';
import { LIVE_STATES, tagOf } from './cluster-state.ts';
import { findClusters, type Look } from './find-clusters.ts';
import { requestTermination } from './terminate-cluster.ts';

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

/** A cluster that was looked at closer. */
export interface SweptCluster {
  readonly id: string;
  readonly name: string;
  /** Why it was ended or left. */
  readonly reason: string;
}

/** What a sweep did. */
export interface Sweep {
  readonly ended: readonly SweptCluster[];
  /** Those past their time that were left nevertheless; somebody should look at them. */
  readonly left: readonly SweptCluster[];
}

/**
 * Ends the live clusters of the repository that this action started, that are past their time, and whose
 * run is over. Those of a run that still runs, or of which GitHub tells nothing, are left and told.
 *
 * @throws the signal's reason, or what EMR refused.
 */
export async function sweep(dependencies: SweepDependencies): Promise<Sweep> {
  const { repository, log, now } = dependencies;
  const clusters = await findClusters(dependencies, `${repository}/`, LIVE_STATES);
  const ended: SweptCluster[] = [];
  const left: SweptCluster[] = [];
  for (const cluster of clusters.filter((one) => isExpired(one, repository, now()))) {
    const id = cluster.Id ?? '';
    const run = await askForRun(dependencies, tagOf(cluster, TAGS.runId));
    const expired = `expired at ${tagOf(cluster, TAGS.expiresAt)}`;
    const swept = { id, name: cluster.Name ?? '', reason: `${expired}; ${run.reason}` };
    if (run.isOver) {
      await requestTermination(dependencies, [id]);
      ended.push(swept);
    } else {
      left.push(swept);
    }
    log.info(`cluster ${id} ${run.isOver ? 'ended' : 'left'}: ${swept.reason}`);
  }
  return { ended, left };
}

/** Whether this action started the cluster, in this repository. */
export function isOurs(cluster: Cluster, repository: string): boolean {
  return tagOf(cluster, TAGS.pipeline) === PIPELINE && tagOf(cluster, TAGS.repository) === repository;
}

/** A cluster without a readable time is nobody's that this action knows, and is not touched. */
function isExpired(cluster: Cluster, repository: string, now: Date): boolean {
  return isOurs(cluster, repository) && Date.parse(tagOf(cluster, TAGS.expiresAt) ?? '') < now.getTime();
}

/**
 * Whether the run is over, as `GET /repos/{owner}/{repo}/actions/runs/{run_id}` tells it. A run that
 * GitHub does not know, or does not show, is over: nobody could stop its cluster any more.
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
    if (answer.status === 404 || answer.status === 403) {
      return { isOver: true, reason: `run ${runId} is not known (HTTP ${answer.status})` };
    }
    if (!answer.ok)
      return { isOver: false, reason: `GitHub did not tell of run ${runId}: HTTP ${answer.status}` };
    const run: unknown = await answer.json();
    const status =
      typeof run === 'object' && run !== null && 'status' in run ? String(run.status) : 'unknown';
    return { isOver: status === 'completed', reason: `run ${runId} is ${status}` };
  } catch (error) {
    signal.throwIfAborted();
    return { isOver: false, reason: `GitHub did not tell of run ${runId}: ${messageOf(error)}` };
  }
}
