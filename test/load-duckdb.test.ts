import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DUCKDB_VERSION, installDuckdb, loadDuckdb } from '../actions/shared/src/load-duckdb.ts';
import { root } from './project.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
const never = new AbortController().signal;
const packageName = '@duckdb/node-api';

test('the version is the one of package.json', async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(DUCKDB_VERSION).toBe(dependencies[packageName]);
});

test('among the packages of this program it is loaded from there, and nothing is installed', async () => {
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line), progress: () => {} };
  expect(await installDuckdb(log, never, { folder: join(folder, 'unused') })).toBeNull();
  expect(lines).toEqual([]);
  const instance = await loadDuckdb().DuckDBInstance.create(':memory:');
  instance.closeSync();
});

test('elsewhere it is installed once, whole, and can be loaded', async () => {
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line), progress: () => {} };
  const place = { beside: join(folder, 'bundle', 'index.js'), folder: join(folder, 'tools', 'duckdb') };
  expect(await installDuckdb(log, never, place)).toBe(place.folder);
  expect(await installDuckdb(log, never, place)).toBe(place.folder);
  expect(lines).toHaveLength(1);
  expect(await readdir(join(folder, 'tools'))).toEqual(['duckdb']);
  const duckdb = createRequire(join(place.folder, 'package.json'))(packageName) as { version(): string };
  expect(duckdb.version()).toBe(`v${DUCKDB_VERSION.split('-')[0]}`);
});
