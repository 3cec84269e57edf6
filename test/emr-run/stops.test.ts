import { describe, expect, test } from '@jest/globals';
import { runPost, startAction } from '../aws/action-runner.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();
const LONG = '- { name: long, command: sleep, args: ["30"] }';

/** Main left by itself, in the time that SIGINT gives it. */
const CANCELLED = { exitCode: 130, signal: null, sent: ['SIGINT'], outputs: { outcome: 'cancelled' } };

/** What is left of the cluster once it had time to end. */
async function states(): Promise<(string | undefined)[]> {
  return (await scenarios.clusters()).map(({ Status }) => Status?.State);
}

describe('a cancelled step', () => {
  test('ends the cluster that it watches', async () => {
    const step = scenarios.step({ steps: LONG });
    const running = await startAction(step);
    expect(await running.logged('RUNNING')).toBe(true);
    const main = await running.cancel();
    expect(main).toMatchObject(CANCELLED);
    expect(main.outputs.state).toMatch(/^TERMINAT/);
    const post = await runPost(step, main);
    expect(post).toMatchObject({ exitCode: 0, annotations: [] });
    expect(await states()).toEqual([expect.stringMatching(/^TERMINAT/)]);
  });

  test('ends a cluster whose start it has not heard of yet', async () => {
    scenarios.proxy.add({ operation: 'RunJobFlow', fault: 'held-answer', times: 1 });
    const step = scenarios.step({ steps: LONG });
    const running = await startAction(step);
    await scenarios.started();
    const main = await running.cancel();
    expect(main).toMatchObject(CANCELLED);
    expect((await runPost(step, main)).exitCode).toBe(0);
    expect(await states()).toEqual([expect.stringMatching(/^TERMINAT/)]);
  });

  test('leaves in time when AWS is silent, and its post ends the cluster', async () => {
    const step = scenarios.step({ steps: LONG });
    const running = await startAction(step);
    expect(await running.logged('RUNNING')).toBe(true);
    for (const operation of [
      'TerminateJobFlows',
      'DescribeCluster',
      'ListClusters',
      'ListSteps',
      'ListInstances',
    ]) {
      scenarios.proxy.add({ operation, fault: 'black-hole', times: 1000 });
    }
    const main = await running.cancel();
    expect(main).toMatchObject(CANCELLED);
    expect(main.annotations[0]?.message).toContain('A cluster may still be running');

    const direct = {
      ...step,
      environment: { ...step.environment, AWS_ENDPOINT_URL: scenarios.bed.endpoint },
    };
    expect((await runPost(direct, main)).exitCode).toBe(0);
    expect(await states()).toEqual([expect.stringMatching(/^TERMINAT/)]);
  });

  test('whose post cannot reach AWS either is red', async () => {
    const step = scenarios.step({ steps: LONG });
    const running = await startAction(step);
    expect(await running.logged('RUNNING')).toBe(true);
    const main = await running.cancel();
    const nowhere = {
      ...step,
      environment: { ...step.environment, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    };
    const post = await runPost(nowhere, main);
    expect(post.exitCode).toBe(3);
    expect(post.annotations[0]?.message).toContain('A cluster may still be running');
  });
});

test('a step that is killed before it hears of its cluster leaves it to post', async () => {
  scenarios.proxy.add({ operation: 'RunJobFlow', fault: 'held-answer', times: 1 });
  const step = scenarios.step({ steps: LONG });
  const running = await startAction(step);
  await scenarios.started();
  const main = await running.kill();
  expect(main).toMatchObject({ signal: 'SIGKILL', outputs: {} });
  expect(main.state['cluster-id']).toBeUndefined();

  const post = await runPost(step, main);
  expect(post.exitCode).toBe(0);
  expect(await states()).toEqual([expect.stringMatching(/^TERMINAT/)]);
});
