import { describe, expect, test } from '@jest/globals';
import { collectTasks, outcomeOf } from '../../actions/run-report/src/collect-tasks.ts';
import { totalCost } from '../../actions/run-report/src/cost.ts';
import { parseGraph } from '../../actions/run-report/src/graph.ts';
import { type JobResult, parseJobs } from '../../actions/run-report/src/jobs.ts';
import type { RunTask } from '../../actions/run-report/src/run-task.ts';
import { failureOf } from '../contract/failure-of.ts';
import { createTask, LOAD, type NeededJob, RED_LOAD } from './open-report.ts';

/** The tasks of a workflow whose jobs follow one another, unless the lines tell otherwise. */
function tasksOf(
  needs: Readonly<Record<string, NeededJob>>,
  lines: readonly string[] = [],
): readonly RunTask[] {
  const jobs = parseJobs(JSON.stringify(needs));
  return collectTasks(
    jobs,
    parseGraph(
      lines,
      jobs.map(({ name }) => name),
    ),
  );
}

describe('the outcome of a run', () => {
  test.each<[JobResult[], string]>([
    [['success', 'success'], 'succeeded'],
    [['success', 'skipped'], 'succeeded'],
    [['success', 'cancelled', 'failure', 'skipped'], 'failed'],
    [['success', 'cancelled'], 'cancelled'],
    // Nothing was done: an alert is not over for that.
    [['skipped', 'skipped'], 'cancelled'],
  ])('with %j is %s', (results, outcome) => {
    expect(outcomeOf(results.map((result) => ({ result })))).toBe(outcome);
  });

  test('that the clock has started is failed where a job was cancelled, as one is that runs out of time', () => {
    expect(outcomeOf([{ result: 'success' }, { result: 'cancelled' }], true)).toBe('failed');
    expect(outcomeOf([{ result: 'success' }, { result: 'skipped' }], true)).toBe('succeeded');
  });
});

describe('the tasks', () => {
  test('tell what the outputs of their jobs do', () => {
    const outputs = {
      outcome: 'succeeded',
      duration: '754',
      'rows-written': '477',
      'cost-eur': '0.4211',
      'log-url': 'https://example.com/log',
      state: 'TERMINATING',
    };
    expect(tasksOf({ extract: { result: 'success', outputs } })).toEqual([
      createTask({
        task: 'extract',
        duration: 754,
        rows: 477,
        'cost-eur': 0.4211,
        counts: { 'rows-written': 477 },
        'log-url': 'https://example.com/log',
      }),
    ]);
  });

  test('know nothing of a job that told nothing', () => {
    expect(tasksOf({ extract: { result: 'cancelled', outputs: { duration: '', rows: '' } } })).toEqual([
      createTask({ task: 'extract', result: 'cancelled', outcome: null }),
    ]);
  });

  test('take no output for a count that is none, nor any of a job that was skipped', () => {
    const outputs = { changed: 'true', rows: '3' };
    expect(
      tasksOf({ table: { result: 'success', outputs }, pause: { result: 'skipped', outputs } }),
    ).toMatchObject([
      { task: 'table', rows: 3, counts: { rows: 3 } },
      { task: 'pause', rows: null, counts: {} },
    ]);
  });

  test('are in the order of the graph, however the jobs come', () => {
    const needs = { check: { result: 'success' }, load: { result: 'success' } } as const;
    expect(tasksOf(needs, ['load --> check']).map(({ task }) => task)).toEqual(['load', 'check']);
  });

  test('of a called workflow take the place of its job, with the order they have there', () => {
    const inner = tasksOf(RED_LOAD);
    const job: NeededJob = { result: 'failure', outputs: { tasks: JSON.stringify(inner), rows: '1' } };
    const tasks = tasksOf({ extract: { result: 'success' }, imdb_to_redshift: job });
    expect(tasks.map(({ part_of, task, after }) => [part_of, task, after])).toEqual([
      [null, 'extract', []],
      ['imdb_to_redshift', 'create_redshift_cluster', []],
      ['imdb_to_redshift', 'transfer_s3_to_redshift', ['create_redshift_cluster']],
      ['imdb_to_redshift', 'run_data_validation', ['transfer_s3_to_redshift']],
      ['imdb_to_redshift', 'publish_imdb_titles', ['run_data_validation']],
    ]);
    const outer = tasksOf({ daily: { result: 'failure', outputs: { tasks: JSON.stringify(tasks) } } });
    expect(outer.map(({ part_of }) => part_of)).toEqual([
      'daily',
      ...Array<string>(4).fill('daily / imdb_to_redshift'),
    ]);
  });

  test('of a called workflow do not hide that its job failed', () => {
    const outputs = { tasks: JSON.stringify(tasksOf(LOAD)) };
    const tasks = tasksOf({ imdb_to_redshift: { result: 'failure', outputs } });
    expect(tasks.map(({ task, result }) => [task, result])).toEqual([
      ...Object.keys(LOAD).map((task) => [task, 'success']),
      ['imdb_to_redshift', 'failure'],
    ]);
  });

  test.each([
    ['a number that is none', { duration: '3 s' }, 'output duration of the job load', '"3 s" is no number'],
    ['tasks that are none', { tasks: '[{"task":1}]' }, 'output tasks of the job load', '0.task'],
    ['tasks that are no JSON', { tasks: 'many' }, 'output tasks of the job load', 'JSON'],
  ])('are refused: %s', async (_what, outputs, where, why) => {
    const failure = await failureOf(
      Promise.resolve().then(() => tasksOf({ load: { result: 'success', outputs } })),
    );
    expect(failure).toMatchObject({ kind: 'bad-input', where, why: expect.stringContaining(why) });
  });
});

describe('the cost', () => {
  const costs = (tasks: readonly RunTask[]) => tasks.map((task) => task['cost-eur']);

  test('of the warehouse is the time it worked, at least 60 seconds a task, at its price for an hour', () => {
    const tasks = tasksOf(LOAD);
    // 1.44 euro an hour are 0.0004 a second: 60 s for bringing it up, 60 for 25, 100, and 60 for 30.
    const expected = [0.024, 0.024, 0.04, 0.024];
    for (const [index, cost] of costs(tasks).entries()) expect(cost).toBeCloseTo(expected[index] ?? 0, 10);
    expect(tasks.every((task) => task['cost-is-estimate'])).toBe(true);
    expect(totalCost(tasks)).toEqual({
      eur: expect.closeTo(0.112, 10),
      estimatedEur: expect.closeTo(0.112, 10),
    });
  });

  test('is the task’s own where it tells one, and none of what did not run or came before', () => {
    const needs: Readonly<Record<string, NeededJob>> = {
      extract: { result: 'success', outputs: { duration: '100', 'cost-eur': '0.5' } },
      beside: { result: 'success', outputs: { duration: '100' } },
      provision: { result: 'success', outputs: { duration: '100', 'cost-per-hour-eur': '3.6' } },
      load: { result: 'failure', outputs: { duration: '100' } },
      spark: { result: 'success', outputs: { duration: '100', 'cost-eur': '0.25' } },
      check: { result: 'skipped', outputs: { duration: '100' } },
      publish: { result: 'success', outputs: {} },
      tidy: { result: 'success', outputs: { duration: '200' } },
    };
    const tasks = tasksOf(needs, [
      'extract & provision --> load --> spark --> check --> publish',
      'publish --> tidy',
    ]);
    // In the order of the graph; the one that it does not name comes last.
    const expected = [0.5, 0.06, 0.1, 0.25, null, null, 0.2, null];
    expect(costs(tasks).map((cost) => (cost === null ? null : Number(cost.toFixed(6))))).toEqual(expected);
    expect(totalCost(tasks)).toEqual({
      eur: expect.closeTo(1.11, 10),
      estimatedEur: expect.closeTo(0.36, 10),
    });
  });

  test('of a called workflow is counted once', () => {
    const outputs = { tasks: JSON.stringify(tasksOf(LOAD)), 'cost-eur': '0.112' };
    const tasks = tasksOf({ imdb_to_redshift: { result: 'success', outputs } });
    expect(totalCost(tasks).eur).toBeCloseTo(0.112, 10);
  });

  test('is unknown where nobody told any', () => {
    expect(totalCost([createTask()])).toEqual({ eur: null, estimatedEur: 0 });
  });
});
