import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { describe, expect, test } from '@jest/globals';
import { EXIT_CODES } from '../../actions/shared/src/action/exit-codes.ts';
import { PUBLISH_MODES } from '../../actions/shared/src/warehouse/publish.ts';
import { type ActionResult, type ActionStep, runPost, startAction } from '../aws/action-runner.ts';
import { until } from '../aws/redshift-bed.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';
import { openCopies } from './open-copies.ts';

const copies = await openCopies();
/** Long enough for the step to be in the midst of its own cancelling when it is killed. */
const KILL = { interruptMilliseconds: 2000, terminateMilliseconds: 0 };

/** Long enough for the step to end by itself. */
const PATIENT = { interruptMilliseconds: 60_000, terminateMilliseconds: 0 };

/** The step's variables, with the bed itself in the proxy's stead. */
async function unharmed({ environment }: ActionStep): Promise<Record<string, string>> {
  const { protocol, hostname, port } = (await copies.data.config.endpoint?.()) ?? {};
  return { ...environment, AWS_ENDPOINT_URL: `${protocol}//${hostname}:${port}` };
}

/** Statements of any load that have not ended. */
async function running(): Promise<readonly unknown[]> {
  const { Statements = [] } = await copies.data.send(
    new ListStatementsCommand({ Status: 'ALL', Database: copies.database, WorkgroupName: 'films' }),
  );
  return Statements.filter(({ Status = '' }) => ['SUBMITTED', 'PICKED', 'STARTED'].includes(Status));
}

/** Runs the work while a transaction that has begun so, and does not end, makes whoever publishes wait. */
async function whilePublishWaits(
  work: () => Promise<void>,
  begin = 'UPDATE films SET title = title',
): Promise<void> {
  const target = { Database: copies.database, WorkgroupName: 'films' };
  const Sqls = [begin, 'SELECT pg_sleep(120)'];
  const { Id } = await copies.data.send(new BatchExecuteStatementCommand({ ...target, Sqls }));
  try {
    await work();
  } finally {
    await copies.data.send(new CancelStatementCommand({ Id }));
  }
}

/** The statement of the load that publishes, once the database is in the midst of it. */
async function publishing(): Promise<void> {
  const sql = `SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM%'`;
  await until(async () => (await copies.rows(sql))[0]?.[0] === 1, 60);
}

describe('two loads at once', () => {
  test('of the same run: one publishes, the other says that it was done', async () => {
    await copies.run({ manifest: await copies.upload(1, DAY_1) });
    const manifest = await copies.upload(2, DAY_2);
    const both = await Promise.all([copies.run({ manifest }), copies.run({ manifest })]);
    expect(both.map(({ outputs, log }) => [outputs.outcome, log])).toEqual([
      ['succeeded', expect.anything()],
      ['succeeded', expect.anything()],
    ]);
    expect(both.some(({ outputs }) => outputs['already-loaded'] === 'false')).toBe(true);
    expect(await copies.films()).toEqual(DAY_2);
    expect(await copies.rows('SELECT COUNT(*) FROM films_loads')).toEqual([[2]]);
  });

  test('of two runs: both publish, one after the other', async () => {
    const [day1, day2] = [await copies.upload(1, DAY_1), await copies.upload(2, DAY_2)];
    const both = await Promise.all([copies.run({ manifest: day1 }), copies.run({ manifest: day2 })]);
    expect(both.map(({ outputs }) => outputs.outcome)).toEqual(['succeeded', 'succeeded']);
    expect([DAY_1, DAY_2]).toContainEqual(await copies.films());
    expect(await copies.rows('SELECT load_number FROM films_loads ORDER BY 1')).toEqual([[1], [2]]);
  });
});

describe('two loads of two runs that begin to publish at once', () => {
  /** Both are in the midst of the transaction: what their first statements did not see, they do not see later. */
  async function bothPublishing(): Promise<void> {
    const sql = `SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await copies.rows(sql))[0]?.[0] === 2, 60);
  }

  test.each(PUBLISH_MODES)('in mode %s double neither a new row nor a number', async (mode) => {
    const days = [await copies.upload(1, DAY_1), await copies.upload(2, DAY_2)];
    // The table is there and empty, as for the first load of all.
    for (const manifest of days) await copies.run({ manifest, mode, phase: 'stage' });
    let both: Promise<readonly ActionResult[]> = Promise.resolve([]);
    await whilePublishWaits(async () => {
      both = Promise.all(days.map((manifest) => copies.run({ manifest, mode, phase: 'publish' })));
      await bothPublishing();
    }, 'LOCK films');
    expect((await both).map(({ outputs }) => outputs.outcome)).toEqual(['succeeded', 'succeeded']);
    const keys = (await copies.films()).map(([key]) => key);
    expect(keys).toEqual([...new Set(keys)]);
    expect(await copies.rows('SELECT load_number FROM films_loads ORDER BY 1')).toEqual([[1], [2]]);
  });
});

describe('a step that is stopped while it publishes', () => {
  test('by a cancellation cancels its statement and says so; run again, it publishes', async () => {
    await copies.run({ manifest: await copies.upload(1, DAY_1) });
    const manifest = await copies.upload(2, DAY_2);
    await whilePublishWaits(async () => {
      const action = await startAction(copies.step({ manifest }));
      await publishing();
      const { exitCode, outputs, annotations } = await action.cancel();
      expect([exitCode, outputs.outcome]).toEqual([EXIT_CODES.cancelled, 'cancelled']);
      expect(annotations.find(({ level }) => level === 'error')?.message).toContain(
        'It was cancelled on the server; nothing of it was done.',
      );
    });
    expect(await copies.films()).toEqual(DAY_1);
    expect((await copies.run({ manifest })).outputs['already-loaded']).toBe('false');
    expect(await copies.films()).toEqual(DAY_2);
  });

  test('and cannot cancel its statement leaves it to the post phase', async () => {
    await copies.run({ manifest: await copies.upload(1, DAY_1) });
    const manifest = await copies.upload(2, DAY_2);
    await whilePublishWaits(async () => {
      const step = copies.step({ manifest });
      const action = await startAction({ ...step, times: PATIENT });
      await publishing();
      copies.proxy.add({ operation: 'CancelStatement', fault: 'server-error', times: 1000 });
      const main = await action.cancel();
      expect(main.annotations.find(({ level }) => level === 'error')?.message).toContain(
        'It could not be cancelled and may still run',
      );
      const post = await runPost({ ...step, environment: await unharmed(step) }, main);
      expect(post.log).toMatch(/Cancelled replace_[0-9a-f]{16}\/transact-/);
      await until(async () => (await running()).length === 1);
    });
    expect(await copies.films()).toEqual(DAY_1);
  });

  test('by a kill leaves its statement to the post phase, which cancels it', async () => {
    await copies.run({ manifest: await copies.upload(1, DAY_1) });
    const manifest = await copies.upload(2, DAY_2);
    await whilePublishWaits(async () => {
      const step = copies.step({ manifest });
      const action = await startAction({ ...step, times: KILL });
      await publishing();
      copies.proxy.add({ operation: 'CancelStatement', fault: 'black-hole', times: 1 });
      const main = await action.cancel();
      expect(copies.proxy.calls('CancelStatement')).toBe(1);
      expect(main.outputs.outcome).toBeUndefined();
      const before = await running();
      const post = await runPost(step, main);
      expect([before.length, post.exitCode]).toEqual([2, 0]);
      expect(post.log).toMatch(/Cancelled replace_[0-9a-f]{16}\/transact-/);
      await until(async () => (await running()).length === 1);
    });
    expect(await copies.films()).toEqual(DAY_1);
  });
});
