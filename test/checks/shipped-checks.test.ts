import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import type { CheckSubject } from '../../actions/shared/src/checks/check-subject.ts';
import { readChecks } from '../../actions/shared/src/checks/checks-file.ts';
import { refuseFailedChecks } from '../../actions/shared/src/checks/refuse-failed-checks.ts';
import { runChecks } from '../../actions/shared/src/checks/run-checks.ts';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import type { SqlValue } from '../../actions/shared/src/duckdb.ts';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import type { PastMetric } from '../../actions/shared/src/warehouse/metrics.ts';
import { createStagingTable } from '../../actions/shared/src/warehouse/tables.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import type { ExpectedRow } from '../expected-sample.ts';
import { createManifest, createSource } from '../lake/create-manifest.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { openFilms } from '../warehouse/open-films.ts';
import { startRedshiftFilms } from '../warehouse/redshift-films.ts';
import { createSubject } from './check-films.ts';

const parent = await temporaryFolder();
const redshift = startRedshiftFilms();
const contract = await readContract(files.contract);
const checks = await readChecks(files.checks);

/** A title, which a defect may deprive of what the contract wants. */
type Title = { readonly [Column in keyof ExpectedRow]: ExpectedRow[Column] | null };

/** Good titles: with and without rating, years and crew, at the ends of the scale. */
const GOOD: readonly Title[] = Array.from(
  { length: 200 },
  (_, number): Title => ({
    title_key: `tt${String(number).padStart(7, '0')}`,
    primary_title: number === 0 ? 'NA' : `Title ${number}`,
    original_title: number === 1 ? '' : `Titel ${number}`,
    title_type: 'movie',
    directors: number % 2 === 0 ? 'Ann Example' : null,
    writers: null,
    genres: 'Drama',
    has_directors: number % 2 === 0,
    has_writers: false,
    has_ended: number === 3,
    num_of_genres: 1,
    release_year: number === 2 ? null : 1950,
    end_year: number === 3 ? 1950 : null,
    average_rating: [null, 1, 10, 5.5][number % 4] ?? null,
    num_votes: [null, 0, 5, 2_000_000][number % 4] ?? null,
    runtime_minutes: number % 3 === 0 ? null : 90,
    num_directors: number % 2 === 0 ? 2 : 0,
    num_writers: 0,
  }),
);

const METRICS = {
  names_missing: 0,
  names_looked_up: 1000,
  unparsed_release_year: 0,
  unparsed_runtime_minutes: 0,
  doubled_names: 0,
};
const MANIFEST = createManifest({
  rows: GOOD.length,
  sources: [createSource({ rows: 5000 }), createSource({ dataset: 'name.basics', rows: 5000 })],
  metrics: METRICS,
});

async function check(titles: readonly Title[], subject: Partial<CheckSubject> = {}): Promise<CheckResult[]> {
  const file = join(await mkdtemp(join(parent, 'shipped-')), 'warehouse.duckdb');
  const warehouse = await openDuckdbWarehouse(file, { attempts: 1, pauseMs: 0 });
  try {
    return await checkIn(warehouse, titles, subject);
  } finally {
    await warehouse.close();
  }
}

async function checkIn(
  warehouse: Warehouse,
  titles: readonly Title[],
  subject: Partial<CheckSubject> = {},
): Promise<CheckResult[]> {
  const table = 'imdb_titles_staging_1';
  const { dialect } = warehouse;
  await warehouse.query({ sql: createStagingTable(table, contract, dialect) });
  const text = (value: SqlValue) => (typeof value === 'string' ? dialect.literal(value) : String(value));
  const rows = titles.map((title) => `(${Object.values(title).map(text).join(', ')})`);
  if (rows.length > 0) {
    const columns = Object.keys(GOOD[0] ?? {}).join(', ');
    await warehouse.query({ sql: `INSERT INTO ${table} (${columns}) VALUES ${rows.join(', ')}` });
  }
  const whole = { table, key: contract.key, manifest: MANIFEST, lastRows: GOOD.length, ...subject };
  return runChecks(warehouse, createSubject(whole), checks);
}

/** The good titles with the eighth changed. */
function withDefect(difference: Partial<Title>): readonly Title[] {
  return GOOD.map((title, index) => (index === 7 ? { ...title, ...difference } : title));
}

function withMetrics(metrics: Partial<typeof METRICS>): Partial<CheckSubject> {
  return { manifest: { ...MANIFEST, metrics: { ...METRICS, ...metrics } } };
}

function withRejects(total: number): Partial<CheckSubject> {
  return { manifest: { ...MANIFEST, rejects: { total, path: 'rejects.jsonl' } } };
}

/** What the last load measured. */
function past(name: string, metric: string, value: number): PastMetric {
  return { load_number: 1, load_id: 'load-1', name, metric, value };
}

/** The results that did not pass, as name, status, measure and keys. */
function unpassed(results: readonly CheckResult[]): unknown[] {
  return results
    .filter(({ status }) => status !== 'pass')
    .map(({ name, status, measured, sample_keys }) => [name, status, measured, ...sample_keys]);
}

const SHRUNK = GOOD.slice(0, 180);
const KEY = 'tt0000007';

describe('the shipped checks', () => {
  test('hold what the contract says is never null', () => {
    const held = checks.flatMap((one) =>
      one.kind === 'not_null' && one.where === undefined && one.error?.text === '> 0' ? [one.column] : [],
    );
    const mandatory = contract.columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
    expect(held.toSorted()).toEqual(mandatory.toSorted());
  });

  test('pass good titles, on the first load and on a later one', async () => {
    expect(unpassed(await check(GOOD))).toEqual([]);
    expect(unpassed(await check(GOOD, { lastRows: null }))).toEqual([]);
  });

  test.each<[string, readonly Title[], Partial<CheckSubject>, unknown[][]]>([
    ['a null key', withDefect({ title_key: null }), {}, [['title_key_present', 'error', 1, 'null']]],
    [
      'a doubled key',
      withDefect({ title_key: 'tt0000009' }),
      {},
      [['title_key_unique', 'error', 1, 'tt0000009']],
    ],
    [
      'a key without tt',
      withDefect({ title_key: '0000007' }),
      {},
      [['title_key_form', 'error', 1, '0000007']],
    ],
    [
      'a key with a letter',
      withDefect({ title_key: 'tt00000O7' }),
      {},
      [['title_key_form', 'error', 1, 'tt00000O7']],
    ],
    [
      'a key with a line break',
      withDefect({ title_key: 'tt1\n' }),
      {},
      [['title_key_form', 'error', 1, 'tt1\n']],
    ],
    ['an empty key', withDefect({ title_key: '' }), {}, [['title_key_form', 'error', 1, '']]],
    [
      'a negative rating',
      withDefect({ average_rating: -0.1 }),
      {},
      [
        ['average_rating_not_negative', 'error', 1, KEY],
        ['average_rating_in_scale', 'error', 1, KEY],
      ],
    ],
    ['a rating of 0', withDefect({ average_rating: 0 }), {}, [['average_rating_in_scale', 'error', 1, KEY]]],
    [
      'a rating of 11',
      withDefect({ average_rating: 11 }),
      {},
      [['average_rating_in_scale', 'error', 1, KEY]],
    ],
    ['negative votes', withDefect({ num_votes: -1 }), {}, [['num_votes_not_negative', 'error', 1, KEY]]],
    ['a null title', withDefect({ primary_title: null }), {}, [['primary_title_present', 'error', 1, KEY]]],
    [
      'a null original title',
      withDefect({ original_title: null }),
      {},
      [['original_title_present', 'error', 1, KEY]],
    ],
    ['a null type', withDefect({ title_type: null }), {}, [['title_type_present', 'error', 1, KEY]]],
    [
      'directors that are counted and denied',
      withDefect({ has_directors: false, num_directors: 2 }),
      {},
      [['has_directors_agrees', 'error', 1, KEY]],
    ],
    [
      'a writer that is claimed and not counted',
      withDefect({ has_writers: true }),
      {},
      [['has_writers_agrees', 'error', 1, KEY]],
    ],
    [
      'one end before the release',
      withDefect({ end_year: 1949, has_ended: true }),
      {},
      [['ends_after_release', 'warn', 1, KEY]],
    ],
    [
      'more than 1 % of ends before the release',
      GOOD.map((title, index) =>
        index >= 7 && index < 10 ? { ...title, end_year: 1949, has_ended: true } : title,
      ),
      {},
      [['ends_after_release', 'error', 3, KEY, 'tt0000008', 'tt0000009']],
    ],
    ['an end that is denied', withDefect({ end_year: 1960 }), {}, [['has_ended_agrees', 'error', 1, KEY]]],
    ['an end without a year', withDefect({ has_ended: true }), {}, [['has_ended_agrees', 'error', 1, KEY]]],
    ['a new type', withDefect({ title_type: 'hologram' }), {}, [['title_type_known', 'warn', 1, KEY]]],
    ['a type in capitals', withDefect({ title_type: 'Movie' }), {}, [['title_type_known', 'warn', 1, KEY]]],
    ['a fourth genre', withDefect({ num_of_genres: 4 }), {}, [['num_of_genres_in_scale', 'warn', 1, KEY]]],
    [
      'genres below none',
      withDefect({ num_of_genres: -1 }),
      {},
      [['num_of_genres_in_scale', 'warn', 1, KEY]],
    ],
    [
      'a rating without votes',
      withDefect({ num_votes: null }),
      {},
      [['rating_and_votes_together', 'warn', 1, KEY]],
    ],
    [
      'votes without a rating',
      withDefect({ average_rating: null }),
      {},
      [['rating_and_votes_together', 'warn', 1, KEY]],
    ],
    [
      'files of two days ago',
      GOOD,
      { sourceDate: '2026-11-21T06:00:00.000Z', now: new Date('2026-11-23T06:00:00.000Z') },
      [['source_is_fresh', 'warn', 48]],
    ],
    // A quarter of the good titles has no rating; the others are 1, 10 and 5.5, 5.5 in the middle.
    [
      'ratings that half the titles had, and better ones',
      GOOD,
      {
        history: [
          past('rated_titles_drift', 'null_share', 0.5),
          past('average_rating_drift', 'mean', 5.7),
          past('title_types_drift', 'distinct_count', 11),
        ],
      },
      [
        ['rated_titles_drift', 'warn', 0.25],
        ['average_rating_drift', 'warn', 5.5],
        ['title_types_drift', 'warn', 1],
      ],
    ],
    [
      'hardly any drift',
      GOOD,
      {
        history: [
          past('rated_titles_drift', 'null_share', 0.254),
          past('average_rating_drift', 'mean', 5.41),
          past('title_types_drift', 'distinct_count', 1),
        ],
      },
      [],
    ],
    ['a table of 90 % of the last load', SHRUNK, {}, [['rows_against_last_load', 'error', 180]]],
    ['a table of 99.5 % of the last load', GOOD.slice(0, 199), {}, [['rows_against_last_load', 'warn', 199]]],
    ['one reject', GOOD, withRejects(1), [['records_accepted', 'warn', 1]]],
    ['rejects of just 0.5 %', GOOD, withRejects(50), [['records_accepted', 'warn', 50]]],
    ['rejects of more than 0.5 %', GOOD, withRejects(51), [['records_accepted', 'error', 51]]],
    ['1 % of the names missing', GOOD, withMetrics({ names_missing: 10 }), []],
    [
      'more than 1 % of the names missing',
      GOOD,
      withMetrics({ names_missing: 11 }),
      [['names_found', 'warn', 11]],
    ],
    [
      'more than 10 % of the names missing',
      GOOD,
      withMetrics({ names_missing: 101 }),
      [['names_found', 'error', 101]],
    ],
    [
      'a year that is no number',
      GOOD,
      withMetrics({ unparsed_release_year: 1 }),
      [['years_parsed', 'warn', 1]],
    ],
    [
      'years of which 5.5 % are no numbers',
      GOOD,
      withMetrics({ unparsed_release_year: 11 }),
      [['years_parsed', 'error', 11]],
    ],
    [
      'runtimes of which 5.5 % are no numbers',
      GOOD,
      withMetrics({ unparsed_runtime_minutes: 11 }),
      [['runtimes_parsed', 'error', 11]],
    ],
    ['a name that stands twice', GOOD, withMetrics({ doubled_names: 1 }), [['names_unique', 'warn', 1]]],
  ])('catch %s', async (_what, titles, subject, expected) => {
    expect(unpassed(await check(titles, subject))).toEqual(expected);
  });

  test.each([
    ['DuckDB', openFilms],
    ['Redshift', redshift.open],
  ])('measure a good table on %s in one query', async (_engine, open) => {
    const { warehouse } = await open(parent);
    const asked: string[] = [];
    const spy: Warehouse = {
      ...warehouse,
      query: (statement) => {
        if (statement.sql.startsWith('SELECT')) asked.push(statement.sql);
        return warehouse.query(statement);
      },
    };
    expect(unpassed(await checkIn(spy, GOOD))).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('find on Redshift what they find on DuckDB', async () => {
    // Every check on rows has something to find, in one title or in two.
    const broken: Partial<Title>[] = [
      { title_key: 'tt0000009', primary_title: null, original_title: null },
      { title_key: 'x\\8', title_type: 'hologram', average_rating: -1, num_votes: -1, num_of_genres: 4 },
      { title_type: null, has_directors: false, num_directors: 1, has_writers: true, num_votes: null },
      { end_year: 1949 },
      { title_key: null },
      { has_directors: null, has_writers: null, has_ended: null },
      { num_of_genres: null, num_directors: null, num_writers: null },
    ];
    const titles = GOOD.map((title, index) => ({ ...title, ...broken[index - 7] }));
    const { warehouse } = await redshift.open(parent);
    const onRedshift = await checkIn(warehouse, titles);
    expect(onRedshift).toEqual(await check(titles));
    const onRows = checks.filter(
      ({ kind }) =>
        !['row_count', 'row_count_change', 'freshness', 'drift', 'manifest_metric'].includes(kind),
    );
    const found = onRedshift.filter(({ status }) => status !== 'pass').map(({ name }) => name);
    expect(found).toEqual(onRows.map(({ name }) => name));
  });

  test('refuse an empty table, on the first load too', async () => {
    const results = await check([], { lastRows: null });
    expect(results.find(({ name }) => name === 'table_has_rows')?.status).toBe('error');
    expect(() => refuseFailedChecks(results, 'imdb_titles')).toThrow(
      'table_has_rows measured 0 (error: < 1)',
    );
  });
});
