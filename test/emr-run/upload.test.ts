import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { JobFile } from '../../actions/emr-run/src/steps.ts';
import { uploadFiles } from '../../actions/emr-run/src/upload.ts';
import { clientOptions } from '../../actions/shared/src/aws/clients.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { type S3Server, startS3Server } from '../aws/s3-server.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PUT = 'PUT /lake/';
const folder = await temporaryFolder();
let server: S3Server;
let proxy: FaultProxy;
let s3: S3Client;
let made = 0;
let files: readonly [JobFile, JobFile];

beforeAll(async () => {
  server = await startS3Server(join(folder, 's3'));
  await clientOf(server.endpoint).send(new CreateBucketCommand({ Bucket: 'lake' }));
});
afterAll(() => server.stop());
beforeEach(async () => {
  made += 1;
  proxy = await startFaultProxy(server.endpoint);
  s3 = clientOf(proxy.endpoint);
  files = [await fileCalled('a b%20é.sql'), await fileCalled('job.py')];
});
afterEach(() => proxy.stop());

function clientOf(endpoint: string): S3Client {
  const { region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({ ...clientOptions('emr-run', null), endpoint, region, credentials });
}

/** A file of this test, to be uploaded to a place of this test. */
async function fileCalled(name: string): Promise<JobFile> {
  const path = join(folder, name);
  await writeFile(path, `-- ${name} of test ${made}`);
  return { path, uri: `s3://lake/scripts/${made}/${name}` };
}

/** Uploads and gives back the result and what was told. */
async function upload(of: readonly JobFile[] = files, signal = new AbortController().signal) {
  const told: string[] = [];
  const log = { info: (line: string) => void told.push(line), progress: () => {} };
  return { ...(await uploadFiles(of, s3, signal, log)), told };
}

function stored({ uri }: JobFile): string {
  return join(folder, 's3', uri.replace('s3://', ''));
}

test('puts the files there, and the second time nothing', async () => {
  expect(await upload()).toEqual({
    uploaded: 2,
    present: 0,
    told: [`${files[0].uri} uploaded`, `${files[1].uri} uploaded`],
  });
  expect(await readFile(stored(files[0]), 'utf8')).toBe(`-- a b%20é.sql of test ${made}`);
  expect(proxy.calls(PUT)).toBe(2);

  expect(await upload()).toEqual({
    uploaded: 0,
    present: 2,
    told: [`${files[0].uri} is there already`, `${files[1].uri} is there already`],
  });
  expect(proxy.calls(PUT)).toBe(2);
});

test('a put whose answer is lost has worked', async () => {
  proxy.add({ operation: PUT, fault: 'lost-answer', times: 1 });
  expect(await upload([files[1]])).toMatchObject({ uploaded: 1, present: 0 });
  expect(proxy.calls(PUT)).toBe(2);
  expect(await readFile(stored(files[1]), 'utf8')).toBe(`-- job.py of test ${made}`);
});

test.each(['throttle', 'server-error', 'reset'] as const)('%s twice does not matter', async (fault) => {
  proxy.add({ operation: PUT, fault, times: 2 });
  expect(await upload([files[1]])).toMatchObject({ uploaded: 1 });
  await stat(stored(files[1]));
});

test('something else at the address is not taken for the file', async () => {
  await upload([files[1]]);
  await writeFile(files[1].path, 'another text, under the address of the first');
  expect(await failureOf(upload([files[1]]))).toMatchObject({
    kind: 'failed-infra',
    what: 'A file of the job cannot be uploaded',
    where: `${files[1].path} to ${files[1].uri}`,
    why: expect.stringMatching(/^PreconditionFailed: /),
  });
});

test('a missing file is bad input', async () => {
  const missing = { path: join(folder, 'nowhere.py'), uri: 's3://lake/scripts/nowhere.py' };
  expect(await failureOf(upload([missing]))).toMatchObject({
    kind: 'bad-input',
    what: 'A file of the job cannot be read',
    where: `${missing.path}, needed by the upload`,
    why: expect.stringContaining('ENOENT: no such file or directory'),
  });
});

test('a missing bucket is bad input', async () => {
  const elsewhere = { ...files[1], uri: 's3://nowhere/scripts/job.py' };
  expect(await failureOf(upload([elsewhere]))).toMatchObject({
    kind: 'bad-input',
    where: `${files[1].path} to s3://nowhere/scripts/job.py`,
    why: expect.stringMatching(/^NoSuchBucket: /),
    next: 'Create the bucket, or name another one in the input bucket, and run again.',
  });
});

test('ends with the reason of the signal', async () => {
  proxy.add({ operation: 'HEAD /lake/', fault: 'black-hole', times: 1 });
  const controller = new AbortController();
  const work = upload(files, controller.signal);
  while (proxy.calls('HEAD /lake/') === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort(new Error('enough'));
  await expect(work).rejects.toThrow('enough');
});
