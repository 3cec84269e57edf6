import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS } from './films.ts';
import { holdFile } from './hold-file.ts';

const IMPATIENT = { attempts: 2, pauseMs: 20 };

const parent = await temporaryFolder();
let file: string;
beforeEach(async () => {
  file = join(await mkdtemp(join(parent, 'open-')), 'warehouse.duckdb');
});

describe('a warehouse file that another process has open', () => {
  test('is refused after the last attempt, naming the file, that process and what to do', async () => {
    const holder = await holdFile(file);
    try {
      const failure = await failureOf(openDuckdbWarehouse(file, IMPATIENT));
      expect(failure).toMatchObject({
        kind: 'failed-infra',
        what: 'The warehouse cannot be opened',
        where: file,
        next: 'Another process has the file open; close it and run again.',
      });
      expect(failure.why).toContain(String(holder.pid));
    } finally {
      await holder.release();
    }
  });

  test('is opened when that process leaves in time', async () => {
    const holder = await holdFile(file);
    const opening = openDuckdbWarehouse(file, { attempts: 1000, pauseMs: 20 });
    // Long enough for an attempt to have failed by then.
    const early = await Promise.race([
      opening.then(
        () => 'opened',
        () => 'refused',
      ),
      new Promise((resolve) => setTimeout(resolve, 300, 'still waiting')),
    ]);
    await holder.release();
    const warehouse = await opening;
    const { rows } = await warehouse.query({ sql: 'SELECT 42' });
    await warehouse.close();
    expect(early).toBe('still waiting');
    expect(rows).toEqual([[42]]);
  });
});

describe('openDuckdbWarehouse', () => {
  test('refuses a folder in place of the file at once, naming it', async () => {
    await mkdir(file);
    const started = performance.now();
    const failure = await failureOf(openDuckdbWarehouse(file, { attempts: 60, pauseMs: 1000 }));
    expect(failure).toMatchObject({ kind: 'failed-infra', where: file });
    expect(failure.why).toContain('Is a directory');
    expect(failure.next).not.toContain('Another process');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('refuses a file that is no DuckDB file and leaves it as it is', async () => {
    await writeFile(file, 'notes, kept under an unlucky name'.repeat(1000));
    const failure = await failureOf(openDuckdbWarehouse(file, IMPATIENT));
    expect(failure).toMatchObject({ kind: 'failed-infra', where: file });
    expect(failure.why).toContain('not a valid DuckDB database file');
  });

  test('keeps what was published when it is opened again, and makes nothing twice', async () => {
    const first = await openDuckdbWarehouse(file, IMPATIENT);
    await first.ensureTable(FILMS);
    await first.query({ sql: "INSERT INTO films (film_key) VALUES ('kept')" });
    await first.close();
    const second = await openDuckdbWarehouse(file, IMPATIENT);
    await second.ensureTable(FILMS);
    const { rows } = await second.query({ sql: 'SELECT film_key FROM films' });
    const tables = await second.listTables('');
    await second.close();
    expect(rows).toEqual([['kept']]);
    expect(tables).toEqual(['films', 'films_freshness', 'films_loads', 'films_metrics']);
  });

  test('comments the table and each column with the words of the contract', async () => {
    const warehouse = await openDuckdbWarehouse(file, IMPATIENT);
    await warehouse.ensureTable(FILMS);
    const columns = await warehouse.query({
      sql: "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'films' ORDER BY column_index",
    });
    const table = await warehouse.query({
      sql: "SELECT comment FROM duckdb_tables() WHERE table_name = 'films'",
    });
    await warehouse.close();
    expect(columns.rows).toEqual(FILMS.columns.map(({ name, description }) => [name, description]));
    expect(table.rows).toEqual([["One row for each film; the tests' own."]]);
  });

  test('puts a parameter where its name stands after a colon, and touches no other colon', async () => {
    const warehouse = await openDuckdbWarehouse(file, IMPATIENT);
    const { rows } = await warehouse.query({
      sql: "SELECT :text, '1'::INTEGER, 'a:b', 'a:constructor', :text || ':other'",
      parameters: { text: "it's; DROP TABLE films --" },
    });
    await warehouse.close();
    expect(rows).toEqual([
      ["it's; DROP TABLE films --", 1, 'a:b', 'a:constructor', "it's; DROP TABLE films --:other"],
    ]);
  });
});
