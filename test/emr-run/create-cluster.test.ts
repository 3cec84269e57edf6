import { AddJobFlowStepsCommand, type Cluster } from '@aws-sdk/client-emr';
import { expect, test } from '@jest/globals';
import { addSteps } from '../../actions/emr-run/src/add-steps.ts';
import { attachCluster, placeSteps } from '../../actions/emr-run/src/attach-cluster.ts';
import type { Fault } from '../aws/fault-proxy.ts';
import { LONG, openEmr, planOf, settingsWith, step } from './open-emr.ts';

const emr = openEmr();
const settings = await settingsWith();

const tags = (cluster: Cluster | undefined) =>
  Object.fromEntries((cluster?.Tags ?? []).map(({ Key = '', Value }) => [Key, Value]));

test('a cluster carries name, tags and steps, and its id is claimed', async () => {
  const claimed: string[] = [];
  const access = emr.access({ claim: (id) => claimed.push(id) });
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  const { clusterId, origin } = await attachCluster(access, plan, 2);
  const [cluster] = await emr.clusters();
  expect(origin).toBe('created');
  expect(claimed).toStrictEqual([clusterId]);
  expect(cluster?.Name).toBe(`anna/films/titles/${emr.identity.runId}/0123456789ab/2`);
  expect(tags(cluster)).toMatchObject({
    pipeline: 'emr-run',
    repository: 'anna/films',
    'run-id': emr.identity.runId,
    'run-attempt': '1',
    job: 'titles',
    starter: 'me',
  });
  // 60 minutes for the job and 30 for its end.
  const minutes = (Date.parse(tags(cluster)['expires-at'] ?? '') - Date.now()) / 60_000;
  expect(Math.round(minutes)).toBe(90);
  expect((await emr.steps(clusterId ?? '')).map(({ Name }) => Name)).toStrictEqual(['long']);
  await emr.terminate(clusterId ?? '');
});

test.each<[Fault, number]>([
  ['lost-answer', 1],
  ['cut-body', 1],
  ['reset', 2],
  ['server-error', 2],
  ['throttle', 2],
])('RunJobFlow with %s is sent %i times and starts one cluster', async (fault, calls) => {
  emr.proxy.add({ operation: 'RunJobFlow', fault, times: 1 });
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  const { clusterId } = await attachCluster(emr.access(), plan, 1);
  const clusters = await emr.clusters();
  expect(clusters.map(({ Id }) => Id)).toStrictEqual([clusterId]);
  expect(emr.proxy.calls('RunJobFlow')).toBe(calls);
  await emr.terminate(clusterId ?? '');
});

test('a lost answer is found while looking is hard too', async () => {
  emr.proxy.add({ operation: 'RunJobFlow', fault: 'lost-answer', times: 1 });
  // Of the first look for what there is, nothing: it has been before the storm.
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  emr.proxy.add({ operation: 'DescribeCluster', fault: 'server-error', times: 5 });
  const { clusterId } = await attachCluster(emr.access(), plan, 1);
  expect((await emr.clusters()).map(({ Id }) => Id)).toStrictEqual([clusterId]);
  expect(emr.proxy.calls('DescribeCluster')).toBeGreaterThan(5);
  await emr.terminate(clusterId ?? '');
});

test('an ended cluster of the same process is no trace of a lost RunJobFlow', async () => {
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  const first = await attachCluster(emr.access(), plan, 1);
  await emr.terminate(first.clusterId ?? '');
  emr.proxy.add({ operation: 'RunJobFlow', fault: 'reset', times: 1 });
  const second = await attachCluster(emr.access(), plan, 1);
  expect(second.clusterId).not.toBe(first.clusterId);
  expect(await emr.clusters()).toHaveLength(2);
  await emr.terminate(second.clusterId ?? '');
});

test('what EMR refuses is told in its words and not sent again', async () => {
  const broken = { ...settings, request: { ...settings.request, ReleaseLabel: 'emr-none' } };
  const plan = planOf(emr.identity, broken, [LONG], 'me');
  await expect(attachCluster(emr.access(), plan, 1)).rejects.toMatchObject({
    failure: {
      kind: 'bad-input',
      what: 'EMR did not start the cluster',
      why: 'ValidationException: The supplied release label is invalid: emr-none.',
    },
  });
  expect(emr.proxy.calls('RunJobFlow')).toBe(1);
});

test('of two that start at once the older cluster stays, and the other starter follows it', async () => {
  const plans = ['one', 'other'].map((starter) => planOf(emr.identity, settings, [LONG], starter));
  const [one, other] = await Promise.all(plans.map((plan) => attachCluster(emr.access(), plan, 1)));
  const clusters = await emr.clusters();
  expect(clusters).toHaveLength(2);
  expect(one?.clusterId).toBe(clusters[0]?.Id);
  expect(other?.clusterId).toBe(clusters[0]?.Id);
  expect(new Set([one?.origin, other?.origin])).toStrictEqual(new Set(['created', 'shared']));
  expect(clusters.map(({ Status }) => Status?.State).slice(1)).not.toContain('RUNNING');
  await emr.until(clusters[1]?.Id ?? '', ['TERMINATING', 'TERMINATED']);
  await emr.terminate(clusters[0]?.Id ?? '');
});

test.each<[Fault, number]>([
  ['lost-answer', 1],
  ['reset', 2],
  ['throttle', 2],
])('AddJobFlowSteps with %s is sent %i times and adds one step', async (fault, calls) => {
  const first = planOf(emr.identity, settings, [LONG], 'earlier');
  const { clusterId } = await attachCluster(emr.access(), first, 1);
  const both = planOf({ ...emr.identity, runAttempt: '2' }, settings, [LONG, step('two', 'true')], 'me');
  emr.proxy.add({ operation: 'AddJobFlowSteps', fault, times: 1 });
  const attachment = await attachCluster(emr.access(), both, 1);
  const { added, placed } = await placeSteps(emr.access(), both, attachment, 1);
  const steps = await emr.steps(clusterId ?? '');
  expect(steps.map(({ Name }) => Name)).toStrictEqual(['long', 'two']);
  expect(added).toBe(1);
  expect([...placed.values()].map(({ stepId }) => stepId)).toStrictEqual(steps.map(({ Id }) => Id));
  expect(emr.proxy.calls('AddJobFlowSteps')).toBe(calls);
  await emr.terminate(clusterId ?? '');
});

test('an earlier step of the same name is no trace of a lost AddJobFlowSteps', async () => {
  const concurrent = await settingsWith({}, { 'step-concurrency': '2' });
  const steps = [LONG, step('two', 'false')];
  const plan = planOf(emr.identity, concurrent, steps, 'earlier');
  const { clusterId } = await attachCluster(emr.access(), plan, 1);
  const id = clusterId ?? '';
  while ((await emr.steps(id))[1]?.Status?.State !== 'FAILED')
    await emr.until(id, ['STARTING', 'BOOTSTRAPPING', 'RUNNING']);
  const later = planOf({ ...emr.identity, runAttempt: '2' }, concurrent, steps, 'me');
  emr.proxy.add({ operation: 'AddJobFlowSteps', fault: 'reset', times: 1 });
  const { placed } = await placeSteps(emr.access(), later, await attachCluster(emr.access(), later, 1), 1);
  const all = await emr.steps(id);
  expect(all.map(({ Name }) => Name)).toStrictEqual(['long', 'two', 'two']);
  expect(placed.get('two')?.stepId).toBe(all[2]?.Id);
  await emr.terminate(id);
});

test('a cluster that has begun to end since it was found takes no step; a new one does the rest', async () => {
  const first = planOf(emr.identity, settings, [step('one', 'true'), LONG], 'earlier');
  const { clusterId } = await attachCluster(emr.access(), first, 1);
  const id = clusterId ?? '';
  while ((await emr.steps(id))[0]?.Status?.State !== 'COMPLETED')
    await emr.until(id, ['STARTING', 'BOOTSTRAPPING', 'RUNNING']);
  const all = [step('one', 'true'), LONG, step('three', 'true')];
  const plan = planOf({ ...emr.identity, runAttempt: '2' }, settings, all, 'me');
  const attachment = await attachCluster(emr.access(), plan, 1);
  expect(attachment.clusterId).toBe(id);
  await emr.terminate(id);
  expect(await addSteps(emr.access(), plan, id, attachment)).toBeNull();
  const { attachment: next, placed } = await placeSteps(emr.access(), plan, attachment, 1);
  expect(next.clusterId).not.toBe(id);
  expect([...placed.keys()]).toStrictEqual(['long', 'three']);
  expect(emr.proxy.calls('AddJobFlowSteps')).toBe(0);
  await emr.terminate(next.clusterId ?? '');
});

test('a cluster that ends between the last look and the request takes no step either', async () => {
  const first = planOf(emr.identity, settings, [LONG], 'earlier');
  const { clusterId } = await attachCluster(emr.access(), first, 1);
  const id = clusterId ?? '';
  const plan = planOf({ ...emr.identity, runAttempt: '2' }, settings, [LONG, step('two', 'true')], 'me');
  const attachment = await attachCluster(emr.access(), plan, 1);
  const emrOnce = emr.client(1);
  emrOnce.middlewareStack.add(
    (next, context) => async (request) => {
      if (context.commandName === AddJobFlowStepsCommand.name) await emr.terminate(id);
      return next(request);
    },
    { step: 'initialize' },
  );
  expect(await addSteps(emr.access({ emrOnce }), plan, id, attachment)).toBeNull();
  expect(emr.proxy.calls('AddJobFlowSteps')).toBe(1);
});
