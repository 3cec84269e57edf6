import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { attachCluster, placeSteps } from '../../actions/emr-run/src/attach-cluster.ts';
import { tagOf } from '../../actions/emr-run/src/cluster-state.ts';
import { LONG, openEmr, planOf, settingsWith, step } from './open-emr.ts';

const emr = openEmr();
const settings = await settingsWith();
const ONE = step('one', 'true');
const BAD = step('bad', 'false');

const planFor = (runAttempt: string, steps = [ONE, LONG], reattach = true, given = settings) =>
  planOf({ ...emr.identity, runAttempt }, given, steps, `attempt ${runAttempt}`, reattach);

const attach = async (plan: ReturnType<typeof planFor>, claim: (id: string) => void = () => {}) => {
  const access = emr.access({ claim });
  return placeSteps(access, plan, await attachCluster(access, plan, 1), 1);
};

/** Waits until the step of that place in the cluster is in the state. */
const untilStep = async (id: string, index: number, state: string) => {
  while ((await emr.steps(id))[index]?.Status?.State !== state) await sleep(25);
};

test('a later attempt follows the live cluster, repeats nothing, and has it to end', async () => {
  const first = await attach(planFor('1'));
  const id = first.attachment.clusterId ?? '';
  await untilStep(id, 0, 'COMPLETED');
  const claimed: string[] = [];
  const plan = { ...planFor('2'), expiresAt: '2100-01-01T00:00:00.000Z' };
  const second = await attach(plan, (one) => claimed.push(one));
  expect(second.attachment).toMatchObject({ clusterId: id, origin: 'adopted' });
  expect([...second.attachment.completed.keys()]).toStrictEqual(['one']);
  expect(second.placed.get('long')).toStrictEqual(first.placed.get('long'));
  expect(second.added).toBe(0);
  expect(claimed).toStrictEqual([id]);
  const [cluster, ...more] = await emr.clusters();
  expect(more).toStrictEqual([]);
  expect(await emr.steps(id)).toHaveLength(2);
  // The sweep must not end it under the later attempt's hands.
  expect(cluster && tagOf(cluster, 'expires-at')).toBe('2100-01-01T00:00:00.000Z');
  await emr.terminate(id);
});

test('another starter of the same attempt follows too, and does not have it to end', async () => {
  const first = await attach(planFor('1'));
  const claimed: string[] = [];
  const same = { ...planFor('1'), starter: 'other' };
  const { attachment, added } = await attach(same, (one) => claimed.push(one));
  expect(attachment).toMatchObject({ clusterId: first.attachment.clusterId, origin: 'shared' });
  expect(added).toBe(0);
  expect(claimed).toStrictEqual([]);
  await emr.terminate(first.attachment.clusterId ?? '');
});

test('of a cluster that has ended the completed steps are not repeated', async () => {
  const first = await attach(planFor('1', [ONE, BAD]));
  const ended = first.attachment.clusterId ?? '';
  await emr.until(ended, ['TERMINATED', 'TERMINATED_WITH_ERRORS']);
  const second = await attach(planFor('2', [ONE, BAD]));
  const id = second.attachment.clusterId ?? '';
  expect(second.attachment.origin).toBe('created');
  expect(id).not.toBe(ended);
  expect(second.attachment.completed.get('one')).toStrictEqual(first.placed.get('one'));
  expect((await emr.steps(id)).map(({ Name }) => Name)).toStrictEqual(['bad']);
  await emr.terminate(id);
});

test('when all is completed no cluster is started', async () => {
  const first = await attach(planFor('1', [ONE]));
  await emr.until(first.attachment.clusterId ?? '', ['TERMINATED']);
  const second = await attach(planFor('2', [ONE]));
  expect(second.attachment.clusterId).toBeNull();
  expect(second.attachment.completed.get('one')).toStrictEqual(first.placed.get('one'));
  expect(emr.proxy.calls('RunJobFlow')).toBe(1);
});

test('a step that failed on a live cluster is added again', async () => {
  const concurrent = await settingsWith({}, { 'step-concurrency': '2' });
  const first = await attach(planFor('1', [LONG, BAD], true, concurrent));
  const id = first.attachment.clusterId ?? '';
  await untilStep(id, 1, 'FAILED');
  const second = await attach(planFor('2', [LONG, BAD], true, concurrent));
  expect(second.attachment.clusterId).toBe(id);
  expect(second.added).toBe(1);
  expect((await emr.steps(id)).map(({ Name }) => Name)).toStrictEqual(['long', 'bad', 'bad']);
  expect(second.placed.get('bad')).not.toStrictEqual(first.placed.get('bad'));
  expect((await emr.steps(id))[2]?.ActionOnFailure).toBe('CONTINUE');
  await emr.terminate(id);
});

test('without reattach the earlier cluster is ended and every step is done anew', async () => {
  const first = await attach(planFor('1', [ONE, LONG], false));
  const old = first.attachment.clusterId ?? '';
  await untilStep(old, 0, 'COMPLETED');
  const { attachment } = await attach(planFor('2', [ONE, LONG], false));
  const id = attachment.clusterId ?? '';
  expect(id).not.toBe(old);
  expect(attachment.completed.size).toBe(0);
  expect((await emr.steps(id)).map(({ Name }) => Name)).toStrictEqual(['one', 'long']);
  await emr.until(old, ['TERMINATING', 'TERMINATED']);
  await emr.terminate(id);
});

test('clusters of other runs, jobs and requests are nobody’s business', async () => {
  const plan = planFor('1', [LONG]);
  const others = await Promise.all(
    [`${plan.baseName}0`, plan.baseName.replace('titles', 'other')].map(async (baseName, index) => {
      const other = { ...plan, baseName, starter: `other ${index}` };
      const request = (choice: number, steps: typeof plan.steps) => ({
        ...plan.request(choice, steps),
        Name: `${baseName}/${choice}`,
      });
      return attachCluster(emr.access(), { ...other, request }, 1);
    }),
  );
  const { clusterId, origin } = await attachCluster(emr.access(), plan, 1);
  expect(origin).toBe('created');
  const ids = [clusterId, ...others.map((other) => other.clusterId)];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) await emr.terminate(id ?? '');
});
