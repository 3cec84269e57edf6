import { formatDuration } from '../report/format.ts';
import type { RunDisplay, TaskReport } from '../tasks.ts';

/** The commands of @actions/core that write a step's log. */
export interface LogCommands {
  startGroup(name: string): void;
  endGroup(): void;
  info(line: string): void;
}

const SYMBOLS: Readonly<Record<TaskReport['state'], string>> = { succeeded: '✔', failed: '✖', skipped: '-' };

/**
 * Shows each task as a group of a GitHub step's log; how it ended stands below the folded group. Each
 * line of a task tells how long the step has run.
 *
 * @param seconds a clock that only goes forward.
 */
export function createTaskGroups(core: LogCommands, seconds: () => number): RunDisplay {
  const started = seconds();
  const elapsed = () => formatElapsed(seconds() - started);
  return {
    taskStarted(name) {
      core.startGroup(name);
      return { info: (line) => core.info(`[${elapsed()}] ${line}`), progress: () => {} };
    },
    taskEnded({ name, state, seconds: duration, detail }) {
      if (state !== 'skipped') core.endGroup();
      const time = state === 'skipped' ? 'skipped' : formatDuration(duration);
      core.info(`${SYMBOLS[state]} ${name} · ${time}${detail === '' ? '' : ` · ${detail}`}`);
    },
  };
}

/** Time since the start as hh:mm:ss. */
export function formatElapsed(seconds: number): string {
  const whole = Math.floor(seconds);
  return [whole / 3600, (whole / 60) % 60, whole % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
}
