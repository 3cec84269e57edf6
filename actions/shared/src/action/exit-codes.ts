import type { FailureKind } from '../errors.ts';

/**
 * The exit codes of the processes, one for each kind of failure, so that a script that starts one can tell
 * bad data from data that could not be looked at. GitHub's runner itself knows only zero and the rest.
 * 124 is what `timeout` of GNU coreutils gives, 130 what a shell tells of SIGINT (POSIX: above 128).
 */
export const EXIT_CODES: Readonly<Record<FailureKind, number>> = {
  'failed-data': 1,
  'bad-input': 2,
  'failed-infra': 3,
  'timed-out': 124,
  cancelled: 130,
};
