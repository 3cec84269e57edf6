import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Contract } from '../../actions/shared/src/contract/contract.ts';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { type ActionResult, type ActionStep, runPost, startAction } from '../aws/action-runner.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { createWorkgroup, LOADER } from '../aws/redshift-bed.ts';
import { Statements, type Value } from '../aws/redshift-statements.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film, writeFilms } from '../warehouse/films.ts';

const BUCKET = 'lake';
const WORKGROUP = 'films';

/** The built action on the bed, in front of AWS a proxy that does harm on demand; each test has a database of its own. */
export interface Copies {
  readonly proxy: FaultProxy;
  readonly data: RedshiftDataClient;
  readonly database: string;
  /** The workspace of the step, new for each test; it holds the contract. */
  readonly work: string;
  /** A step of the action with these inputs; the warehouse's are given. */
  step(inputs: Readonly<Record<string, string>>, variables?: Readonly<Record<string, string>>): ActionStep;
  /** Runs a step: main, then post, which a runner starts whatever became of main. */
  run(inputs: Readonly<Record<string, string>>): Promise<ActionResult>;
  /** Puts the films into S3 as the run of the day and gives its manifest's address; the day stands for the content. */
  upload(day: number, films: readonly Film[], run?: string): Promise<string>;
  /** Puts a run as it is into S3. */
  uploadRun(run: FinishedRun): Promise<string>;
  /** The object's content. */
  content(address: string): Promise<Buffer>;
  /** Writes over an object. */
  overwrite(address: string, body: Buffer): Promise<void>;
  /** Removes an object. */
  remove(address: string): Promise<void>;
  writeContract(contract: Contract): Promise<void>;
  /** The tests' own looks; no harm befalls them. */
  rows(sql: string): Promise<Value[][]>;
  /** Runs statements that return no rows. */
  execute(...statements: readonly string[]): Promise<void>;
  /** The table's films, by key. */
  films(): Promise<Value[][]>;
  /** The tables of the database that are the product's. */
  tables(): Promise<unknown[]>;
}

function placeOf(address: string): { readonly Bucket: string; readonly Key: string } {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  return { Bucket, Key };
}

/** The bed for a file's tests of the built action. */
export async function openCopies(): Promise<Copies> {
  const folder = await temporaryFolder();
  let bed: TestBed;
  let proxy: FaultProxy;
  let data: RedshiftDataClient;
  let s3: S3Client;
  let database = '';
  const options = (endpoint: string) => {
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    return { region, endpoint, credentials: { accessKeyId, secretAccessKey } };
  };
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds: 0.05 });
    data = new RedshiftDataClient(options(bed.endpoint));
    s3 = new S3Client({ ...options(bed.s3.endpoint), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await createWorkgroup({ serverless: new RedshiftServerlessClient(options(bed.endpoint)) }, WORKGROUP);
  });
  afterAll(() => bed.stop());
  const workOf = () => join(folder, database);
  beforeEach(async () => {
    database = `films_${randomUUID().slice(0, 8)}`;
    await mkdir(workOf());
    await copies.writeContract(FILMS);
    proxy = await startFaultProxy(bed.endpoint);
  });
  afterEach(() => proxy.stop());

  const put = (Key: string, Body: Buffer | string) =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  const statements = () => new Statements(data, WORKGROUP, database);
  const copies: Copies = {
    get proxy() {
      return proxy;
    },
    get data() {
      return data;
    },
    get database() {
      return database;
    },
    get work() {
      return workOf();
    },
    step: (inputs, variables = {}) => ({
      folder: join(root, 'actions', 'redshift-copy'),
      work: workOf(),
      inputs: {
        identifier: WORKGROUP,
        database,
        'iam-role': LOADER,
        contract: 'films.contract.yml',
        ...inputs,
      },
      environment: { ...bed.environment, AWS_ENDPOINT_URL: proxy.endpoint, ...variables },
    }),
    run: async (inputs) => {
      const step = copies.step(inputs);
      const main = await (await startAction(step)).result;
      const post = await runPost(step, main);
      if (post.exitCode !== 0) throw new Error(`post failed: ${post.log}`);
      return main;
    },
    upload: async (day, films, run = `run-of-day-${day}`) =>
      copies.uploadRun(
        await writeFilms(join(workOf(), `${run}-${day}`), films, {
          run_id: run,
          fingerprint: `content-${day}`,
          source_date: `2026-11-${String(day).padStart(2, '0')}T23:52:00.000Z`,
        }),
      ),
    uploadRun: async (run) => {
      const prefix = `${database}/run=${run.manifest.run_id}`;
      const files = [];
      for (const file of run.manifest.files) {
        const { ETag } = await put(`${prefix}/${file.path}`, await readFile(join(run.folder, file.path)));
        files.push({ ...file, etag: ETag?.replaceAll('"', '') ?? null });
      }
      await put(`${prefix}/manifest.json`, JSON.stringify({ ...run.manifest, files }));
      return `s3://${BUCKET}/${prefix}/manifest.json`;
    },
    content: async (address) => {
      const { Body } = await s3.send(new GetObjectCommand(placeOf(address)));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    overwrite: async (address, body) => {
      await put(placeOf(address).Key, body);
    },
    remove: async (address) => {
      await s3.send(new DeleteObjectCommand(placeOf(address)));
    },
    // JSON is YAML.
    writeContract: (contract) => writeFile(join(workOf(), 'films.contract.yml'), JSON.stringify(contract)),
    rows: (sql) => statements().rows(sql),
    execute: (...sqls) => statements().all(...sqls),
    films: () => statements().rows('SELECT * FROM films ORDER BY film_key'),
    tables: async () =>
      (
        await statements().rows(
          "SELECT relname FROM pg_class WHERE relname LIKE 'films%' AND relkind = 'r' ORDER BY 1",
        )
      ).flat(),
  };
  return copies;
}
