import { appendFile, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { asyncBufferFromFile } from 'hyparquet';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { preflight } from '../../actions/shared/src/warehouse/preflight.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, filmsSelect, writeFilms, writeRun } from './films.ts';
import { DAY_1, DAY_2 } from './two-days.ts';

const parent = await temporaryFolder();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(parent, 'run-'));
});

const GOOD = 'film_key, title, is_short, "order", rating';
/** The films with another list of columns. */
const withColumns = (columns: string) => `SELECT ${columns} FROM (${filmsSelect(DAY_1)})`;

/** The run with something else said of its first file. */
function tell(run: FinishedRun, file: Partial<FinishedRun['manifest']['files'][number]>): FinishedRun {
  const [first = { path: '', bytes: 0, rows: 0 }, ...others] = run.manifest.files;
  return { ...run, manifest: { ...run.manifest, files: [{ ...first, ...file }, ...others] } };
}

describe('preflight', () => {
  test('passes a run whose files are as the manifest and the contract say', async () => {
    const run = await writeRun(folder, [filmsSelect(DAY_1), filmsSelect(DAY_2), filmsSelect([])]);
    expect(run.manifest.files).toHaveLength(3);
    await expect(preflight(run, FILMS)).resolves.toBeUndefined();
  });

  test.each([
    ['a column is missing', 'film_key, title, is_short, "order"', 'column 5', 'rating (double)', 'none'],
    [
      'the first column is missing',
      'title, is_short, "order", rating',
      'column 1',
      'film_key (varchar)',
      'title (varchar)',
    ],
    ['a column is extra', `${GOOD}, 1 AS extra`, 'column 6', 'none', 'extra (integer)'],
    [
      'two columns have changed places',
      'film_key, is_short, title, "order", rating',
      'column 2',
      'title (varchar)',
      'is_short (boolean)',
    ],
    [
      'a column has another name',
      'film_key, title, is_short, "order", rating AS stars',
      'column 5',
      'rating (double)',
      'stars (double)',
    ],
    [
      'a column has its name in upper case',
      'film_key, title AS "TITLE", is_short, "order", rating',
      'column 2',
      'title (varchar)',
      'TITLE (varchar)',
    ],
    [
      'BIGINT stands for an integer',
      'film_key, title, is_short, "order"::BIGINT AS "order", rating',
      'column 4',
      'order (integer)',
      'order (INT64',
    ],
    [
      'SMALLINT stands for an integer',
      'film_key, title, is_short, "order"::SMALLINT AS "order", rating',
      'column 4',
      'order (integer)',
      'order (INT32 INT_16',
    ],
    [
      'an unsigned number stands for an integer',
      'film_key, title, is_short, "order"::UINTEGER AS "order", rating',
      'column 4',
      'order (integer)',
      'order (INT32 UINT_32',
    ],
    [
      'a date stands for an integer',
      `film_key, title, is_short, DATE '2026-01-01' AS "order", rating`,
      'column 4',
      'order (integer)',
      'order (INT32 DATE',
    ],
    [
      'FLOAT stands for a double',
      'film_key, title, is_short, "order", rating::FLOAT AS rating',
      'column 5',
      'rating (double)',
      'rating (FLOAT',
    ],
    [
      'DECIMAL stands for a double',
      'film_key, title, is_short, "order", rating::DECIMAL(9, 2) AS rating',
      'column 5',
      'rating (double)',
      'rating (INT32 DECIMAL',
    ],
    [
      'BLOB stands for text',
      'film_key, encode(title) AS title, is_short, "order", rating',
      'column 2',
      'title (varchar)',
      'title (BYTE_ARRAY',
    ],
    [
      'JSON stands for text',
      'film_key, to_json(title) AS title, is_short, "order", rating',
      'column 2',
      'title (varchar)',
      'title (BYTE_ARRAY JSON',
    ],
    [
      'a list stands for text',
      'film_key, [title] AS title, is_short, "order", rating',
      'column 2',
      'title (varchar)',
      'title (LIST',
    ],
    [
      'text stands for a boolean',
      'film_key, title, is_short::VARCHAR AS is_short, "order", rating',
      'column 3',
      'is_short (boolean)',
      'is_short (varchar',
    ],
  ])(
    'refuses a file when %s, naming file, column and both types',
    async (_what, columns, place, wanted, found) => {
      // The second file is the bad one, so that all of them are seen to be looked at.
      const run = await writeRun(folder, [filmsSelect(DAY_1), withColumns(columns)]);
      const failure = await failureOf(preflight(run, FILMS));
      expect(failure.kind).toBe('failed-data');
      expect(failure.where).toBe(join(folder, 'part-1.parquet'));
      expect(failure.why).toContain(`${place}: the contract wants ${wanted}, the file has ${found}`);
    },
  );

  test('refuses a run of which a file is missing, and names the file', async () => {
    const run = await writeFilms(folder, DAY_1);
    await rm(join(folder, 'part-0.parquet'));
    const failure = await failureOf(preflight(run, FILMS));
    expect(failure).toMatchObject({ kind: 'failed-data', where: join(folder, 'part-0.parquet') });
    expect(failure.why).toContain('ENOENT');
  });

  test.each([
    ['in the middle', 200],
    ['to nothing', 0],
  ])('refuses a file that is cut %s, and names it', async (_what, length) => {
    const run = await writeFilms(folder, DAY_1);
    const path = join(folder, 'part-0.parquet');
    const { size } = await stat(path);
    await truncate(path, length);
    const failure = await failureOf(preflight(run, FILMS));
    expect(failure).toMatchObject({ kind: 'failed-data', where: path });
    expect(failure.why).toBe(`the manifest says ${size} bytes, the file has ${length}`);
  });

  test('refuses a file that has grown since the manifest was written', async () => {
    const run = await writeFilms(folder, DAY_1);
    const path = join(folder, 'part-0.parquet');
    const { size } = await stat(path);
    await appendFile(path, 'more');
    const failure = await failureOf(preflight(run, FILMS));
    expect(failure).toMatchObject({ kind: 'failed-data', where: path });
    expect(failure.why).toBe(`the manifest says ${size} bytes, the file has ${size + 4}`);
  });

  /** Opens the run's file as an object with this ETag. */
  const asObject = (etag: string | null) => async (path: string) => ({
    bytes: (await stat(path)).size,
    etag,
    content: () => asyncBufferFromFile(path),
  });

  test('refuses an object that was written over, by its ETag', async () => {
    const run = tell(await writeFilms(folder, DAY_1), { etag: 'aaaa-2' });
    await expect(preflight(run, FILMS, asObject('aaaa-2'))).resolves.toBeUndefined();
    expect(await failureOf(preflight(run, FILMS, asObject('aaaa-3')))).toMatchObject({
      kind: 'failed-data',
      what: 'A Parquet file is not the one that the run wrote',
      where: join(folder, 'part-0.parquet'),
      why: 'the manifest says ETag aaaa-2, the object has aaaa-3',
      done: 'Nothing was copied, nothing was published.',
    });
  });

  test.each<[string, { readonly etag?: string | null }, string | null]>([
    ['the manifest is one of before, without ETags', {}, 'bbbb'],
    ['the run was written to a disk', { etag: null }, 'bbbb'],
    ['the file is on a disk', { etag: 'aaaa' }, null],
  ])('compares no ETags where %s', async (_what, said, etag) => {
    const run = tell(await writeFilms(folder, DAY_1), said);
    await expect(preflight(run, FILMS, asObject(etag))).resolves.toBeUndefined();
  });

  test('refuses a file of the right size that is not Parquet', async () => {
    const run = await writeFilms(folder, DAY_1);
    const path = join(folder, 'part-0.parquet');
    const { size } = await stat(path);
    await writeFile(path, 'x'.repeat(size));
    const failure = await failureOf(preflight(run, FILMS));
    expect(failure).toMatchObject({ kind: 'failed-data', where: path });
    expect(failure.why).toMatch(/parquet/i);
  });

  test('refuses a file with another number of rows than the manifest says', async () => {
    const run = tell(await writeFilms(folder, DAY_1), { rows: 8 });
    const failure = await failureOf(preflight(run, FILMS));
    expect(failure).toMatchObject({ kind: 'failed-data', where: join(folder, 'part-0.parquet') });
    expect(failure.why).toBe('the manifest says 8 rows, the file has 9');
  });

  /** The manifest's schema, with the widest value of the title in bytes. */
  const withTitleOf = (max_bytes: number) => ({
    schema: FILMS.columns.map(({ name, type }) => ({
      name,
      type,
      max_bytes: name === 'title' ? max_bytes : 5,
    })),
  });

  test('passes text that is just as wide as the contract allows', async () => {
    const run = await writeFilms(folder, DAY_1, withTitleOf(40));
    await expect(preflight(run, FILMS)).resolves.toBeUndefined();
  });

  test('refuses text that is wider than the contract allows, naming run, column and both widths', async () => {
    const run = await writeFilms(folder, DAY_1, withTitleOf(41));
    expect(await failureOf(preflight(run, FILMS))).toMatchObject({
      kind: 'failed-data',
      where: folder,
      why: 'column title: the contract allows 40 bytes, the widest value has 41',
    });
  });
});
