import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { actionNames, bundleAction } from '../../actions/bundle.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();

describe.each(actionNames())('the bundle of %s', (name) => {
  test('is that of its sources; npm run bundle makes it', async () => {
    const [committed, built] = [join(root, 'actions', name, 'dist'), join(folder, name)];
    bundleAction(name, built);
    const files = (await readdir(built)).toSorted();
    expect((await readdir(committed)).toSorted()).toEqual(files);
    for (const file of files) {
      const [one, other] = await Promise.all(
        [committed, built].map((place) => readFile(join(place, file), 'utf8')),
      );
      // Not toBe: it would print megabytes.
      expect({ file, isSame: one === other }).toEqual({ file, isSame: true });
    }
  });

  test('tells no path of the machine that made it', async () => {
    const text = await readFile(join(root, 'actions', name, 'dist', 'index.js'), 'utf8');
    expect(text.includes(root)).toBe(false);
  });
});
