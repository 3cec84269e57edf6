import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import { readChecks } from '../../actions/shared/src/checks/checks-file.ts';
import {
  type CheckSubject,
  refuseFailedChecks,
  runChecks,
} from '../../actions/shared/src/checks/run-checks.ts';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import type { SqlValue } from '../../actions/shared/src/duckdb.ts';
import { quoteLiteral } from '../../actions/shared/src/sql-text.ts';
import { duckdbDialect, openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { createStagingTable } from '../../actions/shared/src/warehouse/tables.ts';
import type { ExpectedRow } from '../expected-sample.ts';
import { createManifest, createSource } from '../lake/create-manifest.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const parent = await temporaryFolder();
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
    has_ended: false,
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
    const table = 'imdb_titles_staging_1';
    await warehouse.query({ sql: createStagingTable(table, contract, duckdbDialect) });
    const text = (value: SqlValue) => (typeof value === 'string' ? quoteLiteral(value) : String(value));
    const rows = titles.map((title) => `(${Object.values(title).map(text).join(', ')})`);
    if (rows.length > 0) {
      const columns = Object.keys(GOOD[0] ?? {}).join(', ');
      await warehouse.query({ sql: `INSERT INTO ${table} (${columns}) VALUES ${rows.join(', ')}` });
    }
    const whole = { table, key: contract.key, manifest: MANIFEST, lastRows: GOOD.length, ...subject };
    return await runChecks(warehouse, whole, checks);
  } finally {
    await warehouse.close();
  }
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

/** The results that did not pass, as name, status, measure and keys. */
function unpassed(results: readonly CheckResult[]): unknown[] {
  return results
    .filter(({ status }) => status !== 'pass')
    .map(({ name, status, measured, sample_keys }) => [name, status, measured, ...sample_keys]);
}

const SHRUNK = GOOD.slice(0, 180);
const KEY = 'tt0000007';

describe('the shipped checks', () => {
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
      withDefect({ end_year: 1949 }),
      {},
      [['ends_after_release', 'warn', 1, KEY]],
    ],
    [
      'more than 1 % of ends before the release',
      GOOD.map((title, index) => (index >= 7 && index < 10 ? { ...title, end_year: 1949 } : title)),
      {},
      [['ends_after_release', 'error', 3, KEY, 'tt0000008', 'tt0000009']],
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

  test('refuse an empty table, on the first load too', async () => {
    const results = await check([], { lastRows: null });
    expect(results.find(({ name }) => name === 'table_has_rows')?.status).toBe('error');
    expect(() => refuseFailedChecks(results, 'imdb_titles')).toThrow(
      'table_has_rows measured 0 (error: < 1)',
    );
  });
});
