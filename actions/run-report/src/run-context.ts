import { z } from 'zod';
import { AT_GITHUB, readVariable } from '../../shared/src/action/run-identity.ts';
import { parseJson } from './jobs.ts';

/** Which attempt of which run this is, and where it can be looked at. */
export interface RunContext {
  readonly owner: string;
  readonly repository: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** The page of the run's attempt. */
  readonly runUrl: string;
  /** Where GitHub's API is. */
  readonly apiUrl: string;
  /** Whether nobody but the clock has started it. */
  readonly isScheduled: boolean;
}

/** The pull request that a run is for. */
export interface PullRequest {
  readonly number: number;
  /** Whether it comes from another repository: then the run's token may only read. */
  readonly isFromFork: boolean;
}

const eventSchema = z.object({
  pull_request: z
    .object({
      number: z.int().positive(),
      // Of a fork that was deleted meanwhile it is null.
      head: z.object({ repo: z.object({ full_name: z.string() }).nullish() }).optional(),
    })
    .optional(),
});

/**
 * Reads which run this is from the variables that GitHub's runner sets.
 *
 * @throws PipelineError `bad-input` when one is missing.
 */
export function readRunContext(environment: NodeJS.ProcessEnv): RunContext {
  const read = (name: string) =>
    readVariable(environment, name, { done: 'The jobs are as they were.', next: AT_GITHUB });
  const [owner = '', repository = ''] = read('GITHUB_REPOSITORY').split('/');
  const [runId, runAttempt] = [read('GITHUB_RUN_ID'), read('GITHUB_RUN_ATTEMPT')];
  return {
    owner,
    repository,
    runId,
    runAttempt,
    runUrl: `${read('GITHUB_SERVER_URL')}/${owner}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`,
    apiUrl: read('GITHUB_API_URL'),
    isScheduled: environment.GITHUB_EVENT_NAME === 'schedule',
  };
}

/**
 * The pull request that the run is for; null when it is for none.
 *
 * @param event the text of the file that GITHUB_EVENT_PATH names.
 * @throws PipelineError `bad-input` when it is no event.
 */
export function readPullRequest(
  event: string,
  { owner, repository }: Pick<RunContext, 'owner' | 'repository'>,
): PullRequest | null {
  const { pull_request } = parseJson(event, 'the event of the run', eventSchema);
  if (pull_request === undefined) return null;
  const { number, head } = pull_request;
  const from = head?.repo;
  const isFromFork = from !== undefined && from?.full_name !== `${owner}/${repository}`;
  return { number, isFromFork };
}
