import { createHash } from 'node:crypto';
import type { RunIdentity } from '../../shared/src/action/run-identity.ts';

/**
 * What all clusters of one job of one run are called. EMR has no client token, and its ListClusters
 * tells names but no tags, so the name carries what a cluster is found again by: the repository, the
 * job, the run and what the cluster is made of. `/1`, `/2` follow for the first and second choice of machines.
 *
 * @param request all of the request that decides what the cluster does; the same in each attempt.
 */
export function clusterBaseName({ repository, job, runId }: RunIdentity, request: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 12);
  return `${repository}/${job}/${runId}/${digest}`;
}

/** The tags of a cluster. `starter` tells apart two that started a cluster of the same name at once. */
export const TAGS = {
  pipeline: 'pipeline',
  repository: 'repository',
  runId: 'run-id',
  runAttempt: 'run-attempt',
  job: 'job',
  starter: 'starter',
  expiresAt: 'expires-at',
} as const;

/** The value of the tag `pipeline` of every cluster that this action makes. */
export const PIPELINE = 'emr-run';
