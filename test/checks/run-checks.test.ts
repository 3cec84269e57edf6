import { describe, expect, test } from '@jest/globals';
import { runChecks } from '../../actions/shared/src/checks/run-checks.ts';
import { PipelineError } from '../../actions/shared/src/errors.ts';
import { duckdbDialect } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { failureOf } from '../contract/failure-of.ts';
import { createManifest, createSource } from '../lake/create-manifest.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Film } from '../warehouse/films.ts';
import { type CheckText, checkFilms, createSubject, parseChecks } from './check-films.ts';

const folder = await temporaryFolder();

/** 100 films in which every check of the table below has something to find in a known number of rows. */
const FILMS: readonly Film[] = Array.from({ length: 100 }, (_, number): Film => {
  const key = `key-${String(number).padStart(3, '0')}`;
  return [key, `Title ${number % 96}`, number % 2 === 0, number, number / 10];
});
const WITH_NULLS: readonly Film[] = FILMS.map((film, number) =>
  number < 3 ? [film[0], null, null, null, null] : film,
);

/** Each kind of check with the number of rows it finds in WITH_NULLS, and the keys of them. */
const KINDS: readonly (readonly [
  what: string,
  check: CheckText,
  measured: number,
  keys: readonly string[],
])[] = [
  ['not_null counts nulls', { kind: 'not_null', column: 'title' }, 3, ['key-000', 'key-001', 'key-002']],
  // Title 0 to 3 stand twice, yet those with the numbers 0 to 2 are null: only Title 3 is doubled.
  [
    'unique counts values that are there already, and no nulls',
    { kind: 'unique', column: 'title' },
    1,
    ['Title 3'],
  ],
  [
    'range counts what lies below its min, and no nulls',
    { kind: 'range', column: 'order', min: 5 },
    2,
    ['key-003', 'key-004'],
  ],
  [
    'range counts what lies above its max, and no nulls',
    { kind: 'range', column: 'rating', max: 9.7 },
    2,
    ['key-098', 'key-099'],
  ],
  [
    'range with both bounds counts both sides, bounds not included',
    { kind: 'range', column: 'order', min: 4, max: 98 },
    2,
    ['key-003', 'key-099'],
  ],
  [
    'range takes negative and small bounds',
    { kind: 'range', column: 'rating', min: -1e-7, max: 9.8 },
    1,
    ['key-099'],
  ],
  // 10 to 95 have two digits, 96 to 99 begin again at 0: four of one digit, and 3 to 9 before.
  [
    'pattern counts what does not match, and no nulls',
    { kind: 'pattern', column: 'title', pattern: '^Title (\\d{2}|[4-9])$' },
    5,
    ['key-003', 'key-096', 'key-097', 'key-098', 'key-099'],
  ],
  [
    'expression counts what is false, and not what is unknown',
    {
      kind: 'expression',
      expression: 'is_short = (order_is_even)'.replace(
        '(order_is_even)',
        '("order" % 2 = 0 OR "order" = 51)',
      ),
    },
    1,
    ['key-051'],
  ],
];

describe('a check of the kind', () => {
  test.each(KINDS)('%s', async (_what, check, measured, keys) => {
    const checks = [
      { ...check, warn: `> ${measured}` },
      { ...check, warn: `>= ${measured}` },
      { ...check, warn: `> 0`, error: `>= ${measured}%` },
    ];
    const [passed, warned, failed] = await checkFilms(folder, WITH_NULLS, checks);
    expect(passed).toMatchObject({ status: 'pass', measured, share: null, sample_keys: [], reason: null });
    expect(warned).toMatchObject({ status: 'warn', measured, share: null, sample_keys: keys });
    expect(failed).toMatchObject({ status: 'error', measured, share: measured, sample_keys: keys });
    expect(failed).toMatchObject({ warn: '> 0', error: `>= ${measured}%`, column: check.column ?? null });
  });

  test('row_count counts rows', async () => {
    const [passed, warned] = await checkFilms(folder, FILMS, [
      { kind: 'row_count', error: '< 100' },
      { kind: 'row_count', warn: '< 101' },
    ]);
    expect(passed).toMatchObject({ status: 'pass', measured: 100, sample_keys: [] });
    expect(warned).toMatchObject({ status: 'warn', measured: 100, sample_keys: [] });
  });

  test.each([
    [100, 'pass', 100],
    [101, 'warn', (100 * 100) / 101],
    [105, 'warn', (100 * 100) / 105],
    [106, 'error', (100 * 100) / 106],
    [50, 'pass', 200],
  ])('row_count_change against %d rows of the last load: %s', async (lastRows, status, share) => {
    const check = { kind: 'row_count_change', warn: '< 99.9%', error: '< 95%' };
    const [result] = await checkFilms(folder, FILMS, [check], { lastRows });
    expect(result).toMatchObject({ status, measured: 100 });
    expect(result?.share).toBeCloseTo(share, 10);
  });

  test('row_count_change passes the first load and says that there is none before it', async () => {
    const [result] = await checkFilms(folder, FILMS, [{ kind: 'row_count_change', error: '< 95%' }]);
    expect(result).toMatchObject({ status: 'pass', measured: 100, share: null, base: null });
    expect(result?.reason).toContain('first load');
  });

  test('row_count_change passes films where the last load had none at all', async () => {
    const check = { kind: 'row_count_change', error: '< 95%' };
    const [result] = await checkFilms(folder, FILMS, [check], { lastRows: 0 });
    expect(result).toMatchObject({ status: 'pass', measured: 100 });
  });

  test('manifest_metric compares counts of the manifest', async () => {
    const manifest = createManifest({
      rows: 200,
      rejects: { total: 3, path: 'rejects.jsonl' },
      sources: [createSource({ rows: 400 }), createSource({ dataset: 'name.basics', rows: 200 })],
      metrics: { names_missing: 5, names_looked_up: 50 },
    });
    const checks = [
      {
        kind: 'manifest_metric',
        metric: 'names_missing',
        of: 'names_looked_up',
        warn: '>= 10%',
        error: '> 10%',
      },
      { kind: 'manifest_metric', metric: 'rejects', of: 'source_records', error: '>= 0.5%' },
      { kind: 'manifest_metric', metric: 'rejects', of: 'rows', error: '> 1.5%' },
    ];
    const results = await checkFilms(folder, FILMS, checks, { manifest });
    expect(results).toMatchObject([
      { status: 'warn', measured: 5, share: 10, sample_keys: [] },
      { status: 'error', measured: 3, share: 0.5 },
      { status: 'pass', measured: 3, share: 1.5 },
    ]);
  });
});

describe('a check that cannot be measured', () => {
  const sound = { kind: 'not_null', column: 'film_key', error: '> 0' };
  test.each([
    ['names a column that is not there', { kind: 'not_null', column: 'tilte' }, /tilte/],
    ['compares text with a number', { kind: 'range', column: 'title', min: 1 }, /.+/],
    ['has a syntax error', { kind: 'expression', expression: 'rating >' }, /syntax error/],
    ['has an unbalanced bracket', { kind: 'expression', expression: 'rating > 0)' }, /syntax error/],
    ['has a pattern that is none', { kind: 'pattern', column: 'title', pattern: '(' }, /missing \)|regex/i],
    ['fails only on some rows', { kind: 'expression', expression: 'CAST(title AS INTEGER) > 0' }, /Title/],
    [
      'names a metric that is not there',
      { kind: 'manifest_metric', metric: 'name_missing', of: 'rows' },
      /no metric name_missing; it has .*source_records/,
    ],
    [
      'names a base that is not there',
      { kind: 'manifest_metric', metric: 'rows', of: 'lines' },
      /no metric lines/,
    ],
    [
      'names what every object has',
      { kind: 'manifest_metric', metric: 'constructor', of: 'rows' },
      /no metric constructor/,
    ],
  ])(
    'because it %s is not run, never passed, and keeps no other from running',
    async (_what, check, reason) => {
      const results = await checkFilms(folder, FILMS, [
        sound,
        { ...check, warn: '> 0' },
        { ...sound, error: '= 0' },
      ]);
      expect(results.map(({ status }) => status)).toEqual(['pass', 'not-run', 'error']);
      expect(results[1]).toMatchObject({ measured: null, share: null, sample_keys: [] });
      expect(results[1]?.reason).toMatch(reason);
    },
  );

  test('on an empty table is not run, save for the count of the rows', async () => {
    const onRows = KINDS.map(([, check]) => ({ ...check, error: '> 0' }));
    const change = { kind: 'row_count_change', error: '< 95%' };
    const rows = { kind: 'row_count', error: '< 1' };
    const results = await checkFilms(folder, [], [...onRows, change, rows], { lastRows: 100 });
    expect(results.map(({ status }) => status)).toEqual([...onRows.map(() => 'not-run'), 'not-run', 'error']);
    expect(results[0]?.reason).toBe('the table is empty');
  });
});

describe('a warehouse that refuses', () => {
  // Of a warehouse that only refuses, nothing but its query and its dialect is asked.
  const unused = { dialect: duckdbDialect } as Warehouse;
  const refusing = (kind: 'cancelled' | 'timed-out' | 'failed-infra'): Warehouse => ({
    ...unused,
    query: () =>
      Promise.reject(
        new PipelineError({ kind, what: 'It ended', where: 'here', why: 'a reason', done: '', next: '' }),
      ),
  });

  test.each(['cancelled', 'timed-out'] as const)('because the run was %s ends the checks', async (kind) => {
    const checks = await parseChecks(folder, [{ kind: 'row_count', error: '< 1' }]);
    expect(await failureOf(runChecks(refusing(kind), createSubject(), checks))).toMatchObject({ kind });
  });

  test('for another reason leaves each check not run, with that reason', async () => {
    const checks = await parseChecks(folder, [{ kind: 'row_count', error: '< 1' }]);
    const [result] = await runChecks(refusing('failed-infra'), createSubject(), checks);
    expect(result).toMatchObject({ status: 'not-run', reason: 'It ended: a reason' });
  });
});
