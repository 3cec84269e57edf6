import { PipelineError } from '../errors.ts';

/** Which job of which run this is, as GitHub's runner tells it, and where in AWS it works. */
export interface RunIdentity {
  /** `owner/name`. */
  readonly repository: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** The id of the job in its workflow. */
  readonly job: string;
  readonly region: string;
}

/**
 * Reads a variable that must be there.
 *
 * @param told what was done about its absence, and what to do next.
 * @throws PipelineError `bad-input` when it is missing.
 */
export function readVariable(
  environment: NodeJS.ProcessEnv,
  name: string,
  told: { readonly done: string; readonly next: string },
): string {
  const value = environment[name] ?? '';
  if (value !== '') return value;
  throw new PipelineError({
    kind: 'bad-input',
    what: 'A variable is missing',
    where: `environment variable ${name}`,
    why: 'it is not set',
    ...told,
  });
}

/** What to do when a variable of GitHub's runner is missing. */
export const AT_GITHUB = 'Run this as a step of a GitHub workflow, which sets it.';

/**
 * Reads the run's identity from the variables that GitHub's runner and configure-aws-credentials set.
 *
 * @throws PipelineError `bad-input` when one is missing.
 */
export function readRunIdentity(environment: NodeJS.ProcessEnv): RunIdentity {
  const read = (name: string, next = AT_GITHUB) =>
    readVariable(environment, name, { done: 'Nothing was started.', next });
  return {
    repository: read('GITHUB_REPOSITORY'),
    runId: read('GITHUB_RUN_ID'),
    runAttempt: read('GITHUB_RUN_ATTEMPT'),
    job: read('GITHUB_JOB'),
    region: read('AWS_REGION', 'Set it, or run aws-actions/configure-aws-credentials in a step before.'),
  };
}
