import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { findFinishedRun } from '../../actions/shared/src/lake/run.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { EARLIER, FINGERPRINT, LATER, writeFinishedRun, writeUnfinishedRun } from './run-folders.ts';

const parent = await temporaryFolder();
let table: string;
beforeEach(async () => {
  table = await mkdtemp(join(parent, 'table-'));
});

const find = () => findFinishedRun(table, { fingerprint: FINGERPRINT, engine: 'duckdb' });

describe('findFinishedRun', () => {
  test('finds the newest run of the content', async () => {
    // Written in this order so that the time of writing is of no help.
    const later = await writeFinishedRun(table, LATER);
    await writeFinishedRun(table, EARLIER);
    const found = await find();
    expect(found?.folder).toBe(later);
    expect(found?.manifest.run_id).toBe(LATER);
  });

  test('finds nothing where no run is, and where the folder of the table is not there', async () => {
    expect(await find()).toBeNull();
    await rm(table, { recursive: true });
    expect(await find()).toBeNull();
  });

  test.each([
    ['has no manifest', () => writeUnfinishedRun(table, LATER)],
    [
      'was of another engine',
      () => writeFinishedRun(table, LATER, { engine: { name: 'spark', version: '3' } }),
    ],
    ['was of another content', () => writeFinishedRun(table, '20261123T060000000Z-ffffffffffff')],
    ['misses a file', async () => rm(join(await writeFinishedRun(table, LATER), 'part-0.parquet'))],
    [
      'has a file that is too short',
      async () => truncate(join(await writeFinishedRun(table, LATER), 'part-0.parquet'), 5),
    ],
    [
      'has a folder without a run id for a name',
      async () => {
        await rename(await writeFinishedRun(table, LATER), join(table, `run=copy-of-${LATER}`));
      },
    ],
  ])('passes over a newer run that %s', async (_what, writeNewer) => {
    const earlier = await writeFinishedRun(table, EARLIER);
    await writeNewer();
    expect((await find())?.folder).toBe(earlier);
  });

  test('passes over a file that has the name of a run', async () => {
    const earlier = await writeFinishedRun(table, EARLIER);
    await writeFile(join(table, `run=${LATER}`), 'no folder');
    expect((await find())?.folder).toBe(earlier);
  });

  test('refuses an unreadable manifest of the content, and names it', async () => {
    const folder = await writeFinishedRun(table, LATER);
    await writeFile(join(folder, 'manifest.json'), '{"manifest_version": 1');
    expect(await failureOf(find())).toMatchObject({
      kind: 'failed-infra',
      where: join(folder, 'manifest.json'),
    });
  });
});
