import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  ModifyClusterIamRolesCommand,
} from '@aws-sdk/client-redshift';
import { ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { UpdateNamespaceCommand } from '@aws-sdk/client-redshift-serverless';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { quoteLiteral } from '../../actions/shared/src/sql-text.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { createWorkgroup, LOADER, startRedshiftBed, until } from './redshift-bed.ts';
import { Statements } from './redshift-statements.ts';

const bed = await startRedshiftBed();
const warehouse = new Statements(bed.data, await createWorkgroup(bed, 'copies'));
const folder = await temporaryFolder();

const Bucket = 'lake';
const ROLE = `IAM_ROLE '${LOADER}'`;
const COLUMNS = 'k VARCHAR(8), n INTEGER, d DOUBLE PRECISION, b BOOLEAN, big BIGINT';
const TYPES = {
  k: 'VARCHAR',
  n: 'INTEGER',
  d: 'DOUBLE',
  b: 'BOOLEAN',
  big: 'BIGINT',
};

type Column = keyof typeof TYPES;

/** SELECT of one row with the key; some columns are of another type, some null. */
function row(
  key: string,
  types: Partial<Record<Column, string>> = {},
  nulls: readonly Column[] = [],
): string {
  const values = { k: quoteLiteral(key), n: '1', d: '1.5', b: 'TRUE', big: '7' };
  const names = Object.keys(TYPES) as Column[];
  const columns = names.map(
    (name) =>
      `CAST(${nulls.includes(name) ? 'NULL' : values[name]} AS ${types[name] ?? TYPES[name]}) AS ${name}`,
  );
  return `SELECT ${columns.join(', ')}`;
}

const lengths = new Map<string, number>();

async function putParquet(key: string, select: string): Promise<void> {
  const path = join(folder, key.replaceAll('/', '_'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO ${quoteLiteral(path)} (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const Body = await readFile(path);
  lengths.set(key, Body.byteLength);
  await bed.s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
}

const put = (Key: string, Body: string) => bed.s3.send(new PutObjectCommand({ Bucket, Key, Body }));

const url = (key: string) => `s3://${Bucket}/${key}`;

const entry = (key: string, differences: object = {}) => ({
  url: url(key),
  mandatory: true,
  meta: { content_length: lengths.get(key) ?? 1 },
  ...differences,
});

let tables = 0;

/** Copies into a new table; gives the statement's end and the table's rows. */
async function copy(source: string, options = '', columns = COLUMNS, list = '') {
  const table = `copied_${(tables += 1)}`;
  await warehouse.all(`CREATE TABLE ${table} (${columns})`);
  const done = await warehouse.run(
    `COPY ${table} ${list} FROM '${url(source)}' ${ROLE} FORMAT AS PARQUET ${options}`,
  );
  return { done, rows: await warehouse.rows(`SELECT * FROM ${table} ORDER BY 1`) };
}

async function copyManifest(entries: readonly object[], options = '') {
  const key = `manifests/${(tables += 1)}.json`;
  await put(key, JSON.stringify({ entries }));
  return copy(key, `MANIFEST ${options}`);
}

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await bed.s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  );
  await putParquet('run/part-0.parquet', row('a'));
  await putParquet('run/part-1.parquet', row('Amélie', {}, ['n', 'b']));
  await put('run/_SUCCESS', 'not Parquet');
  await putParquet('wide.parquet', row('Amélie é'));
  await putParquet('many.parquet', `SELECT one.* FROM (${row('m')}) AS one, range(12000)`);
  await put('broken.parquet', 'not Parquet');
  await putParquet('short.parquet', `SELECT k, n, d, b FROM (${row('short')})`);
  await putParquet('reordered.parquet', `SELECT n, k, d, b, big FROM (${row('r')})`);
  await putParquet(
    'renamed.parquet',
    `SELECT k AS a1, n AS a2, d AS a3, b AS a4, big AS a5 FROM (${row('x')})`,
  );
  await putParquet('bytes.parquet', row('blob', { k: 'BLOB' }));
  await putParquet('long.parquet', row('long', { n: 'BIGINT' }));
  await putParquet('float.parquet', row('float', { d: 'FLOAT' }));
  await putParquet('int.parquet', row('int', { big: 'INTEGER' }));
});

describe('COPY loads', () => {
  test('the files of a prefix but no markers', async () => {
    const { done, rows } = await copy('run/');
    expect(done).toMatchObject({ Status: 'FINISHED', ResultRows: 2 });
    expect(new Set(rows)).toEqual(
      new Set([
        ['a', 1, 1.5, true, 7],
        ['Amélie', null, 1.5, null, 7],
      ]),
    );
  });

  test('many rows', async () => {
    const { done, rows } = await copy('many.parquet');
    expect(done.ResultRows).toBe(12_000);
    expect(rows).toHaveLength(1000);
  });

  test('the files of a manifest, one that is named twice twice', async () => {
    const part = entry('run/part-0.parquet');
    const { done, rows } = await copyManifest([part, part]);
    expect(done.Status).toBe('FINISHED');
    expect(rows.map(([key]) => key)).toEqual(['a', 'a']);
  });

  test('silently less when a file is missing that is not mandatory', async () => {
    const { done, rows } = await copyManifest([
      entry('run/part-0.parquet'),
      entry('gone.parquet', { mandatory: undefined }),
    ]);
    expect(done.Status).toBe('FINISHED');
    expect(rows).toHaveLength(1);
  });

  test('by the order of the columns, whatever their names', async () => {
    expect((await copy('renamed.parquet')).rows).toHaveLength(1);
  });

  test('into the columns that are listed', async () => {
    const { done, rows } = await copy('short.parquet', 'STATUPDATE OFF', COLUMNS, '(k, n, d, b)');
    expect(done.Error).toBeUndefined();
    expect(rows).toEqual([['short', 1, 1.5, true, null]]);
  });

  test('short rows with FILLRECORD', async () => {
    expect((await copy('short.parquet', 'FILLRECORD')).rows).toEqual([['short', 1, 1.5, true, null]]);
  });
});

describe('COPY refuses', () => {
  test.each<[rule: string, source: string, error: RegExp]>([
    ['INT64 into INTEGER', 'long.parquet', /15007[\s\S]*incompatible Parquet schema for column '[^']*\.n'/],
    ['INT32 into BIGINT', 'int.parquet', /15007[\s\S]*incompatible Parquet schema/],
    ['FLOAT into DOUBLE PRECISION', 'float.parquet', /15007[\s\S]*incompatible Parquet schema/],
    ['bytes into VARCHAR', 'bytes.parquet', /15007[\s\S]*incompatible Parquet schema/],
    ['columns in another order', 'reordered.parquet', /15007[\s\S]*incompatible Parquet schema/],
    [
      'too few columns',
      'short.parquet',
      /Unmatched number of columns[\s\S]*Table columns: 5, Data columns: 4/,
    ],
    [
      'values too wide in bytes',
      'wide.parquet',
      /15001[\s\S]*longer than the length defined[\s\S]*Table: 8, Data: 10/,
    ],
    ['a prefix of nothing', 'nothing/', /The specified S3 prefix 'nothing\/' does not exist/],
    ['what is not Parquet', 'broken.parquet', /15001[\s\S]*Invalid Parquet file/],
  ])('%s', async (_rule, source, error) => {
    const { done, rows } = await copy(source);
    expect(done.Status).toBe('FAILED');
    expect(done.Error).toMatch(error);
    expect(rows).toEqual([]);
  });

  test.each(['MAXERROR 5', "REGION 'eu-west-1'", "DELIMITER ','", 'GZIP', 'IGNOREHEADER 1', 'COMPUPDATE ON'])(
    'the option %s',
    async (option) => {
      const { done, rows } = await copy('run/', option);
      expect(done.Error).toMatch(/is not supported for PARQUET based COPY/);
      expect(rows).toEqual([]);
    },
  );

  test.each<[rule: string, entries: () => object[], error: RegExp]>([
    [
      'a manifest without content_length',
      () => [entry('run/part-0.parquet', { meta: undefined })],
      /without meta.content_length/,
    ],
    [
      'a file of another length',
      () => [entry('run/part-0.parquet'), entry('run/part-1.parquet', { meta: { content_length: 7 } })],
      /content_length is 7/,
    ],
    [
      'a mandatory file that is missing',
      () => [entry('run/part-0.parquet'), entry('gone.parquet')],
      /was not found/,
    ],
    ['one bad file, with all others', () => [entry('many.parquet'), entry('wide.parquet')], /15001/],
    ['a manifest of nothing', () => [], /names no files/],
  ])('%s', async (_rule, entries, error) => {
    const { done, rows } = await copyManifest(entries());
    expect(done.Error).toMatch(error);
    expect(rows).toEqual([]);
  });

  test('a load without a role', async () => {
    await warehouse.all('CREATE TABLE roleless (k VARCHAR(8))');
    const done = await warehouse.run(`COPY roleless FROM '${url('run/')}' FORMAT AS PARQUET`);
    expect(done.Error).toMatch(/needs IAM_ROLE or CREDENTIALS/);
  });

  test('a null where there may be none', async () => {
    const { done, rows } = await copy('run/', '', COLUMNS.replace('INTEGER', 'INTEGER NOT NULL'));
    expect(done.Error).toMatch(/null value in column "n"/);
    expect(rows).toEqual([]);
    expect(
      await warehouse.rows(
        `SELECT error_code, file_name, line_number, column_name, column_type FROM sys_load_error_detail
         WHERE query_id = ${done.RedshiftQueryId}`,
      ),
    ).toEqual([[1213, url('run/part-1.parquet'), 1, 'n', 'int']]);
  });
});

describe('the role of a COPY', () => {
  const loading = (role: string) =>
    `COPY by_role FROM '${url('run/part-0')}' IAM_ROLE ${role} FORMAT AS PARQUET`;
  const stranger = 'arn:aws:iam::123456789012:role/stranger';
  beforeAll(() => warehouse.all(`CREATE TABLE by_role (${COLUMNS})`));

  test.each([`'${stranger}'`, `'${stranger},${LOADER}'`])('must be attached: %s', async (role) => {
    const done = await warehouse.run(loading(role));
    expect(done.Error).toMatch(
      /UnauthorizedException[\s\S]*Not authorized to get credentials of role \S*stranger/,
    );
    expect(await warehouse.rows('SELECT COUNT(*) FROM by_role')).toEqual([[0]]);
  });

  test('may lead to another one, when it is attached itself', async () => {
    expect((await warehouse.run(loading(`'${LOADER},${stranger}'`))).Error).toBeUndefined();
  });

  test('is the default one, once there is such', async () => {
    expect((await warehouse.run(loading('DEFAULT'))).Error).toMatch(/default IAM role is not set/);
    const namespaceName = 'copies';
    await bed.serverless.send(
      new UpdateNamespaceCommand({ namespaceName, iamRoles: [LOADER], defaultIamRoleArn: LOADER }),
    );
    expect((await warehouse.run(loading('DEFAULT'))).Error).toBeUndefined();
  });

  test('of a cluster must be attached to it', async () => {
    const ClusterIdentifier = 'loading';
    await bed.redshift.send(
      new CreateClusterCommand({
        ClusterIdentifier,
        ClusterType: 'single-node',
        NodeType: 'ra3.large',
        MasterUsername: 'admin',
        ManageMasterPassword: true,
      }),
    );
    const status = () => bed.redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
    await until(async () => (await status()).Clusters?.[0]?.ClusterStatus === 'available');
    const load = async () => {
      const request = { ClusterIdentifier, Database: 'dev', DbUser: 'admin', Sql: loading(`'${LOADER}'`) };
      return warehouse.finish((await bed.data.send(new ExecuteStatementCommand(request))).Id);
    };
    expect((await load()).Error).toMatch(/Not authorized to get credentials of role/);
    await bed.redshift.send(new ModifyClusterIamRolesCommand({ ClusterIdentifier, AddIamRoles: [LOADER] }));
    expect((await load()).Error).toBeUndefined();
  });
});

test('SYS_LOAD_HISTORY tells what was loaded and what was not', async () => {
  const loaded = await copy('run/');
  const refused = await copy('long.parquet');
  const bytes = (lengths.get('run/part-0.parquet') ?? 0) + (lengths.get('run/part-1.parquet') ?? 0);
  const ids = [loaded, refused].map(({ done }) => done.RedshiftQueryId).join(', ');
  expect(
    await warehouse.rows(
      `SELECT status, table_name LIKE 'copied_%', data_source, file_format, loaded_rows, source_file_count,
       source_file_bytes, error_count FROM sys_load_history WHERE query_id IN (${ids}) ORDER BY query_id`,
    ),
  ).toEqual([
    ['completed', true, url('run/'), 'parquet', 2, 2, bytes, 0],
    ['aborted', true, url('long.parquet'), 'parquet', 0, 1, lengths.get('long.parquet') ?? 0, 1],
  ]);
});

test('the reasons of a refusal can be read afterwards', async () => {
  const { done } = await copy('long.parquet');
  expect(
    await warehouse.rows(
      `SELECT error_code, column_name, file_name, error_message LIKE '%incompatible%'
       FROM sys_load_error_detail WHERE query_id = ${done.RedshiftQueryId}`,
    ),
  ).toEqual([[15007, 'n', url('long.parquet'), true]]);
  const stl = `SELECT err_code FROM stl_load_errors WHERE query = ${done.RedshiftQueryId}`;
  expect(await warehouse.rows(stl)).toEqual([[15007]]);
});

test('a load in a batch is undone with it', async () => {
  await warehouse.all(`CREATE TABLE in_batch (${COLUMNS})`);
  const load = `COPY in_batch FROM '${url('run/')}' ${ROLE} FORMAT AS PARQUET`;
  const done = await warehouse.batch([load, 'SELECT n FROM nowhere']);
  expect(done.SubStatements?.map(({ Status, ResultRows }) => [Status, ResultRows])).toEqual([
    ['FINISHED', 2],
    ['FAILED', -1],
  ]);
  expect(await warehouse.rows('SELECT COUNT(*) FROM in_batch')).toEqual([[0]]);
});
