import type { TaskLog } from '../../actions/shared/src/task-log.ts';
import { createTaskRunner, type TaskRunner } from '../../actions/shared/src/tasks.ts';

/** A log that keeps its lines. */
export function collectLog(): TaskLog & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return { lines, info: (line) => lines.push(line), progress: () => {} };
}

/** A task runner whose tasks write to one log. */
export function collectTasks(): { readonly tasks: TaskRunner; readonly lines: readonly string[] } {
  const log = collectLog();
  const display = { taskStarted: () => log, taskEnded: () => {} };
  return { tasks: createTaskRunner(display, () => performance.now() / 1000), lines: log.lines };
}
