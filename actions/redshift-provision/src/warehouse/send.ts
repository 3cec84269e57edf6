import { pause } from '../../../shared/src/action/stop.ts';
import { isTransient } from '../../../shared/src/aws/transient.ts';
import { untilStopped } from '../../../shared/src/aws/until-stopped.ts';
import { messageOf } from '../../../shared/src/errors.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import { isBusy, refusalOf } from './refusal.ts';

const LONGEST_PAUSE_SECONDS = 20;

/**
 * Sends a request that may be sent twice without harm, until AWS takes it: another operation that runs is
 * waited for, throttling and lost answers decide nothing.
 *
 * @param operation AWS's name of it.
 * @throws the signal's reason, or a PipelineError with AWS's refusal.
 */
export async function sendWhenFree<Answer>(
  access: Pick<ProvisionAccess, 'signal' | 'log' | 'random'>,
  operation: string,
  subject: string,
  send: () => Promise<Answer>,
): Promise<Answer> {
  let isTold = false;
  for (let seconds = 1; ; seconds = Math.min(LONGEST_PAUSE_SECONDS, seconds * 1.5)) {
    access.signal.throwIfAborted();
    try {
      return await untilStopped(send(), access.signal);
    } catch (error) {
      access.signal.throwIfAborted();
      if (!isBusy(error) && !isTransient(error)) throw refusalOf(error, operation, subject);
      if (!isTold) access.log.info(`${subject}: ${operation} has to wait (${messageOf(error)}).`);
      isTold = true;
    }
    await pause(seconds * (0.5 + access.random() / 2), access.signal);
  }
}
