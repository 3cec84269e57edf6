import { CancelStatementCommand, ListStatementsCommand } from '@aws-sdk/client-redshift-data';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataApi } from '../../actions/shared/src/redshift-data/data-api.ts';
import { systemTiming, type Timing } from '../../actions/shared/src/redshift-data/timing.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { until } from '../aws/redshift-bed.ts';
import { failureOf } from '../contract/failure-of.ts';
import { startRedshiftFilms } from './redshift-films.ts';

const redshift = startRedshiftFilms();
/** Pauses as always, but twenty times as short. */
const QUICK: Timing = {
  ...systemTiming,
  sleep: (milliseconds, signal) => systemTiming.sleep(milliseconds / 20, signal),
};

let proxy: FaultProxy;
let api: DataApi;
let warehouse: Warehouse;
beforeEach(async () => {
  proxy = await startFaultProxy(redshift.endpoint());
  api = redshift.api({ client: redshift.client(proxy.endpoint), timing: QUICK });
  warehouse = await open();
  await warehouse.query({ sql: 'CREATE TABLE counted (n INTEGER)' });
});
afterEach(async () => {
  api.client.destroy();
  await proxy.stop();
});

/** The same warehouse and load, with whatever the test says instead. */
function open(differences: Partial<DataApi> = {}): Promise<Warehouse> {
  return openRedshiftWarehouse({ api: { ...api, ...differences }, copy: redshift.copy(), loadId: 'load-1' });
}

const INSERT = { sql: 'INSERT INTO counted VALUES (1)' };
const SLEEP = { sql: 'SELECT pg_sleep(60)' };
const BOTH = [INSERT, { sql: 'INSERT INTO counted VALUES (2)' }];

async function counted(): Promise<unknown> {
  return (await warehouse.query({ sql: 'SELECT n FROM counted ORDER BY n' })).rows.flat();
}

/** The load's statements of a step, with their states. */
async function listed(step: string) {
  const { Statements = [] } = await redshift.api().client.send(
    new ListStatementsCommand({
      StatementName: `load-1/${step}`,
      Status: 'ALL',
      Database: api.target.database,
    }),
  );
  return Statements;
}

async function orderFaults(kind: 'conflict' | 'active', pattern: string, times: number): Promise<void> {
  await warehouse.query({ sql: `INSERT INTO bed.faults VALUES ('${kind}', '${pattern}', ${times})` });
}

/** Waits until the database is in the midst of SLEEP. */
async function asleep(): Promise<void> {
  const sql = `SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND query LIKE '${SLEEP.sql}'`;
  await until(async () => (await warehouse.query({ sql })).rows[0]?.[0] === 1);
}

describe('a lost answer', () => {
  test('to one statement: it runs once', async () => {
    const before = (await listed('query')).length;
    proxy.add({ operation: 'ExecuteStatement', fault: 'lost-answer', times: 2 });
    await warehouse.query(INSERT);
    expect(await listed('query')).toHaveLength(before + 1);
    expect(await counted()).toEqual([1]);
  });

  test('to a batch: it runs once', async () => {
    proxy.add({ operation: 'BatchExecuteStatement', fault: 'lost-answer', times: 2 });
    await warehouse.transact(BOTH);
    expect(proxy.calls('BatchExecuteStatement')).toBe(3);
    expect(await listed('transact')).toHaveLength(1);
    expect(await counted()).toEqual([1, 2]);
  });

  test('to a request for a result or for a state: the rows come all the same', async () => {
    proxy.add({ operation: 'GetStatementResult', fault: 'cut-body', times: 1 });
    proxy.add({ operation: 'DescribeStatement', fault: 'lost-answer', times: 2 });
    expect((await warehouse.query({ sql: 'SELECT 42 AS answer' })).rows).toEqual([[42]]);
  });
});

describe('faults while a statement is followed', () => {
  test('decide nothing: a storm of them ends in the statement running once', async () => {
    proxy.add({ operation: 'DescribeStatement', fault: 'throttle', times: 8 });
    proxy.add({ operation: 'DescribeStatement', fault: 'server-error', times: 4 });
    proxy.add({ operation: 'DescribeStatement', fault: 'reset', times: 4 });
    proxy.add({ operation: 'DescribeStatement', fault: 'cut-body', times: 2 });
    const before = proxy.calls('DescribeStatement');
    await warehouse.transact(BOTH);
    expect(proxy.calls('DescribeStatement') - before).toBeGreaterThanOrEqual(19);
    expect(await listed('transact')).toHaveLength(1);
    expect(await counted()).toEqual([1, 2]);
  });

  test('end at the deadline, which the failure tells with what to do', async () => {
    const short = await open({ deadline: Date.now() + 2000 });
    proxy.add({ operation: 'DescribeStatement', fault: 'throttle', times: 100_000 });
    const failure = await failureOf(short.transact(BOTH));
    expect(failure).toMatchObject({
      kind: 'failed-infra',
      what: expect.stringContaining('did not answer in time: the state of the statement load-1/transact-'),
      where: `the database ${api.target.database} of the Redshift workgroup films`,
      why: expect.stringContaining('Rate exceeded'),
      next: 'Run again: what was done is found and not repeated.',
    });
  });

  test('that will not pass end it at once', async () => {
    await expect(warehouse.query({ sql: 'SELECT 1', parameters: { x: 'y' } })).rejects.toThrow(TypeError);
    const elsewhere = await open({ target: { ...api.target, database: '' } });
    const failure = await failureOf(elsewhere.transact(BOTH));
    expect(failure).toMatchObject({ done: 'Nothing of it was done.' });
    expect(failure.why).toContain('Database is a required parameter');
  });
});

test.each(['ListStatements', 'DescribeStatement', 'GetStatementResult'])(
  'the right to %s that is missing is named, and the target',
  async (operation) => {
    const client = redshift.client(proxy.endpoint);
    client.middlewareStack.add(
      (next, { commandName }) =>
        (given) => {
          if (commandName !== `${operation}Command`) return next(given);
          throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
        },
      { step: 'initialize' },
    );
    const ask = async () => {
      const denied = await open({ client });
      await denied.query({ sql: 'SELECT 1' });
    };
    expect(await failureOf(ask())).toMatchObject({
      kind: 'failed-infra',
      what: expect.stringContaining(`Redshift's Data API refused ${operation}: `),
      where: `the database ${api.target.database} of the Redshift workgroup films`,
      why: 'not authorized',
      next: `Allow the role redshift-data:${operation}, and run again.`,
    });
    client.destroy();
  },
);

describe('a serializable conflict, error 1023', () => {
  test('twice is got over: the statements are sent again and done once', async () => {
    await orderFaults('conflict', '%INTO counted%', 2);
    await warehouse.transact(BOTH);
    const states = (await listed('transact')).map(({ Status }) => String(Status));
    expect(states.toSorted()).toEqual(['FAILED', 'FAILED', 'FINISHED']);
    expect(await counted()).toEqual([1, 2]);
  });

  test('again and again ends after five attempts, in Redshift’s words', async () => {
    await orderFaults('conflict', '%INTO counted%', 99);
    const failure = await failureOf(warehouse.transact(BOTH));
    expect(failure).toMatchObject({
      kind: 'failed-infra',
      what: expect.stringMatching(/^The statement load-1\/transact-\w+ met other transactions .* 5 times$/),
      why: expect.stringContaining('Serializable isolation violation on table - 109821'),
      done: 'Nothing of it was done: it is one transaction.',
      next: 'Run again when nothing else writes to the tables.',
    });
    expect(await listed('transact')).toHaveLength(5);
    expect(await counted()).toEqual([]);
  });
});

describe('too many statements at once', () => {
  test('for a moment is waited out', async () => {
    await orderFaults('active', '%INTO counted%', 3);
    await warehouse.transact(BOTH);
    expect(await counted()).toEqual([1, 2]);
  });

  test('for long ends after ten attempts', async () => {
    await orderFaults('active', '%INTO counted%', 99);
    const failure = await failureOf(warehouse.transact(BOTH));
    expect(failure.why).toBe('Active statements exceeded the allowed quota (500). (10 attempts)');
    expect(failure.next).toBe('Wait until fewer statements run, and run again.');
    expect(await listed('transact')).toEqual([]);
  });
});

describe('a statement that does not finish', () => {
  test('by its own fault is told by its name and in Redshift’s words', async () => {
    const failure = await failureOf(warehouse.transact([INSERT, { sql: 'SELECT n FROM nowhere' }]));
    expect(failure).toMatchObject({
      kind: 'failed-infra',
      what: expect.stringMatching(/^The statement load-1\/transact-\w+ failed$/),
      where: expect.stringMatching(/^the database \w+ of the Redshift workgroup films, statement [\w-]+$/),
      why: expect.stringContaining('"nowhere" does not exist'),
      done: 'Nothing of it was done: it is one transaction.',
    });
    expect(await counted()).toEqual([]);
  });

  test('when the load is cancelled is cancelled on the server', async () => {
    const controller = new AbortController();
    const cancellable = await open({ signal: controller.signal });
    const failing = failureOf(cancellable.transact([INSERT, SLEEP]));
    await asleep();
    controller.abort();
    expect(await failing).toMatchObject({
      what: expect.stringMatching(/was cancelled$/),
      why: 'the run was cancelled',
      done: 'It was cancelled on the server; nothing of it was done.',
    });
    expect((await listed('transact')).map(({ Status }) => Status)).toEqual(['ABORTED']);
    expect(await counted()).toEqual([]);
  });

  test('is not even sent when the load is cancelled before', async () => {
    const cancelled = await open({ signal: AbortSignal.abort() });
    const failure = await failureOf(cancelled.transact(BOTH));
    expect(failure.what).toMatch(/was not sent$/);
    expect(await listed('transact')).toEqual([]);
  });

  test('by the deadline is cancelled on the server', async () => {
    const short = await open({ deadline: Date.now() + 2500 });
    const failure = await failureOf(short.transact([INSERT, SLEEP]));
    expect(failure).toMatchObject({
      what: expect.stringMatching(/did not end in time$/),
      why: 'the time is used up',
      done: 'It was cancelled on the server; nothing of it was done.',
    });
    expect((await listed('transact')).map(({ Status }) => Status)).toEqual(['ABORTED']);
  });

  test('because somebody else cancelled it is told apart from one that failed', async () => {
    const failing = failureOf(warehouse.transact([INSERT, SLEEP]));
    await asleep();
    const [statement] = await listed('transact');
    await api.client.send(new CancelStatementCommand({ Id: statement?.Id }));
    expect(await failing).toMatchObject({
      what: expect.stringMatching(/was cancelled by somebody else$/),
      why: expect.stringContaining('cancelled'),
    });
  });
});
