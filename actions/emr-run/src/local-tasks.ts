import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskResult, TaskRunner } from '../../shared/src/tasks.ts';

const REASON = 'runs on this machine';

/** Runs a job of this machine as the task that would watch it on a cluster; the other tasks are skipped. */
export async function runLocally<T>(
  tasks: TaskRunner,
  work: (log: TaskLog) => Promise<TaskResult<T>>,
): Promise<T> {
  tasks.skip(['upload_spark_script_to_s3', 'create_emr_cluster', 'add_spark_steps'], REASON);
  const value = await tasks.run('watch_spark_steps', work);
  tasks.skip(['terminate_emr_cluster'], REASON);
  return value;
}
