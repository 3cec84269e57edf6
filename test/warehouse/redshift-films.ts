import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import type { DataApi } from '../../actions/shared/src/redshift-data/data-api.ts';
import { systemTiming } from '../../actions/shared/src/redshift-data/timing.ts';
import type { CopySource } from '../../actions/shared/src/warehouse/redshift-copy.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import { until } from '../aws/redshift-bed.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { type FilmWarehouse, fillFilms } from './open-films.ts';

const WORKGROUP = 'films';
const ROLE = 'arn:aws:iam::123456789012:role/films-copy';
const BUCKET = 'films-lake';

/** What the tests of a file share of Redshift; its members are there once the tests run. */
export interface RedshiftFilms {
  /** Where redshift-data answers, to put a proxy before it. */
  readonly endpoint: () => string;
  /** A way to the workgroup, with whatever the test says instead; its own database when none is named. */
  readonly api: (differences?: Partial<DataApi>, database?: string) => DataApi;
  readonly copy: () => CopySource;
  /** A client that asks another endpoint, and makes each request once unless said otherwise. */
  readonly client: (endpoint: string, maxAttempts?: number) => RedshiftDataClient;
  readonly put: (key: string, body: Buffer | string) => Promise<string>;
  /** Puts a run's files into S3, under a prefix of their own. */
  readonly upload: (run: FinishedRun) => Promise<FinishedRun>;
  /** Opens a warehouse in a database of its own. */
  readonly open: (parent: string) => Promise<FilmWarehouse>;
}

/** Starts a bed with a workgroup, its COPY role and a bucket before the tests of a file; it ends with them. */
export function startRedshiftFilms(): RedshiftFilms {
  let bed: TestBed;
  let data: RedshiftDataClient;
  let s3: S3Client;
  // Only what was started can be ended.
  const endings: (() => void | Promise<void>)[] = [];
  const options = (endpoint: string) => {
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    return { region, endpoint, credentials: { accessKeyId, secretAccessKey } };
  };
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds: 0.1 });
    endings.push(bed.stop);
    data = new RedshiftDataClient(options(bed.endpoint));
    s3 = new S3Client(options(bed.s3.endpoint));
    endings.push(
      () => data.destroy(),
      () => s3.destroy(),
    );
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await createWorkgroup(new RedshiftServerlessClient(options(bed.endpoint)));
  });
  afterAll(async () => {
    for (const end of endings.toReversed()) await end();
  });

  const films: RedshiftFilms = {
    endpoint: () => bed.endpoint,
    api: (differences = {}, database = `films_${randomUUID().slice(0, 8)}`) => ({
      client: data,
      target: { kind: 'serverless', workgroup: WORKGROUP, database },
      timing: systemTiming,
      deadline: Date.now() + 120_000,
      ...differences,
    }),
    copy: () => ({ s3, roleArn: ROLE, manifestPrefix: `s3://${BUCKET}/copies/` }),
    client: (endpoint, maxAttempts = 1) => new RedshiftDataClient({ ...options(endpoint), maxAttempts }),
    put: async (key, body) => {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
      return `s3://${BUCKET}/${key}`;
    },
    upload: async ({ folder, manifest }) => {
      const prefix = `runs/${randomUUID()}`;
      for (const { path } of manifest.files) {
        await films.put(`${prefix}/${path}`, await readFile(join(folder, path)));
      }
      return { folder: `s3://${BUCKET}/${prefix}`, manifest };
    },
    open: async (parent) => {
      const warehouse = await openRedshiftWarehouse({
        api: films.api(),
        copy: films.copy(),
        loadId: 'load',
      });
      return fillFilms(warehouse, await mkdtemp(join(parent, 'films-')), films.upload);
    },
  };
  return films;
}

async function createWorkgroup(serverless: RedshiftServerlessClient): Promise<void> {
  const name = { workgroupName: WORKGROUP, namespaceName: WORKGROUP };
  await serverless.send(new CreateNamespaceCommand({ namespaceName: WORKGROUP, iamRoles: [ROLE] }));
  await serverless.send(new CreateWorkgroupCommand({ ...name, baseCapacity: 4 }));
  await until(async () => {
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: WORKGROUP }));
    return workgroup?.status === 'AVAILABLE';
  });
  serverless.destroy();
}
