import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startAction } from '../aws/action-runner.ts';
import { BUCKET } from './open-emr.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();

/** Steps of one program each. */
function programs(...lines: readonly string[]): string {
  return lines
    .map((line, index) => `- { name: step-${index + 1}, command: bash, args: [-c, ${JSON.stringify(line)}] }`)
    .join('\n');
}

/** A configuration file of the workspace that asks the bed for a fault. */
async function withFault(fault: string): Promise<string> {
  const text = `Tags:\n  - { Key: "bed:fault", Value: "${fault}" }\n`;
  await writeFile(join(scenarios.work, 'cluster.yml'), text);
  return 'cluster.yml';
}

describe('a step that fails', () => {
  test('is told with its log; the steps after it are not run', async () => {
    const steps = programs('true', 'echo what a pity >&2; exit 3', 'true');
    const { main, post } = await scenarios.run(scenarios.step({ steps }));
    const [cluster] = await scenarios.clusters();
    expect((await scenarios.steps(cluster?.Id ?? '')).map(({ Status }) => Status?.State)).toEqual([
      'COMPLETED',
      'FAILED',
      'CANCELLED',
    ]);
    expect(main).toMatchObject({
      exitCode: 3,
      outputs: { outcome: 'failed-infra', 'cluster-id': cluster?.Id },
    });
    expect(main.annotations).toHaveLength(1);
    expect(main.annotations[0]?.message).toContain('step "step-2"');
    expect(main.annotations[0]?.message).toContain('what a pity');
    expect(main.log).toContain('step-2');
    expect(main.summary).toContain('| watch_spark_steps | failed |');
    expect(main.summary).toContain('| terminate_emr_cluster | succeeded |');
    expect(post.exitCode).toBe(0);
    expect(await scenarios.clusters()).toHaveLength(1);
  });

  test('that tells its own failure is told in its words', async () => {
    const failure = {
      kind: 'failed-data',
      what: 'title.basics holds 2 keys more than once',
      where: 's3://raw/title.basics.tsv',
      why: 'each tconst must stand once',
      done: 'Nothing was published.',
      next: 'Get the file anew.',
    };
    const { main } = await scenarios.run(
      scenarios.step({ steps: programs(`echo 'failure: ${JSON.stringify(failure)}'; exit 1`) }),
    );
    expect(main.outputs.outcome).toBe('failed-data');
    expect(main.annotations[0]).toMatchObject({
      title: failure.what,
      message: expect.stringContaining('next:  Get the file anew.'),
    });
  });

  test('that ends without its manifest has failed', async () => {
    const manifest = `s3://${BUCKET}/none/manifest.json`;
    const { main } = await scenarios.run(scenarios.step({ steps: programs('true'), manifest }));
    expect(main).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed-data', 'output-manifest': '' } });
    expect(main.annotations[0]).toMatchObject({ title: 'The job ended without its manifest' });
  });
});

test('a step that somebody cancels is told as that, and the others have been run', async () => {
  const steps = programs('sleep 300', 'true');
  const running = await startAction(scenarios.step({ steps }));
  expect(await running.logged('step step-1: RUNNING')).toBe(true);
  const [cluster] = await scenarios.clusters();
  await scenarios.cancelStep(cluster?.Id ?? '', 'step-1');
  const main = await running.result;
  expect(main).toMatchObject({ exitCode: 130, outputs: { outcome: 'cancelled' } });
  expect(main.annotations).toMatchObject([
    { title: 'A step was cancelled', message: expect.stringContaining('step "step-1"') },
  ]);
  const states = (await scenarios.steps(cluster?.Id ?? '')).map(({ Status }) => Status?.State);
  expect(states).toEqual(['CANCELLED', 'COMPLETED']);
});

describe('a cluster', () => {
  test('that somebody ends before its steps are done is no success', async () => {
    const running = await startAction(scenarios.step({ steps: programs('sleep 30') }));
    expect(await running.logged('RUNNING')).toBe(true);
    const [cluster] = await scenarios.clusters();
    await scenarios.terminate(cluster?.Id ?? '');
    const main = await running.result;
    expect(main).toMatchObject({ exitCode: 130, outputs: { outcome: 'cancelled' } });
    expect(main.annotations[0]?.message).toContain(cluster?.Id);
  });

  test('without capacity is started on other machines', async () => {
    const configuration = await withFault('capacity:m');
    const { main } = await scenarios.run(scenarios.step({ steps: programs('true'), configuration }));
    expect(main).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    const clusters = await scenarios.clusters();
    expect(clusters.map(({ Name }) => Name?.slice(-2))).toEqual(['/1', '/2']);
    expect(clusters.map(({ Status }) => Status?.State)).toEqual(['TERMINATED_WITH_ERRORS', 'TERMINATED']);
    expect(main.outputs['cluster-id']).toBe(clusters[1]?.Id);
  });

  test('that can be had nowhere is given up after the third choice', async () => {
    const configuration = await withFault('capacity');
    const { main } = await scenarios.run(scenarios.step({ steps: programs('true'), configuration }));
    expect(main).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra' } });
    expect(await scenarios.clusters()).toHaveLength(3);
  });

  test('whose bootstrap fails is tried again, a step that fails is not', async () => {
    const configuration = await withFault('bootstrap');
    const { main } = await scenarios.run(scenarios.step({ steps: programs('true'), configuration }));
    expect(main).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra' } });
    expect(main.annotations[0]?.message).toMatch(/bootstrap/i);
    expect((await scenarios.clusters()).length).toBeGreaterThan(1);
  });

  test('that dies in mid-step is told', async () => {
    const configuration = await withFault('dies-in-step');
    const { main } = await scenarios.run(scenarios.step({ steps: programs('sleep 30'), configuration }));
    expect(main).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra' } });
    expect(main.annotations).toHaveLength(1);
  });

  test('that may cost more than the ceiling is not started', async () => {
    const { main } = await scenarios.run(
      scenarios.step({ steps: programs('true'), size: 'x100', 'max-cost-eur': '2' }),
    );
    expect(main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', 'cluster-id': '' } });
    expect(main.annotations[0]?.message).toContain('max-cost-eur');
    expect(await scenarios.clusters()).toEqual([]);
  });
});

test('a job that outlasts its time is stopped, its cluster with it', async () => {
  const { main, post } = await scenarios.run(
    scenarios.step({ steps: programs('sleep 300'), 'timeout-minutes': '1' }),
  );
  expect(main).toMatchObject({ exitCode: 124, outputs: { outcome: 'timed-out' } });
  expect(main.annotations[0]?.message).toContain('The job did not end within 1 minutes');
  expect(main.outputs.state).toMatch(/^TERMINAT/);
  expect(Number(main.outputs['cost-eur'])).toBeGreaterThan(0);
  expect(post.exitCode).toBe(0);
});

describe('inputs', () => {
  test.each([
    ['no script', {}, 'script is not given; it must be given, or `steps`'],
    [
      'another engine',
      { script: 'a.py', engine: 'flink' },
      'engine is "flink"; it must be one of emr, spark, duckdb',
    ],
    ['a script that is not there', { script: 'none.py' }, 'none.py'],
    ['steps that are no list', { steps: 'name: a' }, 'expected array'],
  ])('%s', async (_case, inputs, message) => {
    const { main, post } = await scenarios.run(scenarios.step(inputs));
    expect(main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input' } });
    expect(main.annotations[0]?.message).toContain(message);
    expect(post).toMatchObject({ exitCode: 0, log: expect.stringContaining('The step started no cluster.') });
  });

  test('a region that nobody told', async () => {
    const step = scenarios.step({ steps: programs('true') }, { AWS_REGION: '' });
    expect((await scenarios.run(step)).main.annotations[0]?.message).toContain('AWS_REGION');
  });
});
