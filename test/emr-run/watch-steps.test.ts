import { CancelStepsCommand } from '@aws-sdk/client-emr';
import { expect, test } from '@jest/globals';
import { attachCluster, placeSteps } from '../../actions/emr-run/src/attach-cluster.ts';
import type { EmrAccess } from '../../actions/emr-run/src/cluster-state.ts';
import type { Step } from '../../actions/emr-run/src/steps.ts';
import { endingOf, type Watched, watchSteps } from '../../actions/emr-run/src/watch-steps.ts';
import type { Fault } from '../aws/fault-proxy.ts';
import { LONG, openEmr, planOf, settingsWith, step } from './open-emr.ts';

const emr = openEmr();

/** Starts a cluster with the steps and gives its id and theirs. */
async function start(steps: readonly Step[], tags = {}, given = {}) {
  const plan = planOf(emr.identity, await settingsWith(tags, given), steps, 'me');
  const job = await placeSteps(emr.access(), plan, await attachCluster(emr.access(), plan, 1), 1);
  const ids = [...job.placed.values()].map(({ stepId }) => stepId);
  return { id: job.attachment.clusterId ?? '', ids };
}

async function watch(
  cluster: { id: string; ids: string[] },
  changes: Partial<EmrAccess> = {},
): Promise<Watched> {
  return watchSteps(emr.access(changes), cluster.id, cluster.ids, cluster.ids.length);
}

test('each change is one line, with how many steps are done', async () => {
  const cluster = await start([step('one', 'sleep', '1'), step('two', 'sleep', '1')]);
  emr.lines.length = 0;
  const watched = await watch(cluster);
  expect(endingOf(watched, 2)).toStrictEqual({ kind: 'completed' });
  expect(emr.lines.filter((line) => line.startsWith('step '))).toStrictEqual(
    expect.arrayContaining([
      'step one: COMPLETED, 1 of 2 steps done',
      'step two: RUNNING, 1 of 2 steps done',
      'step two: COMPLETED, 2 of 2 steps done',
    ]),
  );
  expect(new Set(emr.lines).size).toBe(emr.lines.length);
  await emr.terminate(cluster.id);
});

test.each<Fault>(['throttle', 'server-error', 'reset', 'cut-body'])(
  'a storm of %s while watching decides nothing',
  async (fault) => {
    const cluster = await start([step('one', 'sleep', '1')]);
    for (const operation of ['DescribeCluster', 'ListSteps']) emr.proxy.add({ operation, fault, times: 3 });
    // One attempt a call, so that the client's own retries hide nothing.
    const watched = await watch(cluster, { emr: emr.client(1) });
    expect(endingOf(watched, 1)).toStrictEqual({ kind: 'completed' });
    expect(emr.lines.some((line) => line.startsWith('AWS could not answer'))).toBe(true);
    await emr.terminate(cluster.id);
  },
);

test('a step that failed is told apart from those that were cancelled for it', async () => {
  const cluster = await start([step('one', 'true'), step('two', 'false'), LONG]);
  const watched = await watch(cluster);
  const ending = endingOf(watched, 3);
  expect(ending).toMatchObject({ kind: 'step-failed', step: { Name: 'two', Status: { State: 'FAILED' } } });
});

test('beside a step that failed others that run at once are waited for', async () => {
  const cluster = await start(
    [step('bad', 'false'), step('good', 'sleep', '2')],
    {},
    { 'step-concurrency': '2' },
  );
  const watched = await watch(cluster);
  expect(watched.steps.map(({ Status }) => Status?.State)).toStrictEqual(['FAILED', 'COMPLETED']);
  await emr.terminate(cluster.id);
});

test.each([
  ['capacity', 'INSTANCE_FLEET_TIMEOUT', 'CANCELLED'],
  ['bootstrap', 'BOOTSTRAP_FAILURE', 'CANCELLED'],
  ['dies-in-step', 'INSTANCE_FAILURE', 'CANCELLED'],
  ['interrupts-step', 'INSTANCE_FAILURE', 'INTERRUPTED'],
])('the fault %s is no step’s failure; the cluster’s reason is there', async (fault, code, state) => {
  const cluster = await start([LONG], { 'bed:fault': fault });
  const watched = await watch(cluster);
  expect(endingOf(watched, 1)).toMatchObject({
    kind: 'not-done',
    steps: [{ Name: 'long', Status: { State: state } }],
  });
  expect(watched.cluster.Status?.StateChangeReason?.Code).toBe(code);
});

test('a cluster that somebody ended is not taken for success', async () => {
  const cluster = await start([LONG]);
  await emr.until(cluster.id, ['RUNNING']);
  const watching = watch(cluster);
  await emr.terminate(cluster.id);
  const watched = await watching;
  expect(endingOf(watched, 1)).toMatchObject({ kind: 'not-done', steps: [{ Name: 'long' }] });
  expect(watched.cluster.Status?.StateChangeReason?.Code).toBe('USER_REQUEST');
});

test('a step that somebody cancelled is not taken for success', async () => {
  const cluster = await start([LONG]);
  await emr.until(cluster.id, ['RUNNING']);
  const watching = watch(cluster);
  await emr.emr.send(new CancelStepsCommand({ ClusterId: cluster.id, StepIds: cluster.ids }));
  const watched = await watching;
  expect(endingOf(watched, 1)).toMatchObject({
    kind: 'not-done',
    steps: [{ Status: { State: 'CANCELLED' } }],
  });
});

test('the signal ends a watch at once', async () => {
  const cluster = await start([LONG]);
  const stop = new AbortController();
  const watching = watch(cluster, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(watching).rejects.toThrow('enough');
  await emr.terminate(cluster.id);
});

test('a step that EMR does not list is not done', () => {
  const cluster = { Id: 'j-1', Status: { State: 'TERMINATED' as const } };
  const steps = [{ Id: 's-1', Name: 'one', Status: { State: 'COMPLETED' as const } }];
  expect(endingOf({ cluster, steps }, 2)).toStrictEqual({ kind: 'not-done', steps: [] });
});
