import { messageOf, PipelineError } from '../errors.ts';

/** Why something could not be measured. */
export interface NotRun {
  readonly notRun: string;
}

/** Whether it is the reason instead of what was wanted. */
export function isNotRun(value: unknown): value is NotRun {
  return typeof value === 'object' && value !== null && 'notRun' in value;
}

/**
 * What the work gives, or why it gives nothing, so that one refusal does not take what else was found with
 * it. The end of the whole run is thrown: it is not the fault of what was asked.
 */
export async function orNotRun<Result>(work: () => Promise<Result>): Promise<Result | NotRun> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PipelineError)) return { notRun: messageOf(error) };
    const { kind, what, why } = error.failure;
    if (kind === 'timed-out' || kind === 'cancelled') throw error;
    return { notRun: `${what}: ${why}` };
  }
}
