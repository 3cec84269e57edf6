import { mkdir, mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { removeUnfinishedRuns } from '../../actions/shared/src/lake/run.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { EARLIER, LATER, writeFinishedRun, writeUnfinishedRun } from './run-folders.ts';

const NOW = new Date('2026-11-23T06:00:00.000Z');
const OVER_A_DAY_AGO = new Date('2026-11-22T05:59:59.000Z');
const UNDER_A_DAY_AGO = new Date('2026-11-22T06:00:01.000Z');

const parent = await temporaryFolder();
let table: string;
beforeEach(async () => {
  table = await mkdtemp(join(parent, 'table-'));
});

describe('removeUnfinishedRuns', () => {
  test('removes an unfinished run of over a day ago with all its files, and tells its name', async () => {
    const folder = await writeUnfinishedRun(table, EARLIER);
    await mkdir(join(folder, '_temporary', '0'), { recursive: true });
    await utimes(folder, OVER_A_DAY_AGO, OVER_A_DAY_AGO);
    expect(await removeUnfinishedRuns(table, NOW)).toEqual([`run=${EARLIER}`]);
    expect(await readdir(table)).toEqual([]);
  });

  test('keeps a younger one, which may still be being written', async () => {
    const folder = await writeUnfinishedRun(table, EARLIER);
    await utimes(folder, UNDER_A_DAY_AGO, UNDER_A_DAY_AGO);
    expect(await removeUnfinishedRuns(table, NOW)).toEqual([]);
    expect(await readdir(folder)).toEqual(['part-0.parquet']);
  });

  test('keeps a finished run however old it is', async () => {
    const folder = await writeFinishedRun(table, EARLIER);
    await utimes(folder, OVER_A_DAY_AGO, OVER_A_DAY_AGO);
    expect(await removeUnfinishedRuns(table, NOW)).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(['manifest.json', 'part-0.parquet']);
  });

  test('removes what a run left that died while writing its manifest', async () => {
    const folder = await writeUnfinishedRun(table, LATER);
    await writeFile(join(folder, 'manifest.json.partial'), '{"manifest_ver');
    await utimes(folder, OVER_A_DAY_AGO, OVER_A_DAY_AGO);
    expect(await removeUnfinishedRuns(table, NOW)).toEqual([`run=${LATER}`]);
  });

  test('never touches what is not the folder of a run', async () => {
    const names = ['my-notes', 'run=yesterday', `run=${EARLIER}.bak`, `old-run=${EARLIER}`];
    for (const name of names) {
      await mkdir(join(table, name));
      await utimes(join(table, name), OVER_A_DAY_AGO, OVER_A_DAY_AGO);
    }
    const file = join(table, `run=${LATER}`);
    await writeFile(file, 'a file, no folder');
    await utimes(file, OVER_A_DAY_AGO, OVER_A_DAY_AGO);
    expect(await removeUnfinishedRuns(table, NOW)).toEqual([]);
    expect((await readdir(table)).toSorted()).toEqual([...names, `run=${LATER}`].toSorted());
  });

  test('finds nothing to remove where the folder of the table is not there', async () => {
    expect(await removeUnfinishedRuns(join(table, 'absent'), NOW)).toEqual([]);
  });
});
