import { describe, expect, test } from '@jest/globals';
import { dropStaging, stageRun } from '../../actions/shared/src/warehouse/load.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film } from './films.ts';
import { type OpenFilms, openFilms as openDuckdbFilms } from './open-films.ts';
import { startRedshiftFilms } from './redshift-films.ts';
import { DAY_1, DAY_2 } from './two-days.ts';

const folder = await temporaryFolder();
const engines: readonly [engine: string, openFilms: OpenFilms][] = [
  ['DuckDB', openDuckdbFilms],
  ['Redshift', startRedshiftFilms().open],
];

describe.each(engines)('on %s, loading a run again', (_engine, openFilms) => {
  test('day 1 after day 2 is a deliberate step back: day 1 is published as a new load', async () => {
    const { run, load, films, ledger } = await openFilms(folder);
    const day1 = await run(1, DAY_1);
    await load(day1, 'replace', 'load-1');
    await load(await run(2, DAY_2), 'replace', 'load-2');
    const back = await load(day1, 'replace', 'load-3');
    expect(back).toMatchObject({
      load_id: 'load-3',
      already_loaded: false,
      rows_inserted: 2,
      rows_updated: 4,
      rows_deleted: 2,
      rows_unchanged: 3,
    });
    expect(await films()).toEqual(DAY_1);
    expect(await ledger()).toHaveLength(3);
  });

  test('a load that is started again under its own id is not published again, whatever came after it', async () => {
    const { run, load, films } = await openFilms(folder);
    const day1 = await run(1, DAY_1);
    const first = await load(day1, 'replace', 'load-1');
    await load(await run(2, DAY_2), 'replace', 'load-2');
    expect(await load(day1, 'replace', 'load-1')).toEqual({ ...first, already_loaded: true });
    expect(await films()).toEqual(DAY_2);
  });

  test('a replace after a merge of the same content still removes what vanished', async () => {
    const { run, load, films } = await openFilms(folder);
    const day2 = await run(2, DAY_2);
    await load(await run(1, DAY_1), 'merge', 'load-1');
    await load(day2, 'merge', 'load-2');
    expect(await load(day2, 'replace', 'load-3')).toMatchObject({
      already_loaded: false,
      rows_deleted: 2,
      rows_unchanged: 9,
    });
    expect(await films()).toEqual(DAY_2);
  });

  test('a merge after an append of the same content still updates what is stale', async () => {
    const { run, load } = await openFilms(folder);
    const day2 = await run(2, DAY_2);
    await load(await run(1, DAY_1), 'append', 'load-1');
    await load(day2, 'append', 'load-2');
    expect(await load(day2, 'merge', 'load-3')).toMatchObject({ already_loaded: false, rows_updated: 4 });
  });

  test('an append after a replace of the same content has nothing to do', async () => {
    const { run, load, ledger } = await openFilms(folder);
    const day1 = await run(1, DAY_1);
    await load(day1, 'replace', 'load-1');
    expect(await load(day1, 'append', 'load-2')).toMatchObject({ load_id: 'load-1', already_loaded: true });
    expect(await ledger()).toHaveLength(1);
  });
});

describe.each(engines)('on %s, the guard of the key', (_engine, openFilms) => {
  const good: Film = ['good', 'Good', false, 1, 1];
  test.each<[string, Film[], string]>([
    ['a null key', [good, [null, 'No key', false, 2, 2]], 'film_key is null in 1 of 2 rows'],
    ['a doubled key', [good, [...good]], '2 rows share 1 values of film_key'],
    [
      'a doubled key of two different films',
      [good, ['good', 'Other', true, 2, 2], ['third', null, null, null, null]],
      '3 rows share 2 values of film_key',
    ],
  ])('refuses %s and publishes nothing', async (_what, films, why) => {
    const opened = await openFilms(folder);
    const failure = await failureOf(opened.load(await opened.run(1, films), 'merge', 'load-1'));
    expect(failure).toMatchObject({ kind: 'failed-data', where: 'films_staging_load_1', why });
    expect(await opened.films()).toEqual([]);
    expect(await opened.ledger()).toEqual([]);
  });
});

describe.each(engines)('on %s, staging', (_engine, openFilms) => {
  test('sweeps the staging tables that dead loads left, and nothing else', async () => {
    const { warehouse, run } = await openFilms(folder);
    const request = { contract: FILMS, run: await run(1, DAY_1), mode: 'merge' } as const;
    expect(await stageRun(warehouse, { ...request, loadId: 'dead' })).toBe('films_staging_dead');
    const others = ['films_staged_by_me', 'my_films_staging_1'];
    for (const name of others) await warehouse.query({ sql: `CREATE TABLE ${name} (a INTEGER)` });
    const left = (await warehouse.listTables('')).filter((name) => name !== 'films_staging_dead');
    expect(left).toEqual(expect.arrayContaining(['films', 'films_loads', 'films_metrics', ...others]));
    expect(await stageRun(warehouse, { ...request, loadId: 'Load-2/é' })).toBe('films_staging_load_2__');
    expect(await warehouse.listTables('')).toEqual([...left, 'films_staging_load_2__'].toSorted());
    await dropStaging(warehouse, FILMS);
    expect(await warehouse.listTables('')).toEqual(left);
  });

  test('refuses a run whose files hold another number of rows than its manifest says', async () => {
    const { warehouse, run } = await openFilms(folder);
    const day1 = await run(1, DAY_1);
    const short = { ...day1, manifest: { ...day1.manifest, rows: 10 } };
    const failure = await failureOf(
      stageRun(warehouse, { contract: FILMS, run: short, mode: 'merge', loadId: 'load-1' }),
    );
    expect(failure).toMatchObject({ kind: 'failed-infra', where: 'films_staging_load_1' });
    expect(failure.why).toBe('9 of 10 rows came');
  });
});
