import { isTransient } from '../aws/transient.ts';
import { messageOf, PipelineError } from '../errors.ts';
import { type DataApi, describeTarget, isCancelled } from './data-api.ts';
import { pauseAfter } from './timing.ts';

const LONGEST_PAUSE_MS = 5000;

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
