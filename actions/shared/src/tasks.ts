import type { TaskLog } from './task-log.ts';

/** One task of the run: its name, how it ended, and how long it took. */
export interface TaskReport {
  readonly name: string;
  readonly state: 'succeeded' | 'failed' | 'skipped';
  readonly seconds: number;
  /** One line about what the task did, for example `412 rows in 1 file`. */
  readonly detail: string;
}

/** Where the course of a run is shown. */
export interface RunDisplay {
  taskStarted(name: string): TaskLog;
  taskEnded(task: TaskReport): void;
}

/** What a task hands on: its value, and one line about what it did. */
export interface TaskResult<T> {
  readonly value: T;
  readonly detail: string;
}

/** Runs the tasks of a run in order and keeps how each of them went. */
export interface TaskRunner {
  readonly reports: readonly TaskReport[];
  /** The task that is running or ran last. */
  readonly current: string;
  run<T>(name: string, work: (log: TaskLog) => Promise<TaskResult<T>>): Promise<T>;
  /** Notes tasks that were not needed. */
  skip(names: readonly string[], reason: string): void;
  /** Notes those of the tasks that a failure kept from being reached. */
  skipUnreached(names: readonly string[]): void;
}

/** A task runner that shows its tasks on the display; `seconds` is a clock that only goes forward. */
export function createTaskRunner(display: RunDisplay, seconds: () => number): TaskRunner {
  const reports: TaskReport[] = [];
  const end = (task: TaskReport) => {
    reports.push(task);
    display.taskEnded(task);
  };
  const skip = (names: readonly string[], reason: string) => {
    for (const name of names) end({ name, state: 'skipped', seconds: 0, detail: reason });
  };
  let current = 'start';
  return {
    reports,
    get current() {
      return current;
    },
    async run(name, work) {
      current = name;
      const started = seconds();
      try {
        const { value, detail } = await work(display.taskStarted(name));
        end({ name, state: 'succeeded', seconds: seconds() - started, detail });
        return value;
      } catch (error) {
        end({ name, state: 'failed', seconds: seconds() - started, detail: '' });
        throw error;
      }
    },
    skip,
    skipUnreached(names) {
      const ended = new Set(reports.map(({ name }) => name));
      skip(
        names.filter((name) => !ended.has(name)),
        'not reached',
      );
    },
  };
}
