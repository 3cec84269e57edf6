/** How long an answer is waited for after the step is stopped, so that what it made gets known. */
const LAST_WORD_SECONDS = 1;

/**
 * The answer to a request that is not cut off, for a request cut off may have been done; once the signal
 * aborts it is waited for a moment only.
 */
export async function untilStopped<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => reject(new Error('stopped')), LAST_WORD_SECONDS * 1000);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
