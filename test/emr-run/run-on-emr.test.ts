import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type EmrDependencies, noFacts } from '../../actions/emr-run/src/emr-context.ts';
import { readPrices } from '../../actions/emr-run/src/prices.ts';
import { runOnEmr } from '../../actions/emr-run/src/run-on-emr.ts';
import { explainClusterEnd, explainFailedStep } from '../../actions/emr-run/src/step-failure.ts';
import type { Step } from '../../actions/emr-run/src/steps.ts';
import { createTaskGroups } from '../../actions/shared/src/action/task-groups.ts';
import { PipelineError } from '../../actions/shared/src/errors.ts';
import { createTaskRunner } from '../../actions/shared/src/tasks.ts';
import { root } from '../project.ts';
import { inputsOf } from './inputs-of.ts';
import { LONG, openEmr, settingsWith, step } from './open-emr.ts';

const emr = openEmr();
const prices = await readPrices(join(root, 'actions', 'emr-run', 'prices.yml'));
const ONE = step('one', 'true');
const TWO = step('two', 'true');

/** A run as main starts it, with what it handed on and told. */
async function begin(
  steps: readonly Step[],
  {
    tags = {},
    given = {},
    starter = 'me',
    attempt = '1',
    signal = new AbortController().signal,
  }: {
    tags?: Readonly<Record<string, string>>;
    given?: Readonly<Record<string, string>>;
    starter?: string;
    attempt?: string;
    signal?: AbortSignal;
  } = {},
) {
  const facts = noFacts();
  const state: [string, string][] = [];
  const warnings: string[] = [];
  const log = { info: (line: string) => emr.lines.push(line), startGroup: () => {}, endGroup: () => {} };
  const seconds = () => performance.now() / 1000;
  const tasks = createTaskRunner(createTaskGroups(log, seconds), seconds);
  const dependencies: EmrDependencies = {
    emr: emr.client(3),
    emrOnce: emr.client(1),
    s3: emr.s3,
    starter,
    saveState: (name, value) => state.push([name, value]),
    now: () => new Date(),
    random: () => 0,
    tasks,
    warn: (title, message) => warnings.push(`${title}: ${message}`),
    facts,
    explainFailedStep: (failed, s3, stop, taskLog) =>
      explainFailedStep(failed, s3, stop, taskLog, { waitSeconds: 5 }),
    explainClusterEnd,
  };
  const settings = await settingsWith(tags, given);
  const inputs = inputsOf({ script: 'x.py', bucket: 'lake', ...given });
  const identity = { ...emr.identity, runAttempt: attempt };
  const run = runOnEmr(inputs, identity, { steps, files: [] }, settings, prices, dependencies, signal);
  const error = run.then(
    () => null,
    (reason: unknown) => reason,
  );
  return {
    facts,
    state,
    warnings,
    states: () => tasks.reports.map(({ name, state: how }) => `${name} ${how}`),
    /** What it failed with; null when it succeeded. */
    failure: async () => {
      const thrown = await error;
      if (thrown === null || thrown instanceof PipelineError) return thrown?.failure ?? null;
      throw new Error('not told as a failure', { cause: thrown });
    },
  };
}

test('a job goes through the five tasks and leaves facts, state and no cluster', async () => {
  const run = await begin([ONE, TWO]);
  expect(await run.failure()).toBeNull();
  expect(run.states()).toStrictEqual([
    'upload_spark_script_to_s3 succeeded',
    'create_emr_cluster succeeded',
    'add_spark_steps succeeded',
    'watch_spark_steps succeeded',
    'terminate_emr_cluster succeeded',
  ]);
  const [cluster] = await emr.clusters();
  const id = cluster?.Id ?? '';
  const steps = await emr.steps(id);
  expect(run.state.map(([name]) => name)).toStrictEqual(['base-name', 'starter', 'cluster-id']);
  expect(run.state[2]).toStrictEqual(['cluster-id', id]);
  expect(cluster?.Name).toBe(`${run.state[0]?.[1]}/1`);
  expect(run.facts).toMatchObject({
    clusterId: id,
    stepIds: steps.map(({ Id }) => Id),
    reattached: false,
    logUrl: `https://eu-west-1.console.aws.amazon.com/emr/home?region=eu-west-1#/clusterDetails/${id}`,
  });
  expect(run.facts.state).toMatch(/^TERMINAT/);
  // One m7g.xlarge on demand for a minute, the least that is billed: 0.1819 x 1.25 x 0.9605 / 60.
  expect(run.facts.costEur).toBeCloseTo(0.00364, 5);
});

test('a later attempt of a run that is done does nothing', async () => {
  const first = await begin([ONE]);
  await first.failure();
  const second = await begin([ONE], { attempt: '2', starter: 'second' });
  expect(await second.failure()).toBeNull();
  expect(second.states().slice(2)).toStrictEqual([
    'add_spark_steps skipped',
    'watch_spark_steps skipped',
    'terminate_emr_cluster skipped',
  ]);
  expect(second.facts).toMatchObject({ reattached: true, stepIds: first.facts.stepIds });
  expect(await emr.clusters()).toHaveLength(1);
});

test('what could cost too much is not started', async () => {
  const run = await begin([ONE], { given: { 'max-cost-eur': '0.01' } });
  expect(await run.failure()).toMatchObject({ kind: 'bad-input', where: 'input max-cost-eur' });
  expect(emr.proxy.calls('RunJobFlow')).toBe(0);
  expect(run.states()).toStrictEqual([]);
});

test('a step that fails is told, is not repeated, and its cluster ends', async () => {
  const run = await begin([ONE, step('bad', 'bash', '-c', 'echo too little memory >&2; exit 3')]);
  const failure = await run.failure();
  const [cluster, ...more] = await emr.clusters();
  expect(more).toStrictEqual([]);
  expect(failure?.where).toContain('step "bad"');
  expect(failure?.done).toContain(`${cluster?.Id} is ending or has ended.`);
  expect(run.states().slice(3)).toStrictEqual([
    'watch_spark_steps failed',
    'terminate_emr_cluster succeeded',
  ]);
  expect(run.facts.stepIds).toHaveLength(2);
});

test('without capacity for the first choice of machines the second one does the job', async () => {
  const run = await begin([ONE], { tags: { 'bed:fault': 'capacity:m7g' } });
  expect(await run.failure()).toBeNull();
  const clusters = await emr.clusters();
  expect(clusters.map(({ Name }) => Name?.split('/').at(-1))).toStrictEqual(['1', '2']);
  expect(run.facts.clusterId).toBe(clusters[1]?.Id);
});

test.each(['capacity', 'bootstrap'])('with %s failing everywhere there are three clusters', async (fault) => {
  const run = await begin([ONE], { tags: { 'bed:fault': fault } });
  expect((await run.failure())?.kind).toBe('failed-infra');
  const clusters = await emr.clusters();
  expect(clusters.map(({ Name }) => Name?.split('/').at(-1))).toStrictEqual(['1', '2', '3']);
});

test('a cluster that somebody ended is a failure, tried nowhere else', async () => {
  const run = await begin([LONG]);
  while (run.facts.state !== 'RUNNING') await sleep(25);
  await emr.terminate(run.facts.clusterId ?? '');
  expect(await run.failure()).not.toBeNull();
  expect(await emr.clusters()).toHaveLength(1);
});

test('two that start at once both succeed on one cluster, and only its starter ends it', async () => {
  const job = [step('slow', 'sleep', '3')];
  const runs = await Promise.all(['one', 'other'].map((starter) => begin(job, { starter })));
  expect(await Promise.all(runs.map((run) => run.failure()))).toStrictEqual([null, null]);
  const [winner] = await emr.clusters();
  expect(runs.map(({ facts }) => facts.clusterId)).toStrictEqual([winner?.Id, winner?.Id]);
  const done = await Promise.all((await emr.clusters()).map(({ Id = '' }) => emr.steps(Id)));
  const completed = done.flat().filter(({ Status }) => Status?.State === 'COMPLETED');
  expect(completed.map(({ Name }) => Name)).toStrictEqual(['slow']);
});

test('a follower that is cancelled leaves the cluster to its starter', async () => {
  const job = [step('slow', 'sleep', '6')];
  const winner = await begin(job);
  while (winner.facts.clusterId === null) await sleep(25);
  const stop = new AbortController();
  const follower = await begin(job, { starter: 'other', signal: stop.signal });
  while (follower.facts.state === null) await sleep(25);
  stop.abort(new Error('cancelled'));
  expect(await follower.failure()).not.toBeNull();
  expect(follower.state).toStrictEqual([]);
  expect(await winner.failure()).toBeNull();
});

const CANCELLED = new PipelineError({
  kind: 'cancelled',
  what: 'Cancelled',
  where: '',
  why: '',
  done: 'Stopped.',
  next: '',
});

/** Cancels the run and tells how many seconds it takes to end; SIGTERM follows 7.5 s after SIGINT. */
async function cancel(stop: AbortController, run: Awaited<ReturnType<typeof begin>>) {
  const started = performance.now();
  stop.abort(CANCELLED);
  const failure = await run.failure();
  return { failure, seconds: (performance.now() - started) / 1000 };
}

test('a cancelled run ends its cluster within the runner’s time', async () => {
  const stop = new AbortController();
  const run = await begin([LONG], { signal: stop.signal });
  while (run.facts.state === null) await sleep(25);
  const { failure, seconds } = await cancel(stop, run);
  expect(seconds).toBeLessThan(7);
  expect(failure).toMatchObject({
    kind: 'cancelled',
    done: `Stopped. ${run.facts.clusterId} is ending or has ended.`,
  });
  expect(run.facts.state).toMatch(/^TERMINAT/);
});

test('a termination that is refused after the job is done is a warning', async () => {
  emr.proxy.add({ operation: 'TerminateJobFlows', fault: 'denied', times: 1 });
  const run = await begin([ONE]);
  expect(await run.failure()).toBeNull();
  expect(run.warnings).toStrictEqual([
    expect.stringMatching(/^A cluster may still be running: .*AccessDeniedException/),
  ]);
});

test('what the role may not do before there is a cluster is told with its permission, and nothing is looked for', async () => {
  emr.proxy.add({ operation: 'ListClusters', fault: 'denied', times: 1 });
  const run = await begin([ONE]);
  expect(await run.failure()).toMatchObject({
    what: 'AWS refused elasticmapreduce:ListClusters',
    where: 'the clusters of the account',
    done: 'AWS did nothing. This process started no cluster.',
    next: 'Allow elasticmapreduce:ListClusters on the clusters of the account in a policy of the role that calls it. Then run again.',
  });
  expect(run.state).toStrictEqual([]);
  expect(emr.proxy.calls('ListClusters')).toBe(1);
});

test('what the role may not look at while it watches is told with its permission', async () => {
  const first = await begin([ONE, LONG]);
  while (first.facts.state !== 'RUNNING') await sleep(25);
  emr.proxy.add({ operation: 'ListSteps', fault: 'denied', times: 1 });
  expect(await first.failure()).toMatchObject({
    what: 'AWS refused elasticmapreduce:ListSteps',
    where: `cluster ${first.facts.clusterId}`,
  });
});

test('cancelled while the cluster is asked for and EMR answers no more, it ends in time and tells the leak', async () => {
  const stop = new AbortController();
  emr.proxy.add({ operation: 'RunJobFlow', fault: 'black-hole', times: 1 });
  const run = await begin([LONG], { signal: stop.signal });
  while (emr.proxy.calls('RunJobFlow') === 0) await sleep(25);
  emr.proxy.add({ operation: 'ListClusters', fault: 'black-hole', times: 100 });
  const { failure, seconds } = await cancel(stop, run);
  expect(seconds).toBeLessThan(7);
  expect(failure?.kind).toBe('cancelled');
  expect(failure?.done).toMatch(/^Stopped\. A cluster may still be running/);
  // What post needs to find it.
  expect(run.state.map(([name]) => name)).toStrictEqual(['base-name', 'starter']);
});

test('cancelled between the request for a cluster and its answer, it ends that cluster', async () => {
  const stop = new AbortController();
  emr.proxy.add({ operation: 'RunJobFlow', fault: 'latency', times: 1, milliseconds: 500 });
  const run = await begin([LONG], { signal: stop.signal });
  while (emr.proxy.calls('RunJobFlow') === 0) await sleep(25);
  const { failure } = await cancel(stop, run);
  const [cluster, ...more] = await emr.clusters();
  expect(more).toStrictEqual([]);
  expect(failure?.done).toBe(`Stopped. ${cluster?.Id} is ending or has ended.`);
});
