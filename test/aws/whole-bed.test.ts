import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DescribeStepCommand, EMRClient, ListStepsCommand, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { createStagingTable } from '../../actions/shared/src/warehouse/tables.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildRun } from '../transform/build-run.ts';
import { until } from './redshift-bed.ts';
import { Statements } from './redshift-statements.ts';
import { startTestBed, type TestBed } from './test-bed.ts';

const folder = await temporaryFolder();
const BUCKET = 'titles';
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

async function put(key: string, body: Buffer | string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

test('a run of the sample goes from the S3 server into the database by COPY', async () => {
  const run = await buildRun('duckdb', files.sample, folder);
  const entries = await Promise.all(
    run.manifest.files.map(async ({ path, bytes }) => {
      await put(`run/${path}`, await readFile(join(run.folder, path)));
      return { url: `s3://${BUCKET}/run/${path}`, mandatory: true, meta: { content_length: bytes } };
    }),
  );
  await put('copy.manifest', JSON.stringify({ entries }));

  const serverless = new RedshiftServerlessClient(clientOptions());
  await serverless.send(new CreateNamespaceCommand({ namespaceName: 'titles' }));
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
  const types = { boolean: 'BOOLEAN', integer: 'INTEGER', double: 'DOUBLE PRECISION' };
  await statements.all(
    createStagingTable('staged', contract, {
      columnType: ({ type, max_bytes }) => (type === 'varchar' ? `VARCHAR(${max_bytes})` : types[type]),
      matches: () => '',
      literal: () => '',
    }),
    `COPY staged FROM 's3://${BUCKET}/copy.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/copy'
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

test('a step of a cluster runs a script from the S3 server and leaves its log there', async () => {
  await put(
    'hello.py',
    'from pyspark.sql import SparkSession\nprint("rows", SparkSession.builder.getOrCreate().range(42).count())\n',
  );
  const emr = new EMRClient(clientOptions());
  const { JobFlowId } = await emr.send(
    new RunJobFlowCommand({
      Name: 'whole-bed',
      ReleaseLabel: 'emr-7.13.0',
      ServiceRole: 'EMR_DefaultRole',
      JobFlowRole: 'EMR_EC2_DefaultRole',
      LogUri: `s3://${BUCKET}/logs/`,
      Instances: {
        InstanceGroups: [{ InstanceRole: 'MASTER', InstanceType: 'm7g.xlarge', InstanceCount: 1 }],
        KeepJobFlowAliveWhenNoSteps: false,
      },
      Steps: [
        {
          Name: 'hello',
          ActionOnFailure: 'TERMINATE_CLUSTER',
          HadoopJarStep: { Jar: 'command-runner.jar', Args: ['spark-submit', `s3://${BUCKET}/hello.py`] },
        },
      ],
    }),
  );
  const { Steps } = await emr.send(new ListStepsCommand({ ClusterId: JobFlowId }));
  const StepId = Steps?.[0]?.Id;
  await until(async () => {
    const { Step } = await emr.send(new DescribeStepCommand({ ClusterId: JobFlowId, StepId }));
    if (Step?.Status?.State === 'FAILED') throw new Error(JSON.stringify(Step.Status));
    return Step?.Status?.State === 'COMPLETED';
  }, 240);
  const Key = `logs/${JobFlowId}/steps/${StepId}/stdout.gz`;
  let log = '';
  await until(async () => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key })).catch(() => null);
    const body = await answer?.Body?.transformToByteArray();
    if (body === undefined) return false;
    log = gunzipSync(body).toString();
    return true;
  });
  expect(log).toContain('rows 42');
});
