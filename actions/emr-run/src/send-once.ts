import { pause } from '../../shared/src/action/stop.ts';
import { isThrottled, isTransient } from '../../shared/src/aws/transient.ts';
import { untilStopped } from '../../shared/src/aws/until-stopped.ts';
import { messageOf } from '../../shared/src/errors.ts';
import type { EmrAccess } from './cluster-state.ts';

/** How long to wait before each look for what a lost answer may have been about; EMR's lists may lag. */
const LOOK_AFTER_SECONDS = [1, 2, 4];
const LONGEST_PAUSE_SECONDS = 30;

/** A request that EMR, which has no client tokens, would do twice when it is sent twice. */
export interface CreatingRequest<Created> {
  /** For the log, for example `RunJobFlow`. */
  readonly operation: string;
  readonly send: () => Promise<Created>;
  /** Looks whether the request was done after all; null when there is no trace of it. */
  readonly find: () => Promise<Created | null>;
}

/**
 * Sends the request until it is done, and does not send it again while it may have been done: a lost
 * answer is looked for first. What was refused for its rate was not done and is sent again.
 *
 * @throws the signal's reason, or the service's refusal as it came.
 */
export async function sendOnce<Created>(
  { operation, send, find }: CreatingRequest<Created>,
  { signal, log, random }: Pick<EmrAccess, 'signal' | 'log' | 'random'>,
): Promise<Created> {
  for (let seconds = 1; ; seconds = Math.min(LONGEST_PAUSE_SECONDS, seconds * 2)) {
    signal.throwIfAborted();
    try {
      // The request is not given the signal: cut off, it would leave something that nobody knows.
      return await untilStopped(send(), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      if (isThrottled(error)) {
        log.info(`${operation} was refused for its rate; it is sent again.`);
        await pause(seconds * (0.5 + random() / 2), signal);
        continue;
      }
      log.info(`The answer to ${operation} was lost (${messageOf(error)}); looking for what it did.`);
      for (const wait of LOOK_AFTER_SECONDS) {
        await pause(wait, signal);
        const found = await find();
        if (found !== null) return found;
      }
      log.info(`${operation} left no trace; it is sent again.`);
    }
  }
}
