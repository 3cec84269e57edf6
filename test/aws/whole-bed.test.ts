import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DescribeStepCommand, EMRClient, ListStepsCommand, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { type FinishedRun, readManifest } from '../../actions/shared/src/lake/run.ts';
import { redshiftDialect } from '../../actions/shared/src/warehouse/redshift-dialect.ts';
import { createStagingTable } from '../../actions/shared/src/warehouse/tables.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files } from '../project.ts';
import { readRunTitles } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildRun } from '../transform/build-run.ts';
import { until as untilSeen } from './emr-clusters.ts';
import { until } from './redshift-bed.ts';
import { Statements } from './redshift-statements.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

const folder = await temporaryFolder();
const BUCKET = 'titles';
const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';
let bed: TestBed;
let s3: S3Client;
beforeAll(async () => {
  bed = await startTestBed({ stateSeconds: 0.1, logDelaySeconds: 0.1 });
  s3 = new S3Client({ ...clientOptions(), endpoint: bed.s3.endpoint });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => bed.stop());

function clientOptions() {
  const { region, accessKeyId, secretAccessKey } = bed.s3;
  return { region, endpoint: bed.endpoint, credentials: { accessKeyId, secretAccessKey } };
}

async function read(key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  if (Body === undefined) throw new TypeError('an object has a body');
  return Body.transformToByteArray();
}

let built: Promise<FinishedRun> | undefined;
/** The sample's run by DuckDB, which both tests look at. */
async function sampleRun(): Promise<FinishedRun> {
  built ??= buildRun('duckdb', files.sample, folder);
  return built;
}

async function put(key: string, body: Buffer | string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

test('a run of the sample goes from the S3 server into the database by COPY', async () => {
  const run = await sampleRun();
  const entries = await Promise.all(
    run.manifest.files.map(async ({ path, bytes }) => {
      await put(`run/${path}`, await readFile(join(run.folder, path)));
      return { url: `s3://${BUCKET}/run/${path}`, mandatory: true, meta: { content_length: bytes } };
    }),
  );
  await put('copy.manifest', JSON.stringify({ entries }));

  const serverless = new RedshiftServerlessClient(clientOptions());
  await serverless.send(new CreateNamespaceCommand({ namespaceName: 'titles', iamRoles: [COPY_ROLE] }));
  const workgroup = { workgroupName: 'titles' };
  await serverless.send(
    new CreateWorkgroupCommand({ ...workgroup, namespaceName: 'titles', baseCapacity: 4 }),
  );
  await until(async () => {
    const answer = await serverless.send(new GetWorkgroupCommand(workgroup));
    return answer.workgroup?.status === 'AVAILABLE';
  });
  const statements = new Statements(new RedshiftDataClient(clientOptions()), 'titles');
  const contract = await readContract(files.contract);
  await statements.all(
    createStagingTable('staged', contract, redshiftDialect),
    `COPY staged FROM 's3://${BUCKET}/copy.manifest' IAM_ROLE '${COPY_ROLE}'
     FORMAT AS PARQUET MANIFEST`,
  );
  expect(await statements.rows('SELECT COUNT(*), COUNT(DISTINCT title_key) FROM staged')).toEqual([
    [expectedSampleCounts.titles, expectedSampleCounts.titles],
  ]);
  expect(
    await statements.rows(
      "SELECT primary_title, writers, release_year, has_ended FROM staged WHERE title_key = 'tt5071412'",
    ),
  ).toEqual([['Ozark', 'Bill Dubuque,Mark Williams', 2017, true]]);
});

test('the Spark job runs as a step of a cluster, from S3 to S3, and leaves its log there', async () => {
  const companions = [files.transform, files.datasets];
  for (const file of [files.sparkScript, ...companions])
    await put(`code/${basename(file)}`, await readFile(file));
  const inputs = await readdir(files.sample);
  for (const file of inputs) await put(`input/${file}`, await readFile(join(files.sample, file)));
  const address = (key: string) => `s3://${BUCKET}/${key}`;
  const emr = new EMRClient(clientOptions());
  const { JobFlowId } = await emr.send(
    new RunJobFlowCommand({
      Name: 'whole-bed',
      ReleaseLabel: 'emr-7.13.0',
      ServiceRole: 'EMR_DefaultRole',
      JobFlowRole: 'EMR_EC2_DefaultRole',
      LogUri: address('logs/'),
      Instances: {
        InstanceGroups: [{ InstanceRole: 'MASTER', InstanceType: 'm7g.xlarge', InstanceCount: 1 }],
        KeepJobFlowAliveWhenNoSteps: false,
      },
      Steps: [
        {
          Name: 'imdb_titles',
          ActionOnFailure: 'TERMINATE_CLUSTER',
          HadoopJarStep: {
            Jar: 'command-runner.jar',
            Args: [
              ...['spark-submit', '--master', 'yarn', '--deploy-mode', 'cluster'],
              // The sample fills no more; Spark's default is 200.
              ...['--conf', 'spark.sql.shuffle.partitions=4'],
              ...['--files', companions.map((file) => address(`code/${basename(file)}`)).join()],
              ...[address(`code/${basename(files.sparkScript)}`), '--input', address('input/')],
              ...['--output', address('lake/imdb_titles'), '--run-id', 'spark-1'],
              ...['--etag', 'title.crew=given'],
            ],
          },
        },
      ],
    }),
  );
  const { Steps } = await emr.send(new ListStepsCommand({ ClusterId: JobFlowId }));
  const StepId = Steps?.[0]?.Id;
  const readLog = async (name: string) => {
    const Key = `logs/${JobFlowId}/steps/${StepId}/${name}.gz`;
    const log = await untilSeen(() => read(Key).catch(() => undefined), Key);
    return gunzipSync(log).toString();
  };
  const { Step } = await untilSeen(
    async () => {
      const answer = await emr.send(new DescribeStepCommand({ ClusterId: JobFlowId, StepId }));
      return ['FAILED', 'COMPLETED'].includes(answer.Step?.Status?.State ?? '') ? answer : undefined;
    },
    'the end of the step',
    240,
  );
  if (Step?.Status?.State === 'FAILED') throw new Error(await readLog('stderr'));
  expect(await readLog('controller')).toContain('INFO Step succeeded with exitCode 0');

  const prefix = 'lake/imdb_titles/run=spark-1/';
  // The S3 server's own files tell the times; S3 tells them in whole seconds.
  const place = join(dirname(bed.work), 's3', BUCKET, prefix);
  const times = await Promise.all(
    (await readdir(place)).map(async (name) => ({
      name,
      time: (await stat(join(place, name), { bigint: true })).mtimeNs,
    })),
  );
  const written = times.toSorted((a, b) => (a.time < b.time ? -1 : 1)).map(({ name }) => name);
  const copy = join(folder, 'from-s3');
  await mkdir(copy);
  for (const name of written) await writeFile(join(copy, name), await read(`${prefix}${name}`));
  const manifest = await readManifest(copy);
  const byDuckdb = await sampleRun();
  // Nothing half-written is left, and whoever sees the manifest sees all that it names.
  expect(written.toSorted()).toEqual(
    ['_SUCCESS', 'manifest.json', 'rejects.jsonl', ...manifest.files.map(({ path }) => path)].toSorted(),
  );
  expect(written.at(-1)).toBe('manifest.json');
  expect(await readRunTitles(copy)).toEqual(await readRunTitles(byDuckdb.folder));
  const { rows, schema, metrics, rejects } = byDuckdb.manifest;
  expect(manifest).toMatchObject({ rows, schema, metrics, rejects });
  for (const { dataset, path, etag, modified } of manifest.sources) {
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `input/${dataset}.tsv` }));
    expect(path).toBe(address(`input/${dataset}.tsv`));
    expect(etag).toBe(dataset === 'title.crew' ? 'given' : head.ETag?.replaceAll('"', ''));
    expect(modified).toBe(head.LastModified?.toISOString());
  }
  for (const { path, bytes, etag } of manifest.files) {
    const Key = `lake/imdb_titles/run=spark-1/${path}`;
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
    expect([bytes, etag]).toEqual([head.ContentLength, head.ETag?.replaceAll('"', '')]);
  }
});
