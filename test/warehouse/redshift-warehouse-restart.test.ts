import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CancelStatementCommand, ListStatementsCommand } from '@aws-sdk/client-redshift-data';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DataApi } from '../../actions/shared/src/redshift-data/data-api.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import type { Statement } from '../../actions/shared/src/warehouse/warehouse.ts';
import { until } from '../aws/redshift-bed.ts';
import { root } from '../project.ts';
import { startRedshiftFilms } from './redshift-films.ts';

const redshift = startRedshiftFilms();

/** Another process of the load: it runs the statements as the pipeline does, from the built code. */
const PROGRAM = `
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { systemTiming } from './lib/actions/shared/src/redshift-data/timing.js';
import { openRedshiftWarehouse } from './lib/actions/shared/src/warehouse/redshift-warehouse.js';
const { endpoint, target, statements } = JSON.parse(process.argv[1]);
const credentials = { accessKeyId: 'bed-key-id', secretAccessKey: 'bed-secret-access-key' };
const client = new RedshiftDataClient({ endpoint, region: 'eu-west-1', credentials });
const api = { client, target, timing: systemTiming, deadline: Date.now() + 60_000 };
const warehouse = await openRedshiftWarehouse({ api, copy: {}, loadId: 'load-1' });
await warehouse.transact(statements);
`;

let api: DataApi;
beforeEach(async () => {
  api = redshift.api();
  const warehouse = await open('set-up');
  await warehouse.query({ sql: 'CREATE TABLE counted (n INTEGER)' });
});

const open = (loadId: string) => openRedshiftWarehouse({ api, copy: redshift.copy(), loadId });

async function listed() {
  const { Statements = [] } = await api.client.send(
    new ListStatementsCommand({
      StatementName: 'load-1/transact-',
      Status: 'ALL',
      Database: api.target.database,
    }),
  );
  return Statements;
}

const statementsFor = (seconds: number): Statement[] => [
  { sql: 'INSERT INTO counted VALUES (CAST(:n AS INTEGER))', parameters: { n: '1' } },
  { sql: `SELECT pg_sleep(${seconds})` },
];

/** Starts the statements in another process and kills that once the database is in the midst of the last. */
async function runAndKill(statements: readonly Statement[]): Promise<void> {
  const given = JSON.stringify({ endpoint: redshift.endpoint(), target: api.target, statements });
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, given], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const warehouse = await open('onlooker');
  const sql = `SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`;
  await until(async () => (await warehouse.query({ sql })).rows[0]?.[0] === 1);
  child.kill('SIGKILL');
  await ended;
}

async function counted(): Promise<unknown> {
  const warehouse = await open('afterwards');
  return (await warehouse.query({ sql: 'SELECT n FROM counted' })).rows.flat();
}

describe('a load whose process was killed', () => {
  test('follows the statements that run when it comes to them, whatever their parameters now are', async () => {
    const warehouse = await open('load-1');
    const statements = statementsFor(6);
    await runAndKill(statements);
    const [first, ...others] = statements;
    await warehouse.transact([{ sql: first?.sql ?? '', parameters: { n: '2' } }, ...others]);
    expect((await listed()).map(({ Status }) => Status)).toEqual(['FINISHED']);
    expect(await counted()).toEqual([1]);
  });

  test('waits for what still runs before it does anything', async () => {
    await runAndKill(statementsFor(6));
    await open('load-1');
    expect((await listed()).map(({ Status }) => Status)).toEqual(['FINISHED']);
    expect(await counted()).toEqual([1]);
  });

  test('sends anew what somebody cancels meanwhile', async () => {
    const warehouse = await open('load-1');
    const statements = statementsFor(6);
    await runAndKill(statements);
    const [running] = await listed();
    const work = warehouse.transact(statements);
    await api.client.send(new CancelStatementCommand({ Id: running?.Id }));
    await work;
    expect((await listed()).map(({ Status }) => String(Status)).toSorted()).toEqual(['ABORTED', 'FINISHED']);
    expect(await counted()).toEqual([1]);
  });

  test('does not follow the statements of another load', async () => {
    await runAndKill(statementsFor(6));
    const warehouse = await open('load-2');
    await warehouse.transact([{ sql: 'SELECT 1' }]);
    expect((await listed()).map(({ Status }) => Status)).toEqual(['STARTED']);
  });
});
