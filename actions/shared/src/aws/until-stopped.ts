import { asError } from '../action/stop.ts';

/** How long an answer is waited for after the step is stopped, so that what it made gets known. */
const LAST_WORD_SECONDS = 1;

/**
 * The answer to a request that is not cut off, for a request cut off may have been done; once the signal
 * aborts it is waited for a moment only.
 *
 * @param seconds the moment; 0 for what would heed the signal itself, were it not for the credentials: the
 *   SDK waits for these whatever the signal says.
 * @throws the signal's reason, or what the request threw.
 */
export async function untilStopped<Answer>(
  answer: Promise<Answer>,
  signal: AbortSignal,
  seconds = LAST_WORD_SECONDS,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => reject(asError(signal.reason)), seconds * 1000);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
