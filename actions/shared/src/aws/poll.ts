import { pause } from '../action/stop.ts';
import { messageOf } from '../errors.ts';
import type { TaskLog } from '../task-log.ts';
import { isTransient } from './transient.ts';
import { untilStopped } from './until-stopped.ts';

const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 30;
const GROWTH = 1.5;

/** What is asked again and again. */
export interface Poll<Answer> {
  /** One question; the signal ends it, and it is not waited for when it does not heed that. */
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
  /** Whether the answer is the last one wanted. */
  readonly isOver: (answer: Answer) => boolean;
  /** What an answer looks like while nothing changes; a change makes the next question come sooner. */
  readonly stateOf: (answer: Answer) => string;
  /** Called with each answer whose state differs from the one before. */
  readonly onChange: (answer: Answer) => void;
  /** Ends the polling: cancellation and the time limit. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  /** A number from 0 to 1, for pauses that are not those of everybody else. */
  readonly random?: () => number;
}

/**
 * Asks until the answer is the last one. The pauses grow from 1 to 30 s, with jitter, and start anew at
 * each change. Throttling, 5xx and broken connections never decide: they are told once and asked again,
 * until the signal ends it.
 *
 * @throws the signal's reason, or what a question threw that is not transient.
 */
export async function poll<Answer>(options: Poll<Answer>): Promise<Answer> {
  const { ask, isOver, stateOf, onChange, signal, log, random = Math.random } = options;
  let seconds = FIRST_PAUSE_SECONDS;
  let lastState: string | undefined;
  let isTroubled = false;
  for (;;) {
    signal.throwIfAborted();
    try {
      const answer = await untilStopped(ask(signal), signal, 0);
      if (isTroubled) log.info('AWS answers again.');
      isTroubled = false;
      const state = stateOf(answer);
      if (state !== lastState) {
        onChange(answer);
        seconds = FIRST_PAUSE_SECONDS;
      }
      lastState = state;
      if (isOver(answer)) return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      if (!isTroubled) log.info(`AWS could not answer (${messageOf(error)}); asking on.`);
      isTroubled = true;
    }
    await pause(seconds * (0.5 + random() / 2), signal);
    seconds = Math.min(LONGEST_PAUSE_SECONDS, seconds * GROWTH);
  }
}
