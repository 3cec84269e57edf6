import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startService } from './processes.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

const run = promisify(execFile);
const folder = await temporaryFolder();
let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed({ stateSeconds: 0.1 });
});
afterAll(() => bed.stop());

const keys = () => ({ accessKeyId: bed.s3.accessKeyId, secretAccessKey: bed.s3.secretAccessKey });

test('its services answer AWS clients that got nothing but the endpoints', async () => {
  const common = { region: bed.s3.region, credentials: keys() };
  const sts = new STSClient({ ...common, endpoint: bed.endpoint });
  const s3 = new S3Client({ ...common, endpoint: bed.s3.endpoint });
  expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toMatch(/^\d{12}$/);
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
});

test('its environment leads a process to it that knows nothing of the bed', async () => {
  const script =
    'import boto3; print(boto3.client("sts").meta.endpoint_url, boto3.client("s3").meta.endpoint_url, ' +
    'boto3.client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"])';
  const { stdout } = await run(join(files.pythonEnvironment, 'bin', 'python'), ['-c', script], {
    env: { PATH: process.env.PATH, ...bed.environment },
  });
  expect(stdout.trim()).toBe(`${bed.endpoint} ${bed.s3.endpoint} 200`);
});

test('its database answers', async () => {
  const script =
    'import psycopg, sys; print(psycopg.connect(sys.argv[1]).execute("select 6 * 7").fetchone()[0])';
  const { stdout } = await run(join(files.pythonEnvironment, 'bin', 'python'), [
    '-c',
    script,
    bed.postgresUri,
  ]);
  expect(stdout.trim()).toBe('42');
});

test('a stopped bed leaves no process and no folder, and may be stopped again', async () => {
  const other = await startTestBed();
  const otherFolder = dirname(other.work);
  expect((await processesOf(otherFolder)).length).toBeGreaterThanOrEqual(3);
  await Promise.all([other.stop(), other.stop()]);
  await other.stop();
  expect(await processesOf(otherFolder)).toEqual([]);
  expect(existsSync(otherFolder)).toBe(false);
});

test('nothing outlives a process that started a bed and was killed', async () => {
  const { child, bedFolder } = await startCommand();
  expect((await processesOf(bedFolder)).length).toBeGreaterThanOrEqual(3);
  child.kill('SIGKILL');
  await until(async () => (await processesOf(bedFolder)).length === 0);
  expect(await processesOf(bedFolder)).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the command tells the environment and ends at %s',
  async (signal) => {
    const { child, bedFolder, output } = await startCommand();
    expect(output).toMatch(/^(export [A-Z0-9_]+='[^'\n]+'\n)+$/);
    const { stdout } = await run('/bin/sh', ['-c', `${output} echo "$AWS_ENDPOINT_URL_S3 $AWS_REGION"`]);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+ eu-west-1\n$/);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await processesOf(bedFolder)).toEqual([]);
    expect(existsSync(bedFolder)).toBe(false);
  },
);

test('a service that ends before it is ready is told with its last words', async () => {
  const started = startService({
    name: 'The broken service',
    command: process.execPath,
    programArguments: ['-e', 'console.error("no such setting"); process.exit(3)'],
    environment: {},
    ready: { line: /^ready$/ },
  });
  await expect(started).rejects.toThrow(/^The broken service ended with 3 .*:\nno such setting$/);
});

test('a program that is not there is told by name', async () => {
  const started = startService({
    name: 'The absent service',
    command: join(folder, 'absent'),
    programArguments: [],
    environment: {},
    ready: { line: /^ready$/ },
  });
  await expect(started).rejects.toThrow(/^The absent service could not be started \(.*ENOENT/);
});

test('a service that is never ready is ended, with what it started', async () => {
  const mark = join(folder, 'never-ready');
  const started = startService({
    name: 'The slow service',
    command: '/bin/sh',
    programArguments: ['-c', `sh -c 'sleep 600; : ${mark}' & wait`],
    environment: { PATH: process.env.PATH },
    ready: { line: /^ready$/ },
    readyMilliseconds: 300,
  });
  await expect(started).rejects.toThrow('The slow service was not ready after 300 ms');
  expect(await processesOf(mark)).toEqual([]);
});

test('a service that ignores SIGTERM is killed', async () => {
  const program = join(folder, 'deaf.mjs');
  await writeFile(
    program,
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready');",
  );
  const service = await startService({
    name: 'The deaf service',
    command: process.execPath,
    programArguments: [program],
    environment: {},
    ready: { line: /^ready$/ },
    endMilliseconds: 200,
  });
  expect(await processesOf(program)).toHaveLength(1);
  await service.stop();
  expect(await processesOf(program)).toEqual([]);
});

/** Starts the command in a folder for temporary files of its own and waits until the bed is up. */
async function startCommand() {
  const temporary = join(folder, `command-${process.hrtime.bigint()}`);
  await mkdir(temporary);
  const script = `await import(${JSON.stringify(builtCommand())});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await until(() => told.includes('is up') || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(told);
  const bedFolder = dirname(/AWS_CONFIG_FILE='([^']+)'/.exec(output)?.[1] ?? '');
  expect(dirname(bedFolder)).toBe(temporary);
  return { child, bedFolder, output };
}

function builtCommand(): string {
  return new URL('../../lib/test/aws/start-test-bed.js', import.meta.url).href;
}

/** The processes that name something in their command, zombies aside. */
async function processesOf(text: string): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,stat=,args=', '-ww']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line) && !line.includes('ps -eo'));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isSo()) && performance.now() < end) await sleep(50);
}
