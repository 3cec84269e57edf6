import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 200;

/** The clock, passed in so that a test can hold it. */
export interface Timing {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** At least 0, below 1. */
  readonly random: () => number;
}

/** The machine's own clock. */
export const systemTiming: Timing = {
  now: Date.now,
  sleep: async (milliseconds, signal) => {
    try {
      await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
  random: Math.random,
};

/**
 * How long to pause after the attempt, which counts from 1: doubled each time up to the longest, and
 * between the half and the whole of that, so that several waiters do not ask in step.
 */
export function pauseAfter(attempt: number, longestMs: number, random: () => number): number {
  const whole = Math.min(longestMs, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return whole / 2 + (whole / 2) * random();
}
