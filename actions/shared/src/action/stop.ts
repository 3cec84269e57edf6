import { PipelineError } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A signal that aborts when GitHub cancels the step: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end.
 * While it listens, the process is not ended by them; what was started is to be stopped and the process
 * left within the 7.5 s. Source: docs.github.com, workflow cancellation reference.
 */
export function stopOnCancel(emitter: Pick<NodeJS.Process, 'on'> = process): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    emitter.on(name, () => {
      controller.abort(
        new PipelineError({
          kind: 'cancelled',
          what: 'The step was cancelled',
          where: 'this step',
          why: `the runner sent ${name}`,
          done: 'What was running is being stopped.',
          next: 'Run it again when it is wanted.',
        }),
      );
    });
  }
  return controller.signal;
}

/** Aborts when the signal does, or when the minutes are over, with a reason that tells which. */
export function limitTime(signal: AbortSignal, minutes: number, what: string): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new PipelineError({
        kind: 'timed-out',
        what: `${what} did not end within ${minutes} minutes`,
        where: 'input timeout-minutes',
        why: 'the time is over',
        done: 'What was running is being stopped.',
        next: 'Look at how far it came; give it more time, or more machines, and run again.',
      }),
    );
  }, minutes * 60_000);
  timer.unref();
  return AbortSignal.any([signal, controller.signal]);
}

/** Waits; ends early, by throwing the signal's reason, when the signal aborts. */
export function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(asError(signal.reason));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** What a signal was aborted with, as the error that it ends things with. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
