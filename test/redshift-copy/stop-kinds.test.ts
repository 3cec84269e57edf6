import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DataApi } from '../../actions/shared/src/redshift-data/data-api.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import { failureOf } from '../contract/failure-of.ts';
import { startRedshiftFilms } from '../warehouse/redshift-films.ts';

const redshift = startRedshiftFilms();
const BOTH = [{ sql: 'SELECT 1' }, { sql: 'SELECT pg_sleep(60)' }];

let api: DataApi;
beforeEach(() => {
  api = redshift.api();
});

/** What becomes of statements that take a minute. */
async function stopped(differences: () => Partial<DataApi>) {
  // The database is made on first use, which takes longer than the statements may.
  await (await open({})).query({ sql: 'SELECT 1' });
  const warehouse = await open(differences());
  return failureOf(warehouse.transact(BOTH));
}

const open = (differences: Partial<DataApi>) =>
  openRedshiftWarehouse({ api: { ...api, ...differences }, copy: redshift.copy(), loadId: 'load' });

describe('a statement that is not waited for to its end', () => {
  test('because the time is over has timed out', async () => {
    const failure = await stopped(() => ({ deadline: Date.now() + 3000 }));
    expect(failure).toMatchObject({ kind: 'timed-out', why: 'the time is used up' });
  });

  test('because the load was cancelled is cancelled', async () => {
    const failure = await stopped(() => ({ signal: AbortSignal.timeout(3000) }));
    expect(failure).toMatchObject({ kind: 'cancelled', why: 'the run was cancelled' });
  });

  test('is not even sent when the load was cancelled before', async () => {
    const failure = await stopped(() => ({ signal: AbortSignal.abort() }));
    expect(failure).toMatchObject({ kind: 'cancelled', what: expect.stringContaining('was not sent') });
  });
});
