import { isTransient } from '../aws/transient.ts';
import { messageOf, PipelineError } from '../errors.ts';
import { type DataApi, describeTarget, isCancelled } from './data-api.ts';
import { pauseAfter } from './timing.ts';

const LONGEST_PAUSE_MS = 5000;

/** The calls of the Data API that change nothing. */
type Question = 'ListStatements' | 'DescribeStatement' | 'GetStatementResult';

/**
 * Asks the Data API something, with the patience of {@link patientCall}.
 *
 * @param what what is asked for, for the failure's text.
 * @throws PipelineError `failed-infra` when it is refused or not answered; once cancelled, the error as it came.
 */
export async function patientQuestion<T>(
  api: DataApi,
  operation: Question,
  what: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await patientCall(api, what, call);
  } catch (error) {
    if (error instanceof PipelineError || isCancelled(api)) throw error;
    const isDenied = error instanceof Error && error.name === 'AccessDeniedException';
    throw new PipelineError(
      {
        kind: 'failed-infra',
        what: `Redshift's Data API refused ${operation}: ${what}`,
        where: describeTarget(api.target),
        why: messageOf(error),
        done: 'A statement that was sent before may run still; it is looked for by its name when the action runs again.',
        next: isDenied
          ? `Allow the role redshift-data:${operation}, and run again.`
          : 'Check the names, the rights and the state of the warehouse, and run again.',
      },
      { cause: error },
    );
  }
}

/**
 * Makes a call that may be made twice without harm, until it is answered: throttling, failures of the
 * service and lost connections decide nothing before the deadline.
 *
 * @param what what the call is about, for the failure's text.
 * @throws PipelineError `failed-infra` when there was no answer by the deadline; any other error as it came.
 */
export async function patientCall<T>(api: DataApi, what: string, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || isCancelled(api)) throw error;
      const pause = pauseAfter(attempt, LONGEST_PAUSE_MS, api.timing.random);
      if (api.timing.now() + pause >= api.deadline) {
        throw new PipelineError(
          {
            kind: 'failed-infra',
            what: `Redshift's Data API did not answer in time: ${what}`,
            where: describeTarget(api.target),
            why: `${attempt} attempts, the last one: ${messageOf(error)}`,
            done: 'What was sent before may have been done; it is looked for by its name when the action runs again.',
            next: 'Run again: what was done is found and not repeated.',
          },
          { cause: error },
        );
      }
      await api.timing.sleep(pause, api.signal);
    }
  }
}
