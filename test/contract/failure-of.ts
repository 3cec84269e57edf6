import { PipelineError, type PipelineFailure } from '../../actions/shared/src/errors.ts';

/** The failure that the work ends in; work that succeeds, or fails in another way, fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<PipelineFailure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PipelineError) return error.failure;
    throw error;
  }
  throw new Error('it succeeded');
}
