import { describe, expect, test } from '@jest/globals';
import { findPublishedLoad } from '../../actions/shared/src/warehouse/ledger.ts';
import { publishStaged, stageRun } from '../../actions/shared/src/warehouse/load.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS } from '../warehouse/films.ts';
import { type OpenFilms, openFilms as openDuckdbFilms } from '../warehouse/open-films.ts';
import { startRedshiftFilms } from '../warehouse/redshift-films.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';

const folder = await temporaryFolder();
const engines: readonly [engine: string, openFilms: OpenFilms][] = [
  ['DuckDB', openDuckdbFilms],
  ['Redshift', startRedshiftFilms().open],
];
const publishedAt = new Date('2026-11-23T06:00:00.000Z');

describe.each(engines)('on %s', (_engine, openFilms) => {
  test('a load that another process has published meanwhile is not published a second time', async () => {
    const { warehouse, run, load, films, ledger } = await openFilms(folder);
    const day1 = await run(1, DAY_1);
    await load(day1, 'replace', 'load-1');
    await load(await run(2, DAY_2), 'replace', 'load-2');
    const request = { contract: FILMS, run: day1, mode: 'replace', loadId: 'load-1' } as const;
    const table = await stageRun(warehouse, request);
    const publishing = publishStaged(warehouse, request, { table, publishedAt });
    await expect(publishing).rejects.toThrow('published already: load-1');
    expect(await films()).toEqual(DAY_2);
    expect(await ledger()).toHaveLength(2);
  });

  test('a merge that deletes what vanished leaves nothing to do for a replace, nor does it need one', async () => {
    const { warehouse, run, load, films } = await openFilms(folder);
    await load(await run(1, DAY_1), 'replace', 'load-1');
    const day2 = await run(2, DAY_2);
    const { fingerprint } = day2.manifest;
    const asked = (mode: 'replace' | 'merge', deleteMissing: boolean) =>
      findPublishedLoad(warehouse, FILMS, { loadId: 'load-9', fingerprint, mode, deleteMissing });

    await load(day2, 'merge', 'load-2');
    expect(await asked('merge', false)).toMatchObject({ load_id: 'load-2', rows_deleted: 0 });
    expect(await asked('merge', true)).toBeNull();

    const request = {
      contract: FILMS,
      run: day2,
      mode: 'merge',
      deleteMissing: true,
      loadId: 'load-3',
    } as const;
    const table = await stageRun(warehouse, request);
    const report = await publishStaged(warehouse, request, { table, publishedAt });
    expect(report).toMatchObject({ rows_deleted: 2, rows_vanished: 2, rows_updated: 0, rows_total: 9 });
    expect(await films()).toEqual(DAY_2);
    expect(await asked('merge', true)).toMatchObject({ load_id: 'load-3' });
    expect(await asked('replace', false)).toMatchObject({ load_id: 'load-3' });
  });
});
