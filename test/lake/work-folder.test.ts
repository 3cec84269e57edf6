import { mkdir, mkdtemp, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { withWorkFolder } from '../../actions/shared/src/lake/work-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOW = new Date('2026-11-23T06:00:00.000Z');
const OVER_A_DAY_AGO = new Date('2026-11-22T05:59:59.000Z');
const UNDER_A_DAY_AGO = new Date('2026-11-22T06:00:01.000Z');

const temporary = await temporaryFolder();
let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(temporary, 'parent-'));
});

describe('withWorkFolder', () => {
  test('lends an empty folder, hands on what the work returns, and removes all of the folder', async () => {
    const work = async (folder: string) => {
      expect(dirname(folder)).toBe(parent);
      expect(await readdir(folder)).toEqual([]);
      await mkdir(join(folder, 'spill'));
      await writeFile(join(folder, 'spill', 'data'), 'data');
      return 'done';
    };
    expect(await withWorkFolder(parent, NOW, work)).toBe('done');
    expect(await readdir(parent)).toEqual([]);
  });

  test('removes its folder also when the work throws, and hands on the error', async () => {
    const work = async (folder: string) => {
      await writeFile(join(folder, 'data'), 'data');
      throw new Error('the work failed');
    };
    await expect(withWorkFolder(parent, NOW, work)).rejects.toThrow('the work failed');
    expect(await readdir(parent)).toEqual([]);
  });

  test('makes the parent where it is missing', async () => {
    const missing = join(parent, 'out', '.work');
    const isFolder = await withWorkFolder(missing, NOW, async (folder) => (await stat(folder)).isDirectory());
    expect(isFolder).toBe(true);
  });

  test('lends two works at once a folder each', async () => {
    const lent: string[] = [];
    const work = (folder: string) => Promise.resolve(lent.push(folder));
    await Promise.all([withWorkFolder(parent, NOW, work), withWorkFolder(parent, NOW, work)]);
    expect(new Set(lent).size).toBe(2);
  });

  test('sweeps what killed runs left over a day ago, and nothing younger', async () => {
    for (const [name, time] of [
      ['run-old', OVER_A_DAY_AGO],
      ['run-young', UNDER_A_DAY_AGO],
    ] as const) {
      await mkdir(join(parent, name));
      await writeFile(join(parent, name, 'data'), 'data');
      await utimes(join(parent, name), time, time);
    }
    await withWorkFolder(parent, NOW, () => Promise.resolve());
    expect(await readdir(parent)).toEqual(['run-young']);
  });

  test('is not kept from work by an entry that is gone by the time it is looked at', async () => {
    // As when another run removes its folder meanwhile; a link to nothing fails in the same way.
    await symlink(join(parent, 'absent'), join(parent, 'run-gone'));
    expect(await withWorkFolder(parent, NOW, () => Promise.resolve('done'))).toBe('done');
  });
});
