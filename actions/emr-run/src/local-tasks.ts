import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskResult, TaskRunner } from '../../shared/src/tasks.ts';
import { EMR_TASKS } from './emr-context.ts';

const REASON = 'runs on this machine';

/** Runs a job of this machine as the task that would watch it on a cluster; the other tasks are skipped. */
export async function runLocally<T>(
  tasks: TaskRunner,
  work: (log: TaskLog) => Promise<TaskResult<T>>,
): Promise<T> {
  tasks.skip([EMR_TASKS.upload, EMR_TASKS.create, EMR_TASKS.add], REASON);
  const value = await tasks.run(EMR_TASKS.watch, work);
  tasks.skip([EMR_TASKS.terminate], REASON);
  return value;
}
