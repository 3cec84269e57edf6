import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateClusterCommand, DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { type MotoServer, startMoto } from '../aws/moto.ts';
import { until } from '../aws/redshift-bed.ts';
import { type GithubApi, startGithubApi } from '../github/github-api.ts';
import { files, root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const TOKEN = 'a-token-of-the-run';
const REGION = 'eu-west-1';
const folder = await temporaryFolder();

const step = z.object({
  id: z.string().optional(),
  shell: z.string().optional(),
  run: z.string().default(''),
});
type Step = z.infer<typeof step>;
const actionFile = z.object({ runs: z.object({ steps: z.tuple([step]) }) });
const janitorFile = z.object({
  jobs: z.object({ pause_redshift_cluster: z.object({ steps: z.array(step) }) }),
});
const parsed = async (...path: string[]): Promise<unknown> =>
  parse(await readFile(join(root, '.github', ...path), 'utf8'));
const [pause] = actionFile.parse(await parsed('actions', 'pause-redshift-cluster', 'action.yml')).runs.steps;
const janitor = janitorFile.parse(await parsed('workflows', 'imdb_janitor.yml'));

let github: GithubApi;
/** In the one a cluster is made in no time, in the other never. */
let quick: MotoServer;
let slow: MotoServer;
beforeAll(async () => {
  const s3 = { endpoint: 'http://127.0.0.1:1', region: REGION, accessKeyId: 'a', secretAccessKey: 'b' };
  const alone = { s3, postgresUri: 'postgresql://127.0.0.1:1/none', work: folder };
  [github, quick, slow] = await Promise.all([
    startGithubApi({ token: TOKEN }),
    startMoto({ ...alone, stateSeconds: 0.1 }),
    startMoto({ ...alone, stateSeconds: 100_000 }),
  ]);
});
afterAll(() => Promise.all([github.stop(), quick.stop(), slow.stop()]));

/** Runs a step's text as GitHub's runner does (docs.github.com, workflow syntax, `steps[*].shell`). */
async function runStep({ shell, run }: Step, environment: Readonly<Record<string, string>>) {
  const flags = shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];
  const output = join(folder, 'output');
  await writeFile(output, '');
  const child = spawn('bash', [...flags, '-c', run], {
    env: {
      ...environment,
      PATH: [join(files.pythonEnvironment, 'bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      GITHUB_OUTPUT: output,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { exitCode, log: said + errors, outputs: await readFile(output, 'utf8') };
}

describe('the action that pauses', () => {
  const pauseCluster = (endpoint: string, identifier = 'imdb') =>
    runStep(pause, {
      IDENTIFIER: identifier,
      AWS_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_MAX_ATTEMPTS: '1',
    });
  const createCluster = async ({ endpoint }: MotoServer) => {
    const redshift = new RedshiftClient({
      region: REGION,
      endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await redshift.send(
      new CreateClusterCommand({
        ClusterIdentifier: 'imdb',
        ClusterType: 'single-node',
        NodeType: 'ra3.large',
        MasterUsername: 'admin',
        ManageMasterPassword: true,
      }),
    );
    return async () => {
      const { Clusters = [] } = await redshift.send(new DescribeClustersCommand({}));
      return Clusters.map(({ ClusterStatus }) => ClusterStatus);
    };
  };

  test('makes none, pauses one that is up, and is content with one that is paused', async () => {
    expect(await pauseCluster(quick.endpoint)).toMatchObject({
      exitCode: 0,
      log: 'There is no cluster imdb.\n',
    });
    const states = await createCluster(quick);
    await until(async () => (await states())[0] === 'available');
    expect(await pauseCluster(quick.endpoint)).toMatchObject({
      exitCode: 0,
      log: 'The cluster imdb is pausing.\n',
    });
    await until(async () => (await states())[0] === 'paused');
    expect(await pauseCluster(quick.endpoint)).toMatchObject({
      exitCode: 0,
      log: 'The cluster imdb is paused already.\n',
    });
    expect(await states()).toEqual(['paused']);
  });

  test('leaves one that is not up yet, and warns', async () => {
    await createCluster(slow);
    const { exitCode, log } = await pauseCluster(slow.endpoint);
    expect(exitCode).toBe(0);
    expect(log).toMatch(/^::warning title=The cluster is not paused::imdb is creating\./);
  });

  test('is red when AWS does not answer', async () => {
    const { exitCode, log } = await pauseCluster('http://127.0.0.1:1');
    expect(exitCode).toBe(1);
    expect(log).toMatch(
      /^::error title=The cluster may still be running::imdb could not be paused: .*connect/,
    );
  });
});

describe('the janitor’s look at the loads', () => {
  const look = janitor.jobs.pause_redshift_cluster.steps.find(({ id }) => id === 'loads');
  const lookAtLoads = (...runs: GithubApi['runs']) => {
    if (look === undefined) throw new Error('there is no step loads');
    github.runs.splice(0, Infinity, ...runs);
    return runStep(look, {
      GH_TOKEN: TOKEN,
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: 'octo-org/imdb-titles',
    });
  };

  test('lets it pause when all are over', async () => {
    const run = await lookAtLoads({ workflow: 'imdb_daily.yml', status: 'completed' });
    expect(run).toMatchObject({ exitCode: 0, outputs: 'are-over=true\n' });
  });

  test.each([
    ['imdb_daily.yml', 'in_progress'],
    ['imdb_to_redshift.yml', 'queued'],
    ['imdb_daily.yml', 'waiting'],
    ['imdb_to_redshift.yml', 'pending'],
  ] as const)('keeps it from pausing while a run of %s is %s', async (workflow, status) => {
    const run = await lookAtLoads({ workflow, status });
    expect(run).toMatchObject({ exitCode: 0, outputs: '' });
    expect(run.log).toContain(`${workflow} is not over`);
  });

  test('is red, and keeps it from pausing, when GitHub does not answer', async () => {
    github.fail({ of: /runs$/, status: 403, message: 'Resource not accessible by integration' });
    const run = await lookAtLoads();
    expect(run.exitCode).not.toBe(0);
    expect(run.outputs).toBe('');
  });
});
