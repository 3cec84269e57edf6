import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testTitles } from './aws-behaviour-titles.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const folder = await temporaryFolder();
const here = join(root, 'test', 'aws');
const lines = (await readFile(join(here, 'aws-behaviour.md'), 'utf8')).split('\n');
const rows = lines
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | '));

const read = new Map<string, Promise<ReadonlySet<string>>>();
/** The titles of a test file; each is read once. */
function titlesOf(file: string): Promise<ReadonlySet<string>> {
  const titles = read.get(file) ?? testTitles(join(here, file));
  read.set(file, titles);
  return titles;
}

describe('the table of documented behaviour', () => {
  test('has a rule of each service', () => {
    const services = new Set(rows.map(([service]) => service));
    expect([...services]).toEqual([
      'EMR',
      'Redshift',
      'Redshift Serverless',
      'Data API',
      'Redshift SQL',
      'COPY',
      'STS',
      'S3',
    ]);
  });

  test('has no rule twice', () => {
    const rules = rows.map(([service, operation, rule]) => [service, operation, rule].join(' '));
    expect(new Set(rules).size).toBe(rules.length);
  });

  test.each(rows.map((row) => ({ row, name: row.slice(0, 3).join(' ') })))(
    'names a page and a test that is there: $name',
    async ({ row }) => {
      expect(row).toHaveLength(5);
      const [, , , source = '', holder = ''] = row;
      expect(source).toMatch(/^\[([\w-]+)\]\(https:\/\/docs\.aws\.amazon\.com\/[\w/-]+\/\1\.html\)$/);
      const [, file = '', title = ''] = /^`([\w-]+\.test\.ts)`: (.+)$/.exec(holder) ?? [];
      expect([...(await titlesOf(file))]).toContain(title);
    },
  );
});

describe('S3', () => {
  const Bucket = 'rules';
  let server: S3Server;
  let client: S3Client;
  beforeAll(async () => {
    server = await startS3Server(join(folder, 's3'));
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    client = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    await client.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(() => server.stop());

  test('writes over an object only with its ETag', async () => {
    const put = (Body: string, IfMatch?: string) =>
      client.send(new PutObjectCommand({ Bucket, Key: 'one', Body, IfMatch }));
    const { ETag } = await put('first');
    await put('second', ETag);
    await expect(put('third', ETag)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'one' }));
    expect(await Body?.transformToString()).toBe('second');
  });

  test('lists keys in pages', async () => {
    for (const name of ['a', 'b', 'c'])
      await client.send(new PutObjectCommand({ Bucket, Key: `pages/${name}`, Body: name }));
    const listing = { Bucket, Prefix: 'pages/', MaxKeys: 2 };
    const first = await client.send(new ListObjectsV2Command(listing));
    const ContinuationToken = first.NextContinuationToken;
    const second = await client.send(new ListObjectsV2Command({ ...listing, ContinuationToken }));
    const keys = [first, second].map(({ Contents }) => Contents?.map(({ Key }) => Key));
    expect(keys).toEqual([['pages/a', 'pages/b'], ['pages/c']]);
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
  });

  test('deletes what is not there without an error', async () => {
    const Objects = [{ Key: 'never' }];
    const answer = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Errors ?? []).toEqual([]);
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['never']);
  });
});
