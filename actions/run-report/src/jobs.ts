import { z } from 'zod';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';

/** How a job ended, in the words of GitHub's `needs` context. */
export const jobResult = z.enum(['success', 'failure', 'cancelled', 'skipped']);

/** One of {@link jobResult}. */
export type JobResult = z.infer<typeof jobResult>;

const jobsSchema = z.record(
  z.string(),
  z.object({
    result: jobResult,
    /** A job without outputs has none of them, or null. */
    outputs: z.record(z.string(), z.string()).nullish(),
  }),
);

/** A job that the report waited for. */
export interface Job {
  readonly name: string;
  readonly result: JobResult;
  /** By name; what a job did not come to set is absent or empty. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Reads `toJSON(needs)`: the jobs in the order in which the workflow names them.
 *
 * @throws PipelineError `bad-input` that names the job and the value that is not usable.
 */
export function parseJobs(text: string): readonly Job[] {
  const parsed = parseJson(text, 'input needs', jobsSchema);
  const jobs = Object.entries(parsed).map(([name, { result, outputs }]) => ({
    name,
    result,
    // GitHub leaves those of a skipped job empty; other runners give them as they stand in the workflow.
    outputs: result === 'skipped' ? {} : (outputs ?? {}),
  }));
  if (jobs.length === 0) throw unusable('input needs', 'it names no job');
  return jobs;
}

/**
 * Parses JSON text with the schema.
 *
 * @throws PipelineError `bad-input` that names each value that does not fit by its path.
 */
export function parseJson<Schema extends z.ZodType>(
  text: string,
  where: string,
  schema: Schema,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable(where, messageOf(error), error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`,
  );
  throw unusable(where, problems.join('; '));
}

/** A refusal of what the workflow hands in. */
export function unusable(where: string, why: string, cause?: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'bad-input',
      what: 'What is to be reported is not usable',
      where,
      why,
      done: 'The jobs are as they were.',
      next: 'Mend the step in the workflow and run again.',
    },
    { cause },
  );
}
