import { z } from 'zod';
import { addWarehouseCost } from './cost.ts';
import type { Graph } from './graph.ts';
import { type Job, parseJson, unusable } from './jobs.ts';
import { COUNTS, type RunOutcome, type RunTask, runTask } from './run-task.ts';

const NUMBER = /^-?\d+(\.\d+)?$/;
const nestedTasks = z.array(runTask);

/** Whose number a task's `rows` is, the first that it has: the last stage that it came to. */
const ROWS = ['rows-total', 'rows-staged', 'rows-written', 'rows'] as const;

/**
 * The tasks of the run, in the order of the graph. A job that called a workflow with a report of its own stands for that report's
 * tasks; it is a task itself only when it ended otherwise than they tell.
 *
 * @throws PipelineError `bad-input` that names the job and the output that is not usable.
 */
export function collectTasks(jobs: readonly Job[], graph: Graph): readonly RunTask[] {
  const own = jobs.map((job) => toTask(job, graph));
  const prices = new Map(jobs.map((job) => [job.name, readNumber(job, 'cost-per-hour-eur')]));
  const costed = new Map(addWarehouseCost(own, prices).map((task) => [task.task, task]));
  const inOrder = [...graph.keys()].flatMap((name) => jobs.filter((job) => job.name === name));
  return inOrder.flatMap((job) => {
    const task = costed.get(job.name);
    const nested = readNested(job);
    const isTold = nested.length > 0 && outcomeOf(nested) === outcomeOf([job]);
    return [...nested, ...(isTold || task === undefined ? [] : [task])];
  });
}

/**
 * Whether people are to look at it. A job that runs out of its time is told as cancelled; in a run that
 * nobody but the clock has started, hardly anybody has cancelled one.
 */
export function isRed({ result }: Pick<Job, 'result'>, isScheduled: boolean): boolean {
  return result === 'failure' || (isScheduled && result === 'cancelled');
}

/** How the run went: the worst that a job came to. A run in which nothing ran is none that succeeded. */
export function outcomeOf(jobs: readonly Pick<Job, 'result'>[], isScheduled = false): RunOutcome {
  if (jobs.some((job) => isRed(job, isScheduled))) return 'failed';
  const isWhole = jobs.every(({ result }) => result !== 'cancelled');
  return isWhole && jobs.some(({ result }) => result === 'success') ? 'succeeded' : 'cancelled';
}

function readNested({ name, outputs }: Job): readonly RunTask[] {
  const text = outputs.tasks ?? '';
  if (text === '') return [];
  return parseJson(text, `output tasks of the job ${name}`, nestedTasks).map((task) => ({
    ...task,
    part_of: task.part_of === null ? name : `${name} / ${task.part_of}`,
  }));
}

function toTask(job: Job, graph: Graph): RunTask {
  const { name, result, outputs } = job;
  const counts = Object.fromEntries(
    COUNTS.flatMap((count) => {
      // Another action's output may bear the name and be no count, as `changed` of redshift-provision.
      const text = outputs[count] ?? '';
      return NUMBER.test(text) ? [[count, Number(text)] as const] : [];
    }),
  ) as RunTask['counts'];
  const rows = ROWS.map((count) => counts[count]).find((value) => value !== undefined);
  return {
    task: name,
    part_of: null,
    after: [...(graph.get(name) ?? [])],
    result,
    outcome: textOf(outputs.outcome),
    duration: readNumber(job, 'duration'),
    rows: rows ?? null,
    'cost-eur': readNumber(job, 'cost-eur'),
    'cost-is-estimate': false,
    'already-loaded': outputs['already-loaded'] === 'true',
    counts,
    'log-url': textOf(outputs['log-url']),
  };
}

function textOf(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function readNumber({ name, outputs }: Job, output: string): number | null {
  const text = textOf(outputs[output]);
  if (text === null) return null;
  if (NUMBER.test(text)) return Number(text);
  throw unusable(`output ${output} of the job ${name}`, `"${text}" is no number`);
}
