import { describe, expect, test } from '@jest/globals';
import { runPost, startAction } from '../aws/action-runner.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();
const TWO = '- { name: first, command: "true" }\n- { name: second, command: sleep, args: ["2"] }';
const succeeded = { exitCode: 0, outputs: { outcome: 'succeeded' } };

async function stepStates(clusterId: string | undefined): Promise<string[]> {
  const steps = await scenarios.steps(clusterId ?? '');
  return steps.map(({ Name, Status }) => `${Name} ${Status?.State}`);
}

describe('an answer that is lost', () => {
  test('to RunJobFlow makes no second cluster', async () => {
    scenarios.proxy.add({ operation: 'RunJobFlow', fault: 'lost-answer', times: 1 });
    const { main } = await scenarios.run(scenarios.step({ steps: TWO }));
    expect(main).toMatchObject(succeeded);
    expect(main.log).toContain('The answer to RunJobFlow was lost');
    expect(await scenarios.clusters()).toHaveLength(1);
    expect(scenarios.proxy.calls('RunJobFlow')).toBe(1);
  });

  test('to AddJobFlowSteps makes no second step', async () => {
    // Beside a step that goes on, one is cancelled; so the re-run has a step to add to the live cluster.
    const steps =
      '- { name: first, command: sleep, args: ["12"] }\n- { name: second, command: sleep, args: ["12"] }';
    const step = scenarios.step({ steps, 'step-concurrency': '2' });
    const killed = await startAction(step);
    await scenarios.started();
    const [cluster] = await scenarios.clusters();
    const has = (state: string) => async () => (await stepStates(cluster?.Id)).includes(state);
    await scenarios.waitFor(has('second RUNNING'));
    await killed.kill();
    await scenarios.cancelStep(cluster?.Id ?? '', 'second');
    await scenarios.waitFor(has('second CANCELLED'));

    scenarios.proxy.add({ operation: 'AddJobFlowSteps', fault: 'lost-answer', times: 1 });
    const { main } = await scenarios.run(rerun(step));
    expect(main).toMatchObject(succeeded);
    expect(main.log).toContain('The answer to AddJobFlowSteps was lost');
    expect(await stepStates(cluster?.Id)).toEqual([
      'first COMPLETED',
      'second CANCELLED',
      'second COMPLETED',
    ]);
    expect(await scenarios.clusters()).toHaveLength(1);
  });
});

test('throttling and failures of AWS decide nothing', async () => {
  for (const [operation, fault, times] of [
    ['ListClusters', 'throttle', 5],
    ['RunJobFlow', 'throttle', 2],
    ['DescribeCluster', 'server-error', 8],
    ['ListSteps', 'throttle', 12],
    ['ListSteps', 'reset', 5],
    ['TerminateJobFlows', 'throttle', 4],
  ] as const) {
    scenarios.proxy.add({ operation, fault, times });
  }
  const { main } = await scenarios.run(scenarios.step({ steps: TWO }));
  expect(main).toMatchObject(succeeded);
  expect(main.log).toContain('AWS answers again.');
  expect(await scenarios.clusters()).toHaveLength(1);
});

test('of two that start at once one cluster stays, and both succeed', async () => {
  const step = scenarios.step({ steps: '- { name: only, command: sleep, args: ["4"] }' });
  const both = await Promise.all([startAction(step), startAction(step)]);
  const [one, other] = await Promise.all(both.map(({ result }) => result));
  expect(one).toMatchObject(succeeded);
  expect(other).toMatchObject(succeeded);
  expect(one?.outputs['cluster-id']).toBe(other?.outputs['cluster-id']);
  const completed = await Promise.all((await scenarios.clusters()).map(({ Id }) => stepStates(Id)));
  expect(completed.flat().filter((state) => state === 'only COMPLETED')).toHaveLength(1);
  for (const main of [one, other]) if (main !== undefined) await runPost(step, main);
});

/** The same step in the next attempt of its run. */
function rerun(step: ReturnType<typeof scenarios.step>) {
  return { ...step, environment: { ...step.environment, GITHUB_RUN_ATTEMPT: '2' } };
}

describe('a re-run', () => {
  const steps =
    '- { name: first, command: "true" }\n- { name: second, command: sleep, args: ["5"] }\n- { name: third, command: "true" }';

  test('follows the cluster that its first attempt left, and repeats no completed step', async () => {
    const step = scenarios.step({ steps });
    const killed = await startAction(step);
    expect(await killed.logged('1 of 3 steps done')).toBe(true);
    await killed.kill();

    const { main } = await scenarios.run(rerun(step));
    expect(main).toMatchObject({ ...succeeded, outputs: { outcome: 'succeeded', reattached: 'true' } });
    const [cluster, ...others] = await scenarios.clusters();
    expect(others).toEqual([]);
    expect(await stepStates(cluster?.Id)).toEqual(['first COMPLETED', 'second COMPLETED', 'third COMPLETED']);
  });

  test('does only what is left when the cluster has ended', async () => {
    const step = scenarios.step({ steps });
    const running = await startAction(step);
    expect(await running.logged('1 of 3 steps done')).toBe(true);
    await runPost(step, await running.cancel());

    const { main } = await scenarios.run(rerun(step));
    expect(main).toMatchObject({ ...succeeded, outputs: { outcome: 'succeeded', reattached: 'true' } });
    const clusters = await scenarios.clusters();
    expect(clusters).toHaveLength(2);
    expect(await stepStates(clusters[1]?.Id)).toEqual(['second COMPLETED', 'third COMPLETED']);
    expect(JSON.parse(main.outputs['step-ids'] ?? '')).toHaveLength(3);
  });

  test('of a job that is complete starts nothing', async () => {
    const step = scenarios.step({ steps: '- { name: first, command: "true" }' });
    await scenarios.run(step);
    const { main, post } = await scenarios.run(rerun(step));
    expect(main).toMatchObject(succeeded);
    expect(post.exitCode).toBe(0);
    expect(await scenarios.clusters()).toHaveLength(1);
  });

  test('starts anew when it is not to go on', async () => {
    const step = scenarios.step({ steps: '- { name: first, command: "true" }', reattach: 'false' });
    await scenarios.run(step);
    expect((await scenarios.run(rerun(step))).main).toMatchObject({
      ...succeeded,
      outputs: { outcome: 'succeeded', reattached: 'false' },
    });
    expect(await scenarios.clusters()).toHaveLength(2);
  });
});
