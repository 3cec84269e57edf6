import { GetClusterCredentialsWithIAMCommand } from '@aws-sdk/client-redshift';
import {
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListSessionsCommand,
  ListTablesCommand,
} from '@aws-sdk/client-redshift-data';
import { GetCredentialsCommand } from '@aws-sdk/client-redshift-serverless';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createWorkgroup, startRedshiftBed, until } from './redshift-bed.ts';
import { Statements } from './redshift-statements.ts';

const bed = await startRedshiftBed();
const { data } = bed;
const WorkgroupName = await createWorkgroup(bed, 'sessions');
const target = { WorkgroupName, Database: 'dev' };
const warehouse = new Statements(data, WorkgroupName);

/** Opens a session by a first statement, which is waited for. */
async function open(SessionKeepAliveSeconds = 60): Promise<string> {
  const { SessionId } = await warehouse.run('SELECT 1', { SessionKeepAliveSeconds });
  if (SessionId === undefined) throw new TypeError('no session');
  return SessionId;
}

/** Runs a statement in the session to its end. */
async function runIn(SessionId: string, Sql: string) {
  const { Id } = await data.send(new ExecuteStatementCommand({ SessionId, Sql }));
  return warehouse.finish(Id);
}

const session = async (SessionId: string) =>
  (await data.send(new ListSessionsCommand({ SessionId }))).Sessions?.[0];

describe('a session', () => {
  test('keeps a temporary table for its statements only', async () => {
    const id = await open();
    expect((await runIn(id, 'CREATE TEMP TABLE kept (n INTEGER)')).Error).toBeUndefined();
    expect((await runIn(id, 'INSERT INTO kept VALUES (7)')).Status).toBe('FINISHED');
    const done = await runIn(id, 'SELECT n FROM kept');
    expect(done).toMatchObject({ SessionId: id, WorkgroupName, Database: 'dev' });
    const { Records } = await data.send(new GetStatementResultCommand({ Id: done.Id }));
    expect(Records).toEqual([[{ longValue: 7 }]]);
    expect((await warehouse.run('SELECT n FROM kept')).Error).toMatch(/"kept" does not exist/);
  });

  test('lives on after a statement that fails', async () => {
    const id = await open();
    await runIn(id, 'CREATE TEMP TABLE still (n INTEGER)');
    expect((await runIn(id, 'SELECT n FROM nowhere')).Status).toBe('FAILED');
    expect((await runIn(id, 'SELECT n FROM still')).Status).toBe('FINISHED');
  });

  test('runs one statement at a time', async () => {
    const SessionId = await open();
    const { Id } = await data.send(
      new ExecuteStatementCommand({ SessionId, Sql: 'SELECT COUNT(*) FROM (SELECT pg_sleep(1)) AS pause' }),
    );
    expect(await session(SessionId)).toMatchObject({ Status: 'BUSY', CurrentStatementId: Id });
    await expect(runIn(SessionId, 'SELECT 1')).rejects.toMatchObject({ name: 'ValidationException' });
    await warehouse.finish(Id);
    expect(await session(SessionId)).toMatchObject({ Status: 'AVAILABLE', SessionAliveSeconds: 60 });
    expect((await runIn(SessionId, 'SELECT 1')).Status).toBe('FINISHED');
  });

  test('closes when its time is over', async () => {
    const id = await open(1);
    await until(async () => (await session(id))?.Status === 'CLOSED');
    await expect(runIn(id, 'SELECT 1')).rejects.toThrow(/CLOSED/);
    const listed = async (filter: object) =>
      (await data.send(new ListSessionsCommand(filter))).Sessions?.map(({ SessionId }) => SessionId);
    expect(await listed({})).not.toContain(id);
    expect(await listed({ Status: 'CLOSED' })).toEqual([id]);
  });

  test.each<[rule: string, request: Partial<ExecuteStatementCommand['input']>, name: string]>([
    ['longer than a day', { ...target, SessionKeepAliveSeconds: 86_401 }, 'ValidationException'],
    [
      'that nobody opened',
      { SessionId: '00000000-0000-0000-0000-000000000000' },
      'ResourceNotFoundException',
    ],
  ])('is refused: %s', async (_rule, request, name) => {
    await expect(
      data.send(new ExecuteStatementCommand({ Sql: 'SELECT 1', ...request })),
    ).rejects.toMatchObject({ name });
  });

  test('stays with its database', async () => {
    const SessionId = await open();
    const other = new ExecuteStatementCommand({ SessionId, Database: 'other', Sql: 'SELECT 1' });
    await expect(data.send(other)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

test('a result as CSV has a header, and only the second version of the operation gives it', async () => {
  const { Id } = await warehouse.run(`SELECT 1 AS n, 'a "b", c' AS t, CAST(NULL AS INTEGER) AS nothing`, {
    ResultFormat: 'CSV',
  });
  const { Records, ResultFormat, TotalNumRows } = await data.send(new GetStatementResultV2Command({ Id }));
  expect(Records).toEqual([{ CSVRecords: 'n,t,nothing\n1,"a ""b"", c",\n' }]);
  expect([ResultFormat, TotalNumRows]).toEqual(['CSV', 1]);
  await expect(data.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

describe('the catalogue', () => {
  beforeAll(() =>
    warehouse.all(
      'CREATE SCHEMA shelf',
      'CREATE TABLE shelf.books (title VARCHAR(40) NOT NULL, pages INTEGER DEFAULT 1, price NUMERIC(6,2))',
      'CREATE VIEW shelf.titles AS SELECT title FROM shelf.books',
      'CREATE TABLE elsewhere (n INTEGER)',
    ),
  );

  test('lists databases and schemas', async () => {
    const { Databases } = await data.send(new ListDatabasesCommand(target));
    expect(Databases).toContain('dev');
    const { Schemas } = await data.send(new ListSchemasCommand({ ...target, SchemaPattern: 's%' }));
    expect(Schemas).toEqual(['shelf']);
    const all = await data.send(new ListSchemasCommand(target));
    expect(all.Schemas).toContain('public');
    expect(all.Schemas).not.toContain('bed');
  });

  test('lists tables and views by pattern, a page at a time', async () => {
    const first = await data.send(
      new ListTablesCommand({ ...target, SchemaPattern: 'shelf', MaxResults: 1 }),
    );
    expect(first.Tables).toEqual([{ name: 'books', type: 'TABLE', schema: 'shelf' }]);
    const second = await data.send(
      new ListTablesCommand({ ...target, SchemaPattern: 'shelf', MaxResults: 1, NextToken: first.NextToken }),
    );
    expect(second.Tables).toEqual([{ name: 'titles', type: 'VIEW', schema: 'shelf' }]);
    expect(second.NextToken).toBeUndefined();
    const found = await data.send(new ListTablesCommand({ ...target, TablePattern: 'else%' }));
    expect(found.Tables?.map(({ name }) => name)).toEqual(['elsewhere']);
  });

  test('describes a table', async () => {
    const { TableName, ColumnList } = await data.send(
      new DescribeTableCommand({ ...target, Schema: 'shelf', Table: 'books' }),
    );
    expect(TableName).toBe('books');
    expect(ColumnList).toMatchObject([
      { name: 'title', typeName: 'varchar', length: 40, nullable: 0, schemaName: 'shelf' },
      { name: 'pages', typeName: 'int4', nullable: 1, columnDefault: '1' },
      { name: 'price', typeName: 'numeric', precision: 6, scale: 2 },
    ]);
    const { ColumnList: none } = await data.send(new DescribeTableCommand({ ...target, Table: 'nothing' }));
    expect(none).toEqual([]);
  });
});

describe('temporary credentials', () => {
  test('of a workgroup last as long as was asked', async () => {
    const before = Date.now();
    const { dbUser, dbPassword, expiration } = await bed.serverless.send(
      new GetCredentialsCommand({ workgroupName: WorkgroupName, durationSeconds: 1800 }),
    );
    expect(dbUser).toMatch(/^IAM/);
    expect(dbPassword).toBeTruthy();
    expect(Math.abs(Number(expiration) - before - 1_800_000)).toBeLessThan(30_000);
  });

  test.each([899, 3601])('of a workgroup do not last %i seconds', async (durationSeconds) => {
    const request = new GetCredentialsCommand({ workgroupName: WorkgroupName, durationSeconds });
    await expect(bed.serverless.send(request)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('need a workgroup or cluster that is there', async () => {
    await expect(
      bed.serverless.send(new GetCredentialsCommand({ workgroupName: 'nowhere' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      bed.redshift.send(new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: 'nowhere' })),
    ).rejects.toMatchObject({ name: 'ClusterNotFoundFault' });
  });
});
