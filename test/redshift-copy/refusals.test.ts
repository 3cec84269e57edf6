import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EXIT_CODES } from '../../actions/shared/src/action/exit-codes.ts';
import type { FailureKind } from '../../actions/shared/src/errors.ts';
import { FILMS, filmsSelect, writeFilms, writeRun } from '../warehouse/films.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';
import { openCopies } from './open-copies.ts';

const copies = await openCopies();
const withColumns = (columns: string) => `SELECT ${columns} FROM (${filmsSelect(DAY_2)})`;

/** Loads the first day, then what the test has made of the second, and sees that nothing came of that. */
async function expectRefusal(
  manifest: string,
  kind: FailureKind,
  told: readonly string[],
  inputs: Readonly<Record<string, string>> = {},
): Promise<void> {
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  const { exitCode, outputs, annotations, summary } = await copies.run({ manifest, ...inputs });
  expect([exitCode, outputs.outcome]).toEqual([EXIT_CODES[kind], kind]);
  const message = annotations.find(({ level }) => level === 'error')?.message ?? '';
  for (const part of told) expect(message).toContain(part);
  expect(summary).toContain('| transfer_s3_to_redshift.publish | skipped |');
  expect(await copies.films()).toEqual(DAY_1);
  expect(await copies.tables()).toEqual(['films', 'films_loads', 'films_metrics']);
}

describe('a run whose files do not fit the table is refused before anything is copied', () => {
  test.each([
    [
      'type',
      'film_key, title, is_short, "order"::BIGINT AS "order", rating',
      'column 4: the contract wants order (integer), the file has order (INT64',
    ],
    [
      'count',
      'film_key, title, is_short, "order"',
      'column 5: the contract wants rating (double), the file has none',
    ],
    [
      'order',
      'film_key, is_short, title, "order", rating',
      'column 2: the contract wants title (varchar), the file has is_short (boolean)',
    ],
  ])('for another %s of columns', async (_what, columns, why) => {
    const run = await writeRun(join(copies.work, 'bad'), [filmsSelect(DAY_2), withColumns(columns)], {
      run_id: 'bad',
    });
    await expectRefusal(await copies.uploadRun(run), 'failed-data', ['run=bad/part-1.parquet', why]);
  });

  test('for text that is too wide', async () => {
    const schema = FILMS.columns.map(({ name, type }) => ({
      name,
      type,
      max_bytes: name === 'title' ? 41 : 5,
    }));
    const run = await writeFilms(join(copies.work, 'wide'), DAY_2, { run_id: 'wide', schema });
    await expectRefusal(await copies.uploadRun(run), 'failed-data', [
      'column title: the contract allows 40 bytes, the widest value has 41',
    ]);
  });

  test('for a file that is missing', async () => {
    const run = await writeRun(join(copies.work, 'gone'), [filmsSelect(DAY_2)], { run_id: 'gone' });
    const files = [...run.manifest.files, { path: 'part-7.parquet', bytes: 900, rows: 0 }];
    const part0 = await readFile(join(run.folder, 'part-0.parquet'));
    await writeFile(join(run.folder, 'part-7.parquet'), part0);
    const manifest = await copies.uploadRun({ ...run, manifest: { ...run.manifest, files } });
    await copies.remove(manifest.replace('manifest.json', 'part-7.parquet'));
    await expectRefusal(manifest, 'failed-data', ['run=gone/part-7.parquet', 'it is not there']);
  });

  test('for a file of another size', async () => {
    const run = await writeRun(join(copies.work, 'cut'), [filmsSelect(DAY_2)], { run_id: 'cut' });
    const path = join(run.folder, 'part-0.parquet');
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 100));
    await expectRefusal(await copies.uploadRun(run), 'failed-data', [
      `the manifest says ${whole.length} bytes, the file has 100`,
    ]);
  });

  test('for a file of the same size and other bytes', async () => {
    const manifest = await copies.upload(2, DAY_2);
    const file = manifest.replace('manifest.json', 'part-0.parquet');
    const bytes = await copies.content(file);
    // Among the values: what the footer tells is as it was.
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await copies.overwrite(file, bytes);
    await expectRefusal(manifest, 'failed-data', [
      'A Parquet file is not the one that the run wrote',
      'run=run-of-day-2/part-0.parquet',
      'the manifest says ETag',
      'write the run anew under another run id',
    ]);
  });
});

test('a manifest that is not there is told with its address', async () => {
  const manifest = (await copies.upload(2, DAY_2)).replace('run=run-of-day-2', 'run=none');
  await expectRefusal(manifest, 'failed-data', ["The run's manifest is not usable", manifest]);
});

test('a published table of another type than the contract’s is told with both types', async () => {
  const columns = FILMS.columns.map((column) =>
    column.name === 'title' ? { ...column, max_bytes: 80 } : column,
  );
  const manifest = await copies.upload(2, DAY_2);
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  await copies.writeContract({ ...FILMS, columns });
  const { outputs, annotations } = await copies.run({ manifest });
  expect(outputs.outcome).toBe('failed-data');
  expect(annotations.find(({ level }) => level === 'error')?.message).toContain(
    'column title: the contract wants VARCHAR(80), the table has VARCHAR(40)',
  );
  expect(await copies.films()).toEqual(DAY_1);
});

test('a run with far fewer rows than the last is refused, unless the ratio allows it', async () => {
  const manifest = await copies.upload(2, DAY_2.slice(0, 4));
  await expectRefusal(manifest, 'failed-data', ['4 rows, the last load had 9', 'at least 9']);
  const { outputs } = await copies.run({ manifest, 'min-rows-ratio': '0.4' });
  expect(outputs).toMatchObject({ outcome: 'succeeded', 'rows-total': '4' });
});

test('a key that stands twice is refused after staging', async () => {
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  const doubled = await copies.upload(2, [...DAY_2, ...DAY_2.slice(0, 1)]);
  const { outputs, annotations } = await copies.run({ manifest: doubled, mode: 'merge' });
  expect(outputs).toMatchObject({ outcome: 'failed-data', 'rows-staged': '10' });
  expect(annotations.find(({ level }) => level === 'error')?.message).toContain(
    '10 rows share 9 values of film_key',
  );
  expect(await copies.films()).toEqual(DAY_1);
});

test('checks that fail keep the staged run from being published', async () => {
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  const checks = [
    { name: 'rated', kind: 'not_null', column: 'rating', description: 'Films have ratings.', error: '> 1' },
  ];
  await writeFile(join(copies.work, 'films.checks.yml'), JSON.stringify({ checks }));
  const manifest = await copies.upload(2, DAY_2);
  const refused = await copies.run({ manifest, checks: 'films.checks.yml' });
  expect(refused.outputs.outcome).toBe('failed-data');
  expect(refused.annotations.find(({ level }) => level === 'error')?.message).toContain(
    'rated measured 2 (error: > 1)',
  );
  expect(await copies.films()).toEqual(DAY_1);
});
