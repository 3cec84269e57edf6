import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { RunJobFlowCommand } from '@aws-sdk/client-emr';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readManifest } from '../../actions/shared/src/lake/run.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files } from '../project.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();

describe.each(['duckdb', 'spark'] as const)('on this machine, by %s', (engine) => {
  const step = (given: Readonly<Record<string, string>> = {}) => {
    const local = scenarios.step({
      engine,
      script: files.sparkScript,
      files: join(files.sparkScript, '..', 'imdb_titles.sql'),
      'script-args': ['--input', files.sample, '--output', 'lake', '--run-id', '7'].join('\n'),
      manifest: 'lake/run=7/manifest.json',
      ...given,
    });
    // No variable of AWS is there, as in a pull request.
    const PATH = `${join(files.pythonEnvironment, 'bin')}:${process.env.PATH ?? ''}`;
    return { ...local, environment: { PATH } };
  };

  test('the job writes its run and gives the same outputs as on EMR', async () => {
    const { main, post } = await scenarios.run(step());
    expect(main.annotations).toEqual([]);
    expect(main.outputs).toMatchObject({
      outcome: 'succeeded',
      'rows-written': String(expectedSampleCounts.titles),
      'output-manifest': 'lake/run=7/manifest.json',
      'cluster-id': '',
      'step-ids': '[]',
      'cost-eur': '',
    });
    expect((await readManifest(join(scenarios.work, 'lake', 'run=7'))).engine.name).toBe(engine);
    expect(main.summary).toContain('| watch_spark_steps | succeeded |');
    expect(main.summary).toContain('| create_emr_cluster | skipped |');
    expect(post).toMatchObject({ exitCode: 0, log: expect.stringContaining('The step started no cluster.') });
  });

  test('a failure is told in the words of the job', async () => {
    const { main } = await scenarios.run(
      step({ 'script-args': ['--input', 'nowhere', '--output', 'lake', '--run-id', '8'].join('\n') }),
    );
    expect(main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', 'rows-written': '' } });
    expect(main.annotations[0]?.title).toBe('The input folder cannot be read');
  });
});

describe('a sweep', () => {
  /** Tells of run 1 that it is over, of run 2 that it goes on. */
  let github: Server;
  beforeAll(async () => {
    github = createServer(({ url = '' }, answer) => {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ status: url.endsWith('/1') ? 'completed' : 'in_progress' }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => github.once('listening', resolve));
  });
  afterAll(() => void github.close());

  async function start(runId: string, expiresAt: string): Promise<string> {
    const { repository, job } = scenarios.identity;
    const tags = { pipeline: 'emr-run', repository, 'run-id': runId, 'expires-at': expiresAt };
    const { JobFlowId } = await scenarios.emr.send(
      new RunJobFlowCommand({
        Name: `${repository}/${job}/${runId}/0123456789ab/1`,
        ReleaseLabel: 'emr-7.13.0',
        ServiceRole: 'EMR_DefaultRole',
        JobFlowRole: 'EMR_EC2_DefaultRole',
        Instances: {
          InstanceGroups: [{ InstanceRole: 'MASTER', InstanceType: 'm7g.xlarge', InstanceCount: 1 }],
          KeepJobFlowAliveWhenNoSteps: true,
        },
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    return JobFlowId ?? '';
  }

  test('ends what outlived its run, and leaves and tells the rest', async () => {
    const [past, future] = ['2026-01-01T00:00:00.000Z', '2126-01-01T00:00:00.000Z'];
    const [over, going, early] = [await start('1', past), await start('2', past), await start('1', future)];
    const denied = await start('1', past);
    // Those come newest first, and one that AWS refuses hides no other.
    scenarios.proxy.add({ operation: 'DescribeCluster', fault: 'denied', times: 1 });
    const address = github.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { main } = await scenarios.run(
      scenarios.step({ mode: 'sweep' }, { GITHUB_API_URL: `http://127.0.0.1:${port}` }),
    );
    for (const id of [going, early, denied]) await scenarios.terminate(id);

    expect(main).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra' } });
    expect(main.log).toContain(`cluster ${over} ended`);
    expect(main.log).not.toContain(early);
    expect(main.annotations).toEqual([
      expect.objectContaining({ level: 'warning', message: expect.stringContaining(going) }),
      expect.objectContaining({
        level: 'error',
        message: expect.stringContaining(`done:  Ended all the same: ${over}.`),
      }),
    ]);
    expect(main.annotations[1]?.message).toContain('Allow elasticmapreduce:DescribeCluster');
    expect(main.summary).toContain(`| ended ${over} |`);
    expect(main.summary).toContain(`| left ${going} |`);
  });

  test('of the run alone, by terminate, ends what its jobs left, whenever that expires', async () => {
    const future = '2126-01-01T00:00:00.000Z';
    const [mine, other] = [await start(scenarios.identity.runId, future), await start('1', future)];
    const { main } = await scenarios.run(scenarios.step({ mode: 'terminate' }));
    await scenarios.terminate(other);

    expect(main).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' }, annotations: [] });
    expect(main.log).toContain(`cluster ${mine} ended`);
    expect(main.log).not.toContain(other);
    expect(main.summary).toContain(`| ended ${mine} |`);
  });
});
