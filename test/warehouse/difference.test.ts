import { describe, expect, test } from '@jest/globals';
import { diffStaging } from '../../actions/shared/src/warehouse/difference.ts';
import { publishStaged, stageRun } from '../../actions/shared/src/warehouse/load.ts';
import type { Statement } from '../../actions/shared/src/warehouse/warehouse.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film } from './films.ts';
import { type FilmWarehouse, openFilms } from './open-films.ts';
import { startRedshiftFilms } from './redshift-films.ts';
import { DAY_1, DAY_2 } from './two-days.ts';

const folder = await temporaryFolder();
const redshift = startRedshiftFilms();
const NONE = { rows: 0, sample_keys: [] };

describe.each([
  ['DuckDB', openFilms],
  ['Redshift', redshift.open],
])('on %s, the difference of a staged load to the published table', (_engine, open) => {
  async function stage({ run, warehouse }: FilmWarehouse, day: number, films: readonly Film[]) {
    const request = {
      contract: FILMS,
      run: await run(day, films),
      mode: 'replace',
      loadId: `load-${day}`,
    } as const;
    return { request, table: await stageRun(warehouse, request) };
  }

  test('tells what is new, gone and changed, by column, as the ledger counts it later', async () => {
    const films = await open(folder);
    const { warehouse } = films;
    await films.load(await films.run(1, DAY_1), 'replace', 'load-1');
    const { request, table } = await stage(films, 2, DAY_2);
    const difference = await diffStaging(warehouse, FILMS, table);
    expect(difference).toEqual({
      added: { rows: 2, sample_keys: ['new', 'new-and-null'] },
      removed: { rows: 2, sample_keys: ['vanishes', 'vanishes-too'] },
      changed: { rows: 4, sample_keys: ['appears', 'disappears', 'double', 'flips'] },
      unchanged: 3,
      columns: [
        { column: 'title', rows: 2 },
        { column: 'is_short', rows: 1 },
        { column: 'order', rows: 0 },
        { column: 'rating', rows: 1 },
      ],
    });
    const report = await publishStaged(warehouse, request, { table, publishedAt: new Date(0) });
    expect(report).toMatchObject({
      rows_inserted: difference.added.rows,
      rows_updated: difference.changed.rows,
      rows_deleted: difference.removed.rows,
      rows_unchanged: difference.unchanged,
    });
  });

  test('to the table itself is none, which one query tells', async () => {
    const films = await open(folder);
    await films.load(await films.run(1, DAY_1), 'replace', 'load-1');
    const { table } = await stage(films, 2, DAY_1);
    let asked = 0;
    const counting = {
      ...films.warehouse,
      query: (statement: Statement) => {
        asked += 1;
        return films.warehouse.query(statement);
      },
    };
    expect(await diffStaging(counting, FILMS, table)).toMatchObject({
      added: NONE,
      removed: NONE,
      changed: NONE,
      unchanged: DAY_1.length,
    });
    expect(asked).toBe(1);
  });

  test('of a first load is all of it, with the first 20 keys; a row without a key counts once', async () => {
    const films = await open(folder);
    const keys = Array.from(
      { length: 50 },
      (_, number) => `key-${String((number * 7) % 50).padStart(2, '0')}`,
    );
    const rows = [...keys, null].map((key): Film => [key, 'A title', true, 1, 1]);
    const { table } = await stage(films, 1, rows);
    const { added, removed, changed, unchanged } = await diffStaging(films.warehouse, FILMS, table);
    expect(added).toEqual({ rows: 51, sample_keys: keys.toSorted().slice(0, 20) });
    expect([removed, changed, unchanged]).toEqual([NONE, NONE, 0]);
  });
});
