/** What kind of failure it is: the data's, the caller's, or the machinery's. */
export type FailureKind = 'failed-data' | 'bad-input' | 'failed-infra';

/** A failure told so that a person can act on it. Each field is one sentence or phrase. */
export interface PipelineFailure {
  readonly kind: FailureKind;
  /** What failed, for example `title.basics cannot be read`. */
  readonly what: string;
  /** The file, table, task or option it failed on. */
  readonly where: string;
  /** Why, in the words of whatever refused, where there are any. */
  readonly why: string;
  /** What was done about it, for example `Nothing was published.` */
  readonly done: string;
  /** What to do next. */
  readonly next: string;
}

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
  return [`${what}`, `  where: ${where}`, `  why:   ${why}`, `  done:  ${done}`, `  next:  ${next}`].join(
    '\n',
  );
}

/** The message of anything thrown, also of what is not an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Anything thrown as a failure; what is not a {@link PipelineError} is told as it came. */
export function asFailure(thrown: unknown, task: string): PipelineFailure {
  if (thrown instanceof PipelineError) return thrown.failure;
  const why = messageOf(thrown);
  const isDiskFull = /ENOSPC|No space left on device|EFBIG|File too large/.test(why);
  return {
    kind: 'failed-infra',
    what: isDiskFull ? 'The disk is full' : `The task ${task} failed`,
    where: `task ${task}`,
    why,
    done: 'Nothing was published; the table is as it was.',
    next: isDiskFull
      ? 'Free space, or choose another --output, and run again.'
      : 'Run again; if it fails the same way, report it with this message.',
  };
}
