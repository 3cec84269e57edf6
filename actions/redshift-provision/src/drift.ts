/** Something that is there, but not as it was asked for. */
export interface Drift {
  /** What it is about, for example `workgroup imdb: base capacity`. */
  readonly subject: string;
  /** How it was asked for, as a person reads it. */
  readonly wanted: string;
  /** How it is. */
  readonly found: string;
}

/** What to do about {@link Drift}: end with a failure, tell it and go on, or change what is there. */
export const DRIFT_POLICIES = ['fail', 'warn', 'apply'] as const;

/** One of {@link DRIFT_POLICIES}. */
export type OnDrift = (typeof DRIFT_POLICIES)[number];
