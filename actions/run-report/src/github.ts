import { getOctokit } from '@actions/github';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';

/** GitHub's API, as @actions/github knows it. */
export type Github = ReturnType<typeof getOctokit>;

/** The repository that is written to. */
export interface Place {
  readonly github: Github;
  readonly owner: string;
  readonly repository: string;
}

const TRIES = 5;
const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 60;
const REQUEST_MILLISECONDS = 20_000;

/** Opens GitHub's API. No request takes longer than 20 seconds, and the signal ends it sooner. */
export function openGithub(token: string, apiUrl: string, signal: AbortSignal): Github {
  const github = getOctokit(token, { baseUrl: apiUrl });
  github.hook.before('request', (options) => {
    options.request.signal = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MILLISECONDS)]);
  });
  return github;
}

/** What kept a request from being answered as wanted. */
export interface Refusal {
  /** The answer's status; null when none came. */
  readonly status: number | null;
  readonly message: string;
  /** Whether the same may be answered later. */
  readonly isTransient: boolean;
  /** When GitHub wants to be asked again, in seconds; null when it does not tell. */
  readonly retryAfter: number | null;
}

/**
 * What a request threw. A 403 is a refusal for want of rights, but for too many requests too: then it tells
 * when to come again, or that none are left (docs.github.com, rate limits for the REST API).
 */
export function refusalOf(error: unknown): Refusal {
  const message = messageOf(error);
  if (!isHttpError(error)) return { status: null, message, isTransient: false, retryAfter: null };
  const headers = error.response?.headers ?? {};
  const status = error.response === undefined ? null : error.status;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  const isLimited =
    status === 429 ||
    (status === 403 &&
      (headers['retry-after'] !== undefined ||
        headers['x-ratelimit-remaining'] === '0' ||
        message.includes('secondary rate limit')));
  return {
    status,
    message,
    isTransient: status === null || status >= 500 || isLimited,
    retryAfter: Number.isFinite(seconds) ? seconds : null,
  };
}

interface HttpError extends Error {
  readonly status: number;
  readonly response?: { readonly headers: Readonly<Record<string, string | undefined>> };
}

/** By its name and not its class, of which a bundle may hold two. */
function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}

/** What doing something again works with. */
export interface Persistence {
  /** Cancellation, and the limit of time. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Waits for so many seconds, or throws when the signal aborts. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Does the whole of the work again, up to five times, while GitHub cannot answer. The work begins by looking
 * at what is there: of a request without an answer nobody knows whether it was done.
 *
 * @param what what is done, for the message.
 * @throws PipelineError `failed-infra` with GitHub's words when it refuses, or cannot answer to the end; the
 *   signal's reason when that aborts.
 */
export async function persist<Result>(
  what: string,
  work: () => Promise<Result>,
  { signal, log, wait }: Persistence,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const refusal = refusalOf(error);
      const seconds = refusal.retryAfter ?? FIRST_PAUSE_SECONDS * 2 ** (attempt - 1);
      if (!refusal.isTransient || attempt === TRIES || seconds > LONGEST_PAUSE_SECONDS) {
        throw failureOf(what, error, refusal, attempt);
      }
      log(`${what}: GitHub could not answer (${refusal.message}); again in ${seconds} s.`);
      await wait(seconds, signal);
    }
  }
}

function failureOf(what: string, error: unknown, refusal: Refusal, attempts: number): unknown {
  const { status, message, isTransient } = refusal;
  // What is no answer of GitHub's is our own defect, and is told as it came.
  if (status === null && !isTransient) return error;
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: `${what} was not possible`,
      where: status === null ? "GitHub's API" : `GitHub's API, status ${status}`,
      why: message,
      done: `It was tried ${attempts === 1 ? 'once' : `${attempts} times`}. The summary and the outputs are told.`,
      next: nextStep(refusal),
    },
    { cause: error },
  );
}

function nextStep({ status, isTransient }: Refusal): string {
  // A fork has no issues until somebody enables them (docs.github.com, REST API, "Issues", status 410).
  if (status === 410)
    return "Enable issues in the repository's settings or by `gh repo edit --enable-issues`, and run the job again.";
  if (!isTransient && (status === 401 || status === 403 || status === 404))
    return "Look at the job's `permissions` (`issues: write` for an issue, `pull-requests: write` for a comment) and at `github-token`.";
  return 'Run the job again; if it fails the same way, look at githubstatus.com.';
}
