import { z } from 'zod';

/** What kind of failure it is: the data's, the caller's, the machinery's, the clock's, or somebody's wish. */
export const failureKind = z.enum(['failed-data', 'bad-input', 'failed-infra', 'timed-out', 'cancelled']);

/** One of {@link failureKind}. */
export type FailureKind = z.infer<typeof failureKind>;

/** A failure as JSON; the Spark job tells its own in this form. */
export const pipelineFailure = z.strictObject({
  kind: failureKind,
  /** What failed, for example `title.basics cannot be read`. */
  what: z.string(),
  /** The file, table, task or option it failed on. */
  where: z.string(),
  /** Why, in the words of whatever refused, where there are any. */
  why: z.string(),
  /** What was done about it, for example `Nothing was published.` */
  done: z.string(),
  /** What to do next. */
  next: z.string(),
});

/** A failure told so that a person can act on it. Each field is one sentence or phrase. */
export type PipelineFailure = Readonly<z.infer<typeof pipelineFailure>>;

/** An error that carries a {@link PipelineFailure}; its message tells the whole of it. */
export class PipelineError extends Error {
  readonly failure: PipelineFailure;

  constructor(failure: PipelineFailure, options?: { readonly cause: unknown }) {
    super(formatFailure(failure), options);
    this.name = 'PipelineError';
    this.failure = failure;
  }
}

/** The failure as the text a person reads: one labelled line for each part. */
export function formatFailure({ what, where, why, done, next }: PipelineFailure): string {
  return [what, `  where: ${where}`, `  why:   ${why}`, `  done:  ${done}`, `  next:  ${next}`].join('\n');
}

/** The message of anything thrown, also of what is not an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Anything thrown as a failure; what is not a {@link PipelineError} is told as it came.
 *
 * @param done what is true of the table after it.
 */
export function asFailure(thrown: unknown, task: string, done: string): PipelineFailure {
  if (thrown instanceof PipelineError) return thrown.failure;
  const why = messageOf(thrown);
  const isDiskFull = /ENOSPC|No space left on device|EFBIG|File too large/.test(why);
  return {
    kind: 'failed-infra',
    what: isDiskFull ? 'The disk is full' : `The task ${task} failed`,
    where: `task ${task}`,
    why,
    done,
    next: isDiskFull
      ? 'Free space, or choose another --output, and run again.'
      : 'Run again; if it fails the same way, report it with this message.',
  };
}
