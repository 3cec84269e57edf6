import type { RunJobFlowCommandInput } from '@aws-sdk/client-emr';
import { type RunIdentity } from '../../shared/src/action/run-identity.ts';
import { PIPELINE, TAGS } from './cluster-naming.ts';
import { buildClusterRequest, type ClusterSettings } from './cluster-request.ts';
import type { Inputs } from './inputs.ts';
import type { Step } from './steps.ts';

/** However long the job may take, ending it takes no longer than this. */
const ENDING_MINUTES = 30;
const MINUTE_MS = 60_000;

/** What the clusters of a job of a run are to be. */
export interface ClusterPlan {
  /** What the names of all of them begin with, see `clusterBaseName`. */
  readonly baseName: string;
  /** Who starts them: unique for each process. */
  readonly starter: string;
  readonly runAttempt: string;
  /** Whether what an earlier attempt of the run left is gone on with. */
  readonly reattach: boolean;
  readonly steps: readonly Step[];
  /** How many choices of machines there are. */
  readonly choices: number;
  /** The request of the cluster of that choice, from 1, with these steps. */
  readonly request: (choice: number, steps: readonly Step[]) => RunJobFlowCommandInput;
  /** The tag after whose time nobody needs the cluster. */
  readonly expiresAt: string;
}

/**
 * The plan of a run's clusters.
 *
 * @param now the start, from which the clusters' expiry counts.
 */
export function planClusters(
  inputs: Pick<Inputs, 'timeout-minutes' | 'reattach'>,
  { repository, runId, runAttempt, job }: RunIdentity,
  { baseName, starter }: Pick<ClusterPlan, 'baseName' | 'starter'>,
  settings: ClusterSettings,
  steps: readonly Step[],
  now: Date,
): ClusterPlan {
  const minutes = inputs['timeout-minutes'] + ENDING_MINUTES;
  const expiresAt = new Date(now.getTime() + minutes * MINUTE_MS).toISOString();
  const tags = {
    [TAGS.pipeline]: PIPELINE,
    [TAGS.repository]: repository,
    [TAGS.runId]: runId,
    [TAGS.runAttempt]: runAttempt,
    [TAGS.job]: job,
    [TAGS.starter]: starter,
    [TAGS.expiresAt]: expiresAt,
  };
  return {
    baseName,
    starter,
    runAttempt,
    reattach: inputs.reattach,
    steps,
    choices: settings.choices.length,
    request: (choice, wanted) =>
      buildClusterRequest(settings, choice, { name: `${baseName}/${choice}`, tags }, wanted),
    expiresAt,
  };
}
