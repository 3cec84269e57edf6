import type { RunTask } from './run-task.ts';

/**
 * The least time that a warehouse charges for once it works, in seconds. Source: aws.amazon.com/redshift/pricing,
 * "Amazon Redshift Serverless" (billed by the second, with a minimum charge of 60 seconds).
 */
export const LEAST_SECONDS = 60;

const SECONDS_AN_HOUR = 3600;

/** What the run cost. */
export interface RunCost {
  /** In euro; null when no task has told of any. */
  readonly eur: number | null;
  /** The part of it that is estimated from the time in which the warehouse worked. */
  readonly estimatedEur: number;
}

/**
 * Adds what the warehouse costs to the tasks that work in it: the one that tells its price for an hour, and
 * those that come after it. Each is a session of its own, on a runner of its own, and is charged at least the
 * minimum. The one that brings it up only asks it whether it is ready: the time in which AWS makes or resumes
 * a warehouse is free.
 *
 * @param prices of an hour, in euro, by the task that tells it; null where it tells none.
 */
export function addWarehouseCost(
  tasks: readonly RunTask[],
  prices: ReadonlyMap<string, number | null>,
): readonly RunTask[] {
  return tasks.map((task) => {
    const own = prices.get(task.task) ?? null;
    const price = own ?? priceBefore(task, tasks, prices);
    if (price === null || price === 0 || task['cost-eur'] !== null) return task;
    if (task.result === 'skipped' || task.duration === null) return task;
    const seconds = own === null ? Math.max(LEAST_SECONDS, task.duration) : LEAST_SECONDS;
    return { ...task, 'cost-eur': (seconds / SECONDS_AN_HOUR) * price, 'cost-is-estimate': true };
  });
}

function priceBefore(
  { task, after }: RunTask,
  tasks: readonly RunTask[],
  prices: ReadonlyMap<string, number | null>,
): number | null {
  const seen = new Set([task]);
  const next = [...after];
  for (let name = next.shift(); name !== undefined; name = next.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const price = prices.get(name) ?? null;
    if (price !== null) return price;
    next.push(...(tasks.find((one) => one.task === name)?.after ?? []));
  }
  return null;
}

/** What all the tasks cost. */
export function totalCost(tasks: readonly RunTask[]): RunCost {
  const sum = (some: readonly RunTask[]) => some.reduce((total, task) => total + (task['cost-eur'] ?? 0), 0);
  return {
    eur: tasks.some((task) => task['cost-eur'] !== null) ? sum(tasks) : null,
    estimatedEur: sum(tasks.filter((task) => task['cost-is-estimate'])),
  };
}
