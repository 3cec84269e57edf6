import { once } from 'node:events';
import { createServer } from 'node:http';
import { RunJobFlowCommand } from '@aws-sdk/client-emr';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sweep } from '../../actions/emr-run/src/sweep.ts';
import { LONG, openEmr, planOf, settingsWith } from './open-emr.ts';

const emr = openEmr();
const settings = await settingsWith();
const PAST = '2020-01-01T00:00:00.000Z';

/** GitHub as far as a sweep asks it: the answer to each run id. */
const RUNS: Readonly<Record<string, readonly [number, unknown]>> = {
  '1': [200, { status: 'completed' }],
  '2': [200, { status: 'in_progress' }],
  '3': [404, { message: 'Not Found' }],
  '4': [500, { message: 'oops' }],
  '5': [200, { status: 'queued' }],
  '6': [403, { message: 'Resource not accessible by integration' }],
};
const asked: string[] = [];
const github = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization}`);
  const [status, body] = RUNS[request.url?.split('/').at(-1) ?? ''] ?? [418, {}];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}).listen(0, '127.0.0.1');
let apiUrl = '';
beforeAll(async () => {
  if (!github.listening) await once(github, 'listening');
  const address = github.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port has a number');
  apiUrl = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  github.close();
});

const sweepNow = (repository = 'anna/films') =>
  sweep({ ...emr.access(), repository, apiUrl, token: 'secret', fetch: globalThis.fetch });

/** Starts a cluster whose tags differ so from those that the action gives. */
const start = async (tags: Readonly<Record<string, string>>): Promise<string> => {
  const plan = planOf(emr.identity, settings, [LONG], 'me');
  const request = plan.request(1, plan.steps);
  const Tags = (request.Tags ?? []).map(({ Key = '', Value }) => ({ Key, Value: tags[Key] ?? Value }));
  const { JobFlowId = '' } = await emr.emr.send(new RunJobFlowCommand({ ...request, Tags }));
  return JobFlowId;
};

test.each([
  ['1', 'run 1 is completed'],
  ['3', 'run 3 is not known (HTTP 404)'],
])('a cluster past its time is ended: %s, %s', async (runId, reason) => {
  const id = await start({ 'expires-at': PAST, 'run-id': runId });
  const { ended, left } = await sweepNow();
  expect(ended).toStrictEqual([
    { id, name: expect.stringMatching(/^anna\/films\/titles\//), reason: `expired at ${PAST}; ${reason}` },
  ]);
  expect(left).toStrictEqual([]);
  expect(asked.at(-1)).toBe(`/repos/anna/films/actions/runs/${runId} Bearer secret`);
  await emr.until(id, ['TERMINATING', 'TERMINATED']);
});

test.each([
  ['2', 'run 2 is in_progress'],
  ['5', 'run 5 is queued'],
  ['4', 'GitHub did not tell of run 4: HTTP 500'],
  ['6', 'GitHub did not tell of run 6: HTTP 403; give the job `permissions: actions: read`'],
])('a cluster past its time whose run is not known to be over is left: %s, %s', async (runId, reason) => {
  const id = await start({ 'expires-at': PAST, 'run-id': runId });
  const { ended, left } = await sweepNow();
  expect(ended).toStrictEqual([]);
  expect(left).toMatchObject([{ id, reason: `expired at ${PAST}; ${reason}` }]);
  expect(emr.proxy.calls('TerminateJobFlows')).toBe(0);
  await emr.terminate(id);
});

test.each([
  ['is not past its time', {}],
  ['is of something else', { 'expires-at': PAST, 'run-id': '1', pipeline: 'other' }],
  ['is of another repository', { 'expires-at': PAST, 'run-id': '1', repository: 'anna/film' }],
  ['tells no time', { 'expires-at': 'soon', 'run-id': '1' }],
])('a cluster that %s is not touched', async (_what, tags) => {
  const id = await start(tags);
  expect(await sweepNow()).toStrictEqual({ ended: [], left: [], refused: [] });
  expect(emr.proxy.calls('TerminateJobFlows')).toBe(0);
  await emr.terminate(id);
});

test.each([
  ['DescribeCluster', 'elasticmapreduce:DescribeCluster'],
  ['TerminateJobFlows', 'elasticmapreduce:TerminateJobFlows'],
])('a cluster of which AWS refuses %s keeps no other one alive', async (operation, action) => {
  const ids = [await start({ 'expires-at': PAST, 'run-id': '1' })];
  ids.push(await start({ 'expires-at': PAST, 'run-id': '3' }));
  emr.proxy.add({ operation, fault: 'denied', times: 1 });
  const { ended, refused } = await sweepNow();
  expect([...ended, ...refused].map(({ id }) => id).toSorted()).toStrictEqual(ids.toSorted());
  expect(ended).toHaveLength(1);
  expect(refused).toMatchObject([
    {
      reason: 'AccessDeniedException: You are not authorized to do this',
      next: `Allow ${action} on cluster ${refused[0]?.id} in a policy of the role that calls it. Then run again.`,
    },
  ]);
  await emr.terminate(refused[0]?.id ?? '');
});

test('a sweep that is stopped tells what it ended before', async () => {
  const stop = new AbortController();
  for (const runId of ['1', '3']) await start({ 'expires-at': PAST, 'run-id': runId });
  const log = { info: () => stop.abort(new Error('enough')), progress: () => {} };
  const swept = sweep({
    ...emr.access({ signal: stop.signal, log }),
    ...{ repository: 'anna/films', apiUrl, token: 'secret', fetch: globalThis.fetch },
  });
  await expect(swept).rejects.toMatchObject({
    failure: { why: 'enough', done: expect.stringContaining('j-') },
  });
  for (const { Id = '' } of await emr.clusters()) await emr.terminate(Id);
});

test('a repository whose name begins so is another one', async () => {
  const id = await start({ 'expires-at': PAST, 'run-id': '1' });
  expect(await sweepNow('anna/film')).toStrictEqual({ ended: [], left: [], refused: [] });
  await emr.terminate(id);
});
