import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import type { CheckSubject } from '../../actions/shared/src/checks/check-subject.ts';
import { readChecks } from '../../actions/shared/src/checks/checks-file.ts';
import { runChecks } from '../../actions/shared/src/checks/run-checks.ts';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { quoteLiteral } from '../../actions/shared/src/sql-text.ts';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildRun } from '../transform/build-run.ts';
import { createSubject } from './check-films.ts';

const folder = await temporaryFolder();
const checks = await readChecks(files.checks);
let run: FinishedRun;
let untouched: readonly CheckResult[];

/** A title of the sample with a rating, a director and a year. */
const VICTIM = `(SELECT min(title_key) FROM sample WHERE title_type = 'movie' AND average_rating > 1
AND num_votes > 0 AND has_directors AND release_year IS NOT NULL AND end_year IS NULL AND num_of_genres > 0)`;

/** Checks the sample after the statements have been at it; its table is `sample`. */
async function check(statements: readonly string[], subject: Partial<CheckSubject> = {}) {
  const warehouse = await openDuckdbWarehouse(':memory:', { attempts: 1, pauseMs: 0 });
  try {
    const parquet = quoteLiteral(join(run.folder, '*.parquet'));
    const read = `read_parquet(${parquet}, hive_partitioning = false)`;
    for (const sql of [`CREATE TABLE sample AS SELECT * FROM ${read}`, ...statements]) {
      await warehouse.query({ sql });
    }
    const { manifest } = run;
    const lastRows = manifest.rows;
    const now = new Date(manifest.source_date);
    const given = {
      table: 'sample',
      key: 'title_key',
      manifest,
      lastRows,
      now,
      sourceDate: manifest.source_date,
    };
    return await runChecks(warehouse, createSubject({ ...given, ...subject }), checks);
  } finally {
    await warehouse.close();
  }
}

/** The checks that find something in another number than in the sample as it is, with their status. */
function changed(results: readonly CheckResult[]): unknown[] {
  const before = new Map(untouched.map((result) => [result.name, result]));
  return results
    .filter(({ status }) => status !== 'pass')
    .filter(({ name, status, measured }) => {
      const was = before.get(name);
      return status !== was?.status || measured !== was.measured;
    })
    .map(({ name, status }) => `${name}: ${status}`);
}

beforeAll(async () => {
  run = await buildRun('duckdb', files.sample, folder);
  untouched = await check([]);
});

test('the sample as it is fails no check, and all could run', () => {
  const told = untouched.filter(({ status }) => status === 'error' || status === 'not-run');
  expect(told).toEqual([]);
});

test.each([
  ['a title without a key', 'title_key = NULL', ['title_key_present: error']],
  ['a key that stands twice', 'title_key = (SELECT max(title_key) FROM sample)', ['title_key_unique: error']],
  ['a key that is a name', "title_key = 'nm0000001'", ['title_key_form: error']],
  ['a title without a name', 'primary_title = NULL', ['primary_title_present: error']],
  ['a title without an original name', 'original_title = NULL', ['original_title_present: error']],
  ['a title without a type', 'title_type = NULL', ['title_type_present: error']],
  ['no word on directors', 'has_directors = NULL', ['has_directors_present: error']],
  ['no word on writers', 'has_writers = NULL', ['has_writers_present: error']],
  ['no word on the end', 'has_ended = NULL', ['has_ended_present: error']],
  ['genres that nobody counted', 'num_of_genres = NULL', ['num_of_genres_present: error']],
  ['directors that nobody counted', 'num_directors = NULL', ['num_directors_present: error']],
  ['writers that nobody counted', 'num_writers = NULL', ['num_writers_present: error']],
  ['a type that nobody knows', "title_type = 'hologram'", ['title_type_known: warn']],
  [
    'a negative rating',
    'average_rating = -1',
    ['average_rating_not_negative: error', 'average_rating_in_scale: error'],
  ],
  ['a rating out of the scale', 'average_rating = 10.1', ['average_rating_in_scale: error']],
  ['negative votes', 'num_votes = -1', ['num_votes_not_negative: error']],
  ['a rating that nobody gave', 'num_votes = NULL', ['rating_and_votes_together: warn']],
  ['directors that are denied', 'has_directors = FALSE', ['has_directors_agrees: error']],
  ['writers that are not counted', 'has_writers = TRUE, num_writers = 0', ['has_writers_agrees: error']],
  ['an end that is denied', 'end_year = 2999, has_ended = FALSE', ['has_ended_agrees: error']],
  ['more genres than there may be', 'num_of_genres = 4', ['num_of_genres_in_scale: warn']],
] as const)('%s is caught', async (_what, change, expected) => {
  const results = await check([`UPDATE sample SET ${change} WHERE title_key = ${VICTIM}`]);
  expect(changed(results)).toEqual(expected);
});

test('ends before the release are caught, in number', async () => {
  const results = await check([
    'UPDATE sample SET end_year = release_year - 1, has_ended = TRUE WHERE release_year IS NOT NULL',
  ]);
  expect(changed(results)).toEqual(['ends_after_release: error']);
});

test.each([
  [
    'a table that lost a tenth',
    'DELETE FROM sample WHERE title_key IN (SELECT title_key FROM sample LIMIT 60)',
    'rows_against_last_load: error',
  ],
  ['a table that lost all', 'DELETE FROM sample', 'table_has_rows: error'],
] as const)('%s is caught', async (_what, sql, expected) => {
  expect(changed(await check([sql]))).toContain(expected);
});

test.each([
  ['names_found', 'names_missing', 'names_looked_up'],
  ['years_parsed', 'unparsed_release_year', null],
  ['runtimes_parsed', 'unparsed_runtime_minutes', null],
  ['names_unique', 'doubled_names', null],
] as const)('%s catches a run whose %s are too many', async (name, metric, of) => {
  const { manifest } = run;
  const many = of === null ? 400 : manifest.metrics[of];
  const metrics = { ...manifest.metrics, [metric]: many ?? 0 };
  expect(changed(await check([], { manifest: { ...manifest, metrics } }))).toEqual([`${name}: error`]);
});

test('rejects in number, a late source and what moved far are caught', async () => {
  const { manifest } = run;
  const rejects = { total: 400, path: 'rejects.jsonl' };
  const rejected = { ...manifest, rejects };
  expect(changed(await check([], { manifest: rejected }))).toEqual(['records_accepted: error']);
  const late = new Date(Date.parse(manifest.source_date) + 37 * 3_600_000);
  expect(changed(await check([], { now: late }))).toEqual(['source_is_fresh: warn']);
  const past = { load_number: 1, load_id: 'load-1', value: 100 };
  const history = [
    { ...past, name: 'rated_titles_drift', metric: 'null_share' },
    { ...past, name: 'average_rating_drift', metric: 'mean' },
    { ...past, name: 'title_types_drift', metric: 'distinct_count' },
  ];
  expect(changed(await check([], { history }))).toEqual([
    'rated_titles_drift: warn',
    'average_rating_drift: warn',
    'title_types_drift: warn',
  ]);
});
