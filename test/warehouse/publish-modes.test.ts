import { describe, expect, test } from '@jest/globals';
import { readFreshness } from '../../actions/shared/src/warehouse/ledger.ts';
import { coversMode, PUBLISH_MODES } from '../../actions/shared/src/warehouse/publish.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectLoad } from './expected-load.ts';
import { FILMS } from './films.ts';
import { type OpenFilms, openFilms as openDuckdbFilms } from './open-films.ts';
import { startRedshiftFilms } from './redshift-films.ts';
import { DAY_1, DAY_2 } from './two-days.ts';

const folder = await temporaryFolder();
const engines: readonly [engine: string, openFilms: OpenFilms][] = [
  ['DuckDB', openDuckdbFilms],
  ['Redshift', startRedshiftFilms().open],
];
const cases = engines.flatMap(([engine, openFilms]) =>
  PUBLISH_MODES.map((mode) => ({ engine, mode, openFilms })),
);

describe.each(cases)('on $engine, publishing in mode $mode', ({ mode, openFilms }) => {
  test('fills an empty table and counts every film as new', async () => {
    const { run, load, films } = await openFilms(folder);
    expect(await load(await run(1, DAY_1), mode, 'load-1')).toMatchObject({
      load_id: 'load-1',
      mode,
      already_loaded: false,
      rows_staged: 9,
      rows_inserted: 9,
      rows_updated: 0,
      rows_deleted: 0,
      rows_unchanged: 0,
      rows_stale: 0,
      rows_vanished: 0,
      rows_total: 9,
    });
    expect(await films()).toEqual(DAY_1);
  });

  test('does to new, changed, vanished and unchanged films what the mode promises, and counts them', async () => {
    const { run, load, films } = await openFilms(folder);
    await load(await run(1, DAY_1), mode, 'load-1');
    const report = await load(await run(2, DAY_2), mode, 'load-2');
    const expected = expectLoad(DAY_1, DAY_2, mode);
    expect(report).toMatchObject(expected.counters);
    expect(await films()).toEqual(expected.films);
  });

  test('loading the same run again changes neither table nor ledger and says so', async () => {
    const { run, load, films, ledger } = await openFilms(folder);
    const day2 = await run(2, DAY_2);
    await load(await run(1, DAY_1), mode, 'load-1');
    const first = await load(day2, mode, 'load-2');
    const before = [await films(), await ledger()];
    expect(await load(day2, mode, 'load-3')).toEqual({ ...first, already_loaded: true });
    expect([await films(), await ledger()]).toEqual(before);
  });

  test('publishing the same content again all the same finds nothing to change', async () => {
    const { run, load, films } = await openFilms(folder);
    await load(await run(1, DAY_1), mode, 'load-1');
    // Another fingerprint with the same rows: a transform that was only reworded.
    const report = await load(await run(3, DAY_1), mode, 'load-2');
    expect(report).toMatchObject({
      already_loaded: false,
      rows_inserted: 0,
      rows_updated: 0,
      rows_deleted: 0,
      rows_unchanged: 9,
      rows_total: 9,
    });
    expect(await films()).toEqual(DAY_1);
  });

  test('a view of a user on the table answers from the new rows', async () => {
    const { warehouse, run, load } = await openFilms(folder);
    await load(await run(1, DAY_1), mode, 'load-1');
    await warehouse.query({ sql: "CREATE VIEW titles AS SELECT title FROM films WHERE film_key = 'new'" });
    await load(await run(2, DAY_2), mode, 'load-2');
    expect((await warehouse.query({ sql: 'SELECT * FROM titles' })).rows).toEqual([['New']]);
  });

  test('the freshness view has one row, that of the last load', async () => {
    const { warehouse, run, load } = await openFilms(folder);
    expect(await readFreshness(warehouse, FILMS)).toBeNull();
    await load(await run(1, DAY_1), mode, 'load-1');
    await load(await run(2, DAY_2), mode, 'load-2');
    expect((await warehouse.query({ sql: 'SELECT COUNT(*) FROM films_freshness' })).rows).toEqual([[1]]);
    expect(await readFreshness(warehouse, FILMS)).toEqual({
      source_date: '2026-11-02T23:52:00.000Z',
      published_at: '2026-11-23T06:01:00.000Z',
      run_id: 'run-of-day-2',
      rows_total: { replace: 9, merge: 11, append: 11 }[mode],
    });
  });
});

describe('the expectation of the tests above', () => {
  // Counted by hand from the two days, so that a mistake in the expectation itself is seen.
  test('agrees with a count by hand', () => {
    const common = { rows_staged: 9, rows_inserted: 2, rows_unchanged: 3, rows_vanished: 2 };
    expect(expectLoad(DAY_1, DAY_2, 'replace').counters).toEqual({
      ...common,
      rows_updated: 4,
      rows_deleted: 2,
      rows_stale: 0,
      rows_total: 9,
    });
    expect(expectLoad(DAY_1, DAY_2, 'merge').counters).toEqual({
      ...common,
      rows_updated: 4,
      rows_deleted: 0,
      rows_stale: 0,
      rows_total: 11,
    });
    expect(expectLoad(DAY_1, DAY_2, 'append').counters).toEqual({
      ...common,
      rows_updated: 0,
      rows_deleted: 0,
      rows_stale: 4,
      rows_total: 11,
    });
  });
});

describe('coversMode', () => {
  test.each([
    ['replace', 'replace', true],
    ['replace', 'merge', true],
    ['replace', 'append', true],
    ['merge', 'replace', false],
    ['merge', 'merge', true],
    ['merge', 'append', true],
    ['append', 'replace', false],
    ['append', 'merge', false],
    ['append', 'append', true],
  ] as const)('after a %s, is a %s of the same content needless? %s', (published, requested, isNeedless) => {
    expect(coversMode(published, requested)).toBe(isNeedless);
  });
});
