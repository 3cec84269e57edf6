import { describe, expect, test } from '@jest/globals';
import type { Contract } from '../../actions/shared/src/contract/contract.ts';
import { readFreshness } from '../../actions/shared/src/warehouse/ledger.ts';
import { stageRun } from '../../actions/shared/src/warehouse/load.ts';
import {
  PUBLISH_MODES,
  type PublishMode,
  publishStatements,
} from '../../actions/shared/src/warehouse/publish.ts';
import type { Statement, Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectLoad } from './expected-load.ts';
import { FILMS } from './films.ts';
import { openFilms } from './open-films.ts';
import { startRedshiftFilms } from './redshift-films.ts';
import { DAY_1, DAY_2 } from './two-days.ts';

const folder = await temporaryFolder();
const redshift = startRedshiftFilms();

/** A statement that fails only once it runs, as a full disk or a lost connection would. */
const FAILING = { sql: "SELECT CAST('no number' AS INTEGER)" };
const INVALID = { sql: 'SELEC' };

/** The statements that publish the load of the second day. */
function secondLoad(
  { dialect }: Warehouse,
  contract: Contract,
  stagingTable: string,
  mode: PublishMode,
): Statement[] {
  const load = {
    loadId: 'load-2',
    runId: 'run-of-day-2',
    fingerprint: 'content-of-day-2',
    sourceDate: '2026-11-02T23:52:00.000Z',
    publishedAt: '2026-11-23T07:00:00.000Z',
  };
  return publishStatements(contract, { ...load, stagingTable, mode }, dialect);
}

describe.each(PUBLISH_MODES)('a publish in mode %s that fails', (mode) => {
  test('in any of its statements leaves table, ledger and freshness as they were, and can be tried again', async () => {
    const { warehouse, run, load, films, ledger } = await openFilms(folder);
    await load(await run(1, DAY_1), mode, 'load-1');
    const day2 = await run(2, DAY_2);
    const stagingTable = await stageRun(warehouse, { contract: FILMS, run: day2, mode, loadId: 'load-2' });
    const statements = secondLoad(warehouse, FILMS, stagingTable, mode);
    expect(statements.length).toBeGreaterThanOrEqual(6);
    const state = async () => [
      await films(),
      await ledger(),
      await readFreshness(warehouse, FILMS),
      await warehouse.listTables(''),
    ];
    const before = await state();
    for (const failing of [FAILING, INVALID]) {
      for (const place of statements.keys()) {
        const broken = statements.with(place, failing);
        await expect(warehouse.transact(broken)).rejects.toThrow(/Conversion Error|Parser Error/);
        expect([place, await state()]).toEqual([place, before]);
      }
      // All of them ran well, yet the transaction did not come to its end.
      await expect(warehouse.transact([...statements, failing])).rejects.toThrow(/Error/);
      expect(await state()).toEqual(before);
    }
    await warehouse.transact(statements);
    expect(await films()).toEqual(expectLoad(DAY_1, DAY_2, mode).films);
    expect(await ledger()).toHaveLength(2);
  });

  test('for a null where the table allows none leaves everything as it was', async () => {
    const { warehouse, run, load, films, ledger } = await openFilms(folder);
    const strict = {
      ...FILMS,
      table: 'strict_films',
      columns: FILMS.columns.map((column) => ({ ...column, nullable: false })),
    };
    await warehouse.ensureTable(strict);
    await load(await run(1, DAY_1), mode, 'load-1');
    const before = [await films(), await ledger()];
    const statements = secondLoad(warehouse, strict, 'films', mode);
    await expect(warehouse.transact(statements)).rejects.toThrow(/NOT NULL constraint failed/);
    expect([await films(), await ledger()]).toEqual(before);
    expect((await warehouse.query({ sql: 'SELECT COUNT(*) FROM strict_films_loads' })).rows).toEqual([[0]]);
  });
});

// One place, for each takes the bed a while: that a batch of the Data API is one transaction is the bed's own test.
describe.each(PUBLISH_MODES)('on Redshift, a publish in mode %s that fails at its end', (mode) => {
  test('leaves table, ledger, freshness and staging as they were, and can be tried again', async () => {
    const { warehouse, run, load, films, ledger } = await redshift.open(folder);
    await load(await run(1, DAY_1), mode, 'load-1');
    const day2 = await run(2, DAY_2);
    const stagingTable = await stageRun(warehouse, { contract: FILMS, run: day2, mode, loadId: 'load-2' });
    const statements = secondLoad(warehouse, FILMS, stagingTable, mode);
    const state = async () => [
      await films(),
      await ledger(),
      await readFreshness(warehouse, FILMS),
      await warehouse.listTables(''),
    ];
    const before = await state();
    await expect(warehouse.transact([...statements, FAILING])).rejects.toThrow(/invalid input syntax/);
    expect(await state()).toEqual(before);
    await warehouse.transact(statements);
    expect(await films()).toEqual(expectLoad(DAY_1, DAY_2, mode).films);
    expect(await ledger()).toHaveLength(2);
  });
});
