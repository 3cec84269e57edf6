import type { RunOutcome, RunTask } from '../run-task.ts';

/** The word for how a task ended. */
export const STATES: Readonly<Record<RunTask['result'], RunOutcome | 'skipped'>> = {
  success: 'succeeded',
  failure: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

/** The sign for how a task or a run ended. */
export const SYMBOLS: Readonly<Record<RunOutcome | 'skipped', string>> = {
  succeeded: '✅',
  failed: '❌',
  cancelled: '🚫',
  skipped: '➖',
};
