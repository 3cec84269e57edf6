import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { attachCluster } from '../../actions/emr-run/src/attach-cluster.ts';
import { terminateOwn } from '../../actions/emr-run/src/terminate-cluster.ts';
import { LONG, openEmr, planOf, settingsWith } from './open-emr.ts';

const emr = openEmr();
const settings = await settingsWith();

const start = async (starter: string, choice = 1, attempt = '1') => {
  const plan = planOf({ ...emr.identity, runAttempt: attempt }, settings, [LONG], starter);
  return { plan, id: (await attachCluster(emr.access(), plan, choice)).clusterId ?? '' };
};

const isEnding = ['TERMINATING', 'TERMINATED'];

test('a cluster is ended by its id, and that it ends is confirmed', async () => {
  const { plan, id } = await start('me');
  const [ended, ...others] = await terminateOwn(emr.access(), { ...plan, clusterId: id }, 5);
  const [cluster] = await emr.clusters();
  expect(ended?.id).toBe(id);
  expect(isEnding).toContain(ended?.state);
  expect(others).toStrictEqual([]);
  expect(isEnding).toContain(cluster?.Status?.State);
  // Once more, as post does after main: nothing is wrong with that.
  expect(await terminateOwn(emr.access(), { ...plan, clusterId: id }, 5)).toMatchObject([{ id }]);
});

test('a cluster whose id was never learnt is found by name and starter; another starter’s is left', async () => {
  const { plan, id } = await start('me');
  expect(await terminateOwn(emr.access(), { ...plan, starter: 'other', clusterId: null }, 5)).toStrictEqual(
    [],
  );
  expect((await emr.clusters())[0]?.Status?.State).not.toBe('TERMINATING');
  expect(await terminateOwn(emr.access(), { ...plan, clusterId: null }, 5)).toMatchObject([{ id }]);
});

test('a cluster that reaches EMR’s list late is found all the same', async () => {
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  const ending = terminateOwn(emr.access(), { ...plan, clusterId: null }, 5);
  // Answered before the cluster is asked for.
  while (emr.proxy.calls('ListClusters') === 0) await sleep(10);
  const { id } = await start('me');
  expect(await ending).toMatchObject([{ id }]);
});

test('throttling and HTTP 500 do not keep a cluster alive', async () => {
  const { plan, id } = await start('me');
  emr.proxy.add({ operation: 'TerminateJobFlows', fault: 'throttle', times: 2 });
  emr.proxy.add({ operation: 'ListClusters', fault: 'server-error', times: 2 });
  const access = emr.access({ emr: emr.client(1) });
  expect(await terminateOwn(access, { ...plan, clusterId: id }, 30)).toMatchObject([{ id }]);
});

test('when nothing answers, it gives up after its time and tells of the leak', async () => {
  const { plan, id } = await start('me');
  for (const operation of ['TerminateJobFlows', 'ListClusters', 'DescribeCluster']) {
    emr.proxy.add({ operation, fault: 'black-hole', times: 100 });
  }
  const started = performance.now();
  await expect(terminateOwn(emr.access(), { ...plan, clusterId: id }, 5)).rejects.toMatchObject({
    failure: {
      kind: 'failed-infra',
      what: 'A cluster may still be running',
      where: `cluster ${id}`,
      why: 'EMR did not confirm it within 5 s',
      done: expect.stringMatching(/^EMR has not taken the request to end it\./),
    },
  });
  // SIGTERM follows 7.5 s after SIGINT.
  expect((performance.now() - started) / 1000).toBeLessThan(7);
  await emr.terminate(id);
});

test('a request that EMR takes and does not confirm is told so', async () => {
  const { plan, id } = await start('me');
  emr.proxy.add({ operation: 'DescribeCluster', fault: 'denied', times: 1 });
  await expect(terminateOwn(emr.access(), { ...plan, clusterId: id }, 5)).rejects.toMatchObject({
    failure: {
      done: expect.stringMatching(/^Its end was asked for, and EMR did not confirm it\./),
      next: expect.stringMatching(/^Allow elasticmapreduce:DescribeCluster on cluster j-/),
    },
  });
});

test('a refusal is told in EMR’s words', async () => {
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  await expect(terminateOwn(emr.access(), { ...plan, clusterId: 'j-NONE' }, 5)).rejects.toMatchObject({
    failure: { what: 'A cluster may still be running', why: 'Specified job flow ID does not exist.' },
  });
});
