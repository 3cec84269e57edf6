import { z } from 'zod';
import { jobResult } from './jobs.ts';

/** The numbers of the actions' outputs that a report tells, by the outputs' names. */
export const COUNTS = [
  'rows-written',
  'rows-in-manifest',
  'rows-staged',
  'rows-inserted',
  'rows-updated',
  'rows-deleted',
  'rows-unchanged',
  'rows-total',
  'rows',
  'freshness-hours',
  'passed',
  'warned',
  'failed',
  'not-run',
  'added',
  'removed',
  'changed',
  'swept',
] as const;

/** One of {@link COUNTS}. */
export type Count = (typeof COUNTS)[number];

/** A task of the run, as an entry of the output `tasks` has it. */
export const runTask = z.strictObject({
  /** The job's name. */
  task: z.string(),
  /** The job that called the workflow which the task is of; null for one of this workflow. */
  part_of: z.string().nullable(),
  /** The tasks of the same workflow that it waited for. */
  after: z.array(z.string()),
  result: jobResult,
  /** The action's own word, for example `failed-data`; null when it came to none. */
  outcome: z.string().nullable(),
  /** How long the action's step took, in seconds; null when it is not known. */
  duration: z.number().nonnegative().nullable(),
  /** The rows that it wrote, staged, checked or published; null when it is not about rows. */
  rows: z.number().nonnegative().nullable(),
  /** What it cost in euro; null when it costs nothing or nobody knows. */
  'cost-eur': z.number().nonnegative().nullable(),
  'cost-is-estimate': z.boolean(),
  /** `true` when a load had nothing to do. */
  'already-loaded': z.boolean(),
  counts: z.partialRecord(z.enum(COUNTS), z.number()),
  /** Where its logs are; null when it told no place. */
  'log-url': z.string().nullable(),
});

/** A task of the run; see {@link runTask}. */
export type RunTask = Readonly<z.infer<typeof runTask>>;

/** How the whole run went. */
export type RunOutcome = 'succeeded' | 'failed' | 'cancelled';
