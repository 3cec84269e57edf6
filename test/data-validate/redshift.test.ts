import { ListStatementsCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemTiming } from '../../actions/shared/src/redshift-data/timing.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { type ActionResult, startAction } from '../aws/action-runner.ts';
import { createWorkgroup, LOADER, until } from '../aws/redshift-bed.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import type { CheckText } from '../checks/check-films.ts';
import { createManifest } from '../lake/create-manifest.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film } from '../warehouse/films.ts';
import {
  createFilms,
  MIXED,
  MIXED_FILMS,
  openWorkspace,
  publishedLoad,
  type Workspace,
} from './open-steps.ts';

const folder = await temporaryFolder();
let bed: TestBed;
let data: RedshiftDataClient;
let s3: S3Client;
beforeAll(async () => {
  bed = await startTestBed({ stateSeconds: 0.1 });
  const { region, accessKeyId, secretAccessKey } = bed.s3;
  const own = { region, endpoint: bed.endpoint, credentials: { accessKeyId, secretAccessKey } };
  data = new RedshiftDataClient(own);
  s3 = new S3Client({ ...own, endpoint: bed.s3.endpoint, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'films-lake' }));
  await createWorkgroup({ serverless: new RedshiftServerlessClient(own) }, 'films');
});
afterAll(() => bed.stop());

/** Fills a database of its own, named after the test. */
function fill(database: string): Promise<Warehouse> {
  return openRedshiftWarehouse({
    api: {
      client: data,
      target: { kind: 'serverless', workgroup: 'films', database },
      timing: systemTiming,
      deadline: Date.now() + 60_000,
    },
    copy: { s3, roleArn: LOADER, manifestPrefix: 's3://films-lake/copies/' },
    loadId: `fill-${database}`,
  });
}

function stepOn(workspace: Workspace, database: string, inputs: Readonly<Record<string, string>> = {}) {
  return workspace.step({ identifier: 'films', database, ...inputs }, bed.environment);
}

async function validate(
  workspace: Workspace,
  database: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<ActionResult> {
  return (await startAction(stepOn(workspace, database, inputs))).result;
}

/** The films as PostgreSQL takes them: DuckDB's DOUBLE is no type of Redshift's. */
async function createFilmsThere(warehouse: Warehouse, films: readonly Film[], table: string): Promise<void> {
  const rows = films.map((film) => `(${film.map(literal).join(', ')})`);
  await warehouse.transact([
    { sql: `CREATE TABLE ${table} AS SELECT * FROM films WHERE 1 = 0` },
    { sql: `INSERT INTO ${table} VALUES ${rows.join(', ')}` },
  ]);
}

function literal(value: Film[number]): string {
  return typeof value === 'string' ? `'${value}'` : String(value ?? 'NULL');
}

const NULLABLE = { ...FILMS, columns: FILMS.columns.map((column) => ({ ...column, nullable: true })) };

const EVERY_KIND: readonly CheckText[] = [
  ...MIXED,
  { name: 'title_unique', kind: 'unique', column: 'title', error: '> 0' },
  { name: 'key_pattern', kind: 'pattern', column: 'film_key', pattern: '^tt[13]$', warn: '> 10%' },
  { name: 'known', kind: 'accepted_values', column: 'title', values: ['Alpha', "O'Hara"], warn: '> 0' },
  { name: 'bytes', kind: 'max_bytes', column: 'title', max: 4, warn: '> 0' },
  {
    name: 'in_order',
    kind: 'column_comparison',
    column: 'order',
    operator: '<',
    other_column: 'rating',
    warn: '> 9',
  },
  { name: 'sql', kind: 'expression', expression: '"order" < 4', where: 'is_short = TRUE', error: '> 0' },
  { name: 'nulls', kind: 'drift', metric: 'null_share', column: 'title', error: '> 1%' },
];

test('both engines give the same report of the same films', async () => {
  const workspace = await openWorkspace(folder, EVERY_KIND);
  const there = await fill('equal');
  await there.ensureTable(NULLABLE);
  await createFilmsThere(there, MIXED_FILMS, 'films_staging_1');
  await there.transact(publishedLoad(1, 7, { title_present: 5, title_unique: 1 }));
  await workspace.fill(async (here) => {
    await here.ensureTable(NULLABLE);
    await createFilms(here, MIXED_FILMS, 'films_staging_1');
    await here.transact(publishedLoad(1, 7, { title_present: 5, title_unique: 1 }));
  });
  const inputs = { table: 'films_staging_1', difference: 'true' };
  const remote = await validate(workspace, 'equal', inputs);
  const remoteReport = await workspace.report();
  const local = await workspace.validate(inputs);
  const localReport = await workspace.report();
  expect(remoteReport.checks.map(({ status }) => status)).toEqual([
    'pass',
    'warn',
    'error',
    'not-run',
    'pass',
    'warn',
    'warn',
    'warn',
    'pass',
    'pass',
    'pass',
  ]);
  // The reason of what could not run is in the engine's own words.
  const told = (report: typeof localReport) => ({
    checks: report.checks.map((check) => ({
      ...check,
      reason: check.status === 'not-run' ? '' : check.reason,
    })),
    counts: report.counts,
    rows: report.rows,
    difference: report.difference,
    outcome: report.outcome,
  });
  expect(told(remoteReport)).toEqual(told(localReport));
  const counts = ['outcome', 'passed', 'warned', 'failed', 'not-run', 'rows', 'added', 'removed', 'changed'];
  for (const name of counts) expect([name, remote.outputs[name]]).toEqual([name, local.outputs[name]]);
  expect(remote.log).not.toContain(bed.s3.secretAccessKey);
});

test('the live table is told with its source and its last load, the manifest comes from S3', async () => {
  const workspace = await openWorkspace(folder, [
    { name: 'has_rows', kind: 'row_count', error: '< 1' },
    { name: 'rejects', kind: 'manifest_metric', metric: 'rejects', of: 'source_records', error: '> 1%' },
  ]);
  const there = await fill('live');
  await there.ensureTable(NULLABLE);
  await there.transact([
    { sql: "INSERT INTO films VALUES ('tt1', NULL, TRUE, 1, 7.5)" },
    ...publishedLoad(2, 9, { has_rows: 9 }),
  ]);
  expect((await validate(workspace, 'live')).outputs).toMatchObject({ 'not-run': '1', added: '3' });
  expect((await workspace.report()).freshness?.source_date).toBe('2026-11-02T23:52:00.000Z');

  const Body = JSON.stringify(createManifest());
  await s3.send(new PutObjectCommand({ Bucket: 'films-lake', Key: 'run=1/manifest.json', Body }));
  const result = await validate(workspace, 'live', { manifest: 's3://films-lake/run=1/manifest.json' });
  expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded', passed: '2', rows: '1' } });
  expect((await workspace.report()).freshness?.source_date).toBe('2026-11-22T23:52:00.000Z');
});

test.each([
  ['a missing table', {}, /films/],
  ['a missing workgroup', { identifier: 'nowhere' }, /nowhere/],
  ['a missing manifest', { manifest: 's3://films-lake/none.json' }, /The manifest cannot be read/],
])('%s is no pass', async (_what, inputs, told) => {
  const workspace = await openWorkspace(folder, [{ name: 'has_rows', kind: 'row_count', error: '< 1' }]);
  const result = await validate(workspace, 'empty', inputs);
  expect(result).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra', passed: '0', rows: '' } });
  expect(result.log).toMatch(told);
  expect((await workspace.report()).outcome).toBe('failed-infra');
});

test('a step that is cancelled cancels its statement', async () => {
  const workspace = await openWorkspace(folder, [
    { name: 'slow', kind: 'expression', expression: 'pg_sleep(60) IS NOT NULL', error: '> 0' },
  ]);
  const there = await fill('cancel');
  await there.ensureTable(NULLABLE);
  await there.transact([{ sql: "INSERT INTO films VALUES ('tt1', NULL, TRUE, 1, 7.5)" }]);
  const statementsOf = async (Status: 'ALL' | 'STARTED') => {
    const { Statements = [] } = await data.send(new ListStatementsCommand({ Status }));
    return Statements.filter(({ QueryString = '' }) => QueryString.includes('pg_sleep'));
  };
  const running = await startAction(stepOn(workspace, 'cancel'));
  // It has to be at work in the database: the bed cannot cancel one that only stands before it.
  const working = `SELECT COUNT(*) FROM pg_stat_activity
WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' AND query NOT LIKE '%activity%'`;
  await until(async () => (await there.query({ sql: working })).rows[0]?.[0] === 1);
  const result = await running.cancel();
  expect(result).toMatchObject({
    exitCode: 130,
    signal: null,
    outputs: { outcome: 'cancelled', passed: '0' },
  });
  expect(await statementsOf('STARTED')).toEqual([]);
  const states = (await statementsOf('ALL')).map(({ Status }) => Status);
  expect(states.filter((state) => state === 'ABORTED')).toHaveLength(1);
});
