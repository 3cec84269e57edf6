import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { writeWhole } from '../actions/shared/src/files.ts';
import { temporaryFolder } from './temporary-folder.ts';

const parent = await temporaryFolder();
let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(parent, 'whole-')), 'manifest.json');
});

describe('writeWhole', () => {
  test('writes the content and leaves nothing beside it', async () => {
    await writeWhole(path, 'Ærø\n');
    expect(await readFile(path, 'utf8')).toBe('Ærø\n');
    expect(await readdir(join(path, '..'))).toEqual(['manifest.json']);
  });

  test('replaces a longer file wholly', async () => {
    await writeWhole(path, 'a long old content');
    await writeWhole(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  test('is not misled by what an earlier writer left that died', async () => {
    await writeFile(`${path}.partial`, 'a long content that was never finished');
    await writeWhole(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(join(path, '..'))).toEqual(['manifest.json']);
  });

  test('leaves the old content when the last step fails', async () => {
    // A folder in place of the file lets everything succeed but the renaming.
    await mkdir(path);
    await writeFile(join(path, 'old'), 'old');
    await expect(writeWhole(path, 'new')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(await readdir(path)).toEqual(['old']);
  });

  test('readers see the old content or the new, never a part', async () => {
    const contents = ['a', 'b'].map((letter) => letter.repeat(1_000_000));
    await writeWhole(path, contents[0] ?? '');
    const write = async () => {
      for (let round = 0; round < 30; round++) await writeWhole(path, contents[round % 2] ?? '');
    };
    const seen = new Set<string>();
    const read = async () => {
      for (let round = 0; round < 60; round++) seen.add(await readFile(path, 'utf8'));
    };
    await Promise.all([write(), read()]);
    expect(seen.size).toBeGreaterThan(0);
    expect([...seen].filter((content) => !contents.includes(content))).toEqual([]);
  });

  // Writing to /dev/full fails as on a full disk, in the middle of the work.
  test.each([
    ['where there was none', null],
    ['and leaves the old one', 'old'],
  ])('a writer that dies in the middle makes no file visible %s', async (_what, old) => {
    if (old !== null) await writeFile(path, old);
    await symlink('/dev/full', `${path}.partial`);
    await expect(writeWhole(path, 'new')).rejects.toThrow('ENOSPC');
    const seen = await readFile(path, 'utf8').catch(() => null);
    expect(seen).toBe(old);
  });
});
