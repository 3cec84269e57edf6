import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createWorkingCopy } from '../../actions/shared/src/warehouse/working-copy.ts';
import { readDuckdb } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { holdFile } from './hold-file.ts';

const parent = await temporaryFolder();
let folder: string;
let file: string;
let tests = 0;
beforeEach(async () => {
  folder = join(parent, String(tests++));
  await mkdir(folder);
  file = join(folder, 'warehouse.duckdb');
});

async function change(path: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

describe('a working copy', () => {
  test('takes the place of the file only when it is published', async () => {
    await change(file, 'CREATE TABLE t AS SELECT 1 AS x');
    const copy = await createWorkingCopy(file);
    await change(copy.path, 'UPDATE t SET x = 2');
    expect((await readDuckdb('FROM t', file)).rows).toEqual([[1]]);
    await copy.publish();
    await copy.discard();
    expect((await readDuckdb('FROM t', file)).rows).toEqual([[2]]);
    expect(await readdir(folder)).toEqual(['warehouse.duckdb']);
  });

  test('that is discarded leaves the file as it was, to the byte', async () => {
    await change(file, 'CREATE TABLE t AS SELECT 1 AS x');
    const before = await readFile(file);
    const copy = await createWorkingCopy(file);
    await change(copy.path, 'DROP TABLE t');
    await copy.discard();
    expect(await readFile(file)).toEqual(before);
    expect(await readdir(folder)).toEqual(['warehouse.duckdb']);
  });

  test('of no file starts empty', async () => {
    const copy = await createWorkingCopy(file);
    await change(copy.path, 'CREATE TABLE t AS SELECT 1 AS x');
    expect(await readdir(folder)).not.toContain('warehouse.duckdb');
    await copy.publish();
    expect((await readDuckdb('FROM t', file)).rows).toEqual([[1]]);
  });

  test('holds what a killed writer had left in the log beside the file', async () => {
    await change(file, 'CREATE TABLE t AS SELECT 1 AS x');
    const writer = await holdFile(file, "SET checkpoint_threshold = '1TB'; UPDATE t SET x = 3");
    process.kill(writer.pid, 'SIGKILL');
    await writer.release();
    expect(await readdir(folder)).toContain('warehouse.duckdb.wal');
    const copy = await createWorkingCopy(file);
    await change(copy.path, 'CREATE TABLE u AS SELECT 4 AS y', 'CHECKPOINT');
    await copy.publish();
    expect((await readDuckdb('FROM t, u', file)).rows).toEqual([[3, 4]]);
    expect(await readdir(folder)).toEqual(['warehouse.duckdb']);
  });

  test('does not disturb a reader that has the file open', async () => {
    await change(file, 'CREATE TABLE t AS SELECT 1 AS x');
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
    const reader = await instance.connect();
    const copy = await createWorkingCopy(file);
    await change(copy.path, 'UPDATE t SET x = 2');
    await copy.publish();
    expect((await reader.runAndReadAll('FROM t')).getRows()).toEqual([[1]]);
    reader.closeSync();
    instance.closeSync();
    expect((await readDuckdb('FROM t', file)).rows).toEqual([[2]]);
  });

  test('is refused when another one was published meanwhile', async () => {
    await change(file, 'CREATE TABLE t AS SELECT 1 AS x');
    const copy = await createWorkingCopy(file);
    await change(file, 'UPDATE t SET x = 5');
    await expect(copy.publish()).rejects.toMatchObject({
      failure: { kind: 'failed-infra', where: file, why: 'another process has changed the file meanwhile' },
    });
    expect((await readDuckdb('FROM t', file)).rows).toEqual([[5]]);
  });

  test('is refused when it was not closed whole', async () => {
    const copy = await createWorkingCopy(file);
    await change(copy.path, 'CREATE TABLE t AS SELECT 1 AS x');
    await writeFile(`${copy.path}.wal`, 'the rest of a write');
    await expect(copy.publish()).rejects.toThrow(/not written whole/);
    expect(await readdir(folder)).not.toContain('warehouse.duckdb');
  });
});

describe('copies that dead processes left', () => {
  const DEAD = 2 ** 22 + 1;

  test('are swept, with their logs; those of living processes are not', async () => {
    const dead = `${file}.next-${hostname()}-${DEAD}`;
    const alive = `${file}.next-${hostname()}-${process.ppid}`;
    const elsewhere = `${file}.next-elsewhere-${DEAD}`;
    for (const path of [dead, `${dead}.wal`, alive, elsewhere]) await writeFile(path, '');
    await (await createWorkingCopy(file)).discard();
    const left = await readdir(folder);
    expect(left.toSorted()).toEqual(
      [alive, elsewhere].map((path) => path.slice(folder.length + 1)).toSorted(),
    );
  });

  test('are swept after a day, wherever they come from', async () => {
    const elsewhere = `${file}.next-elsewhere-1`;
    await writeFile(elsewhere, '');
    const longAgo = Date.now() / 1000 - 25 * 60 * 60;
    await utimes(elsewhere, longAgo, longAgo);
    await (await createWorkingCopy(file)).discard();
    expect(await readdir(folder)).toEqual([]);
  });
});
