import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import type { CheckSubject } from '../../actions/shared/src/checks/check-subject.ts';
import { refuseFailedChecks } from '../../actions/shared/src/checks/refuse-failed-checks.ts';
import { runChecks } from '../../actions/shared/src/checks/run-checks.ts';
import { stageRun } from '../../actions/shared/src/warehouse/load.ts';
import type { Statement, Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { failureOf } from '../contract/failure-of.ts';
import { createManifest } from '../lake/create-manifest.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film } from '../warehouse/films.ts';
import { openFilms } from '../warehouse/open-films.ts';
import { startRedshiftFilms } from '../warehouse/redshift-films.ts';
import { type CheckText, createSubject, parseChecks } from './check-films.ts';

const folder = await temporaryFolder();
const redshift = startRedshiftFilms();

/** Films 3 to 99 with titles that begin again after 96, after three of which only the key is known. */
const HUNDRED = Array.from({ length: 100 }, (_, number): Film => {
  const key = `key-${String(number).padStart(3, '0')}`;
  return number < 3
    ? [key, null, null, null, null]
    : [key, `Title ${number % 96}`, number % 2 === 0, number, number / 10];
});

type Case = readonly [
  what: string,
  check: CheckText,
  measured: number,
  base: number,
  keys?: readonly string[],
];

/** Each kind of check that counts rows, with what it finds in HUNDRED, counted by hand. */
const COUNTING: readonly Case[] = [
  ['nulls', { kind: 'not_null', column: 'title' }, 3, 100, ['key-000', 'key-001', 'key-002']],
  [
    'nulls of some rows',
    { kind: 'not_null', column: 'title', where: "film_key < 'key-002'" },
    2,
    2,
    ['key-000', 'key-001'],
  ],
  ['doubled values', { kind: 'unique', column: 'title' }, 1, 100, ['Title 3']],
  [
    'doubled values of some rows',
    { kind: 'unique', column: 'title', where: '"order" IN (3, 4, 99)' },
    1,
    3,
    ['Title 3'],
  ],
  [
    'too small and too large',
    { kind: 'range', column: 'order', min: 4, max: 98 },
    2,
    100,
    ['key-003', 'key-099'],
  ],
  [
    'too large, by a fraction',
    { kind: 'range', column: 'rating', min: -1e-7, max: 9.8 },
    1,
    100,
    ['key-099'],
  ],
  [
    'too small, of some rows',
    { kind: 'range', column: 'order', min: 5, where: 'is_short' },
    1,
    48,
    ['key-004'],
  ],
  [
    'texts',
    { kind: 'accepted_values', column: 'title', values: ['Title 3', 'Title 4'], where: '"order" < 6' },
    1,
    3,
    ['key-005'],
  ],
  [
    'numbers',
    { kind: 'accepted_values', column: 'order', values: [3, 4.0], where: '"order" < 6' },
    1,
    3,
    ['key-005'],
  ],
  [
    'booleans',
    { kind: 'accepted_values', column: 'is_short', values: [true], where: '"order" < 6' },
    2,
    3,
    ['key-003', 'key-005'],
  ],
  // 10 to 95 have two digits; 96 to 99 begin again at 0, and 3 to 9 come before.
  [
    'what does not match',
    { kind: 'pattern', column: 'title', pattern: '^Title (\\d{2}|[4-9])$' },
    5,
    100,
    ['key-003', 'key-096', 'key-097', 'key-098', 'key-099'],
  ],
  [
    'bytes',
    { kind: 'max_bytes', column: 'title', max: 7, where: '"order" < 12' },
    2,
    9,
    ['key-010', 'key-011'],
  ],
  [
    'two columns',
    {
      kind: 'column_comparison',
      column: 'order',
      operator: '<=',
      other_column: 'rating',
      where: '"order" < 5 -- the first',
    },
    2,
    2,
    ['key-003', 'key-004'],
  ],
  [
    'an expression',
    { kind: 'expression', expression: 'is_short = ("order" % 2 = 0 OR "order" = 51)' },
    1,
    100,
    ['key-051'],
  ],
  ['rows', { kind: 'row_count' }, 100, 100, []],
  ['some rows', { kind: 'row_count', where: 'is_short' }, 48, 100, []],
];

const DRIFTS: readonly (readonly [metric: string, column: string, current: number])[] = [
  ['null_share', 'title', 0.03],
  // (3 + ... + 99) / 10 over 97 ratings; the three nulls are none of them.
  ['mean', 'rating', 5.1],
  ['mean', 'order', 51],
  ['distinct_count', 'title', 96],
];

/**
 * Each kind, once: what it judges in HUNDRED after a load of 80 rows, by hand, and the keys that it shows.
 * A threshold of `> judged` is not reached, one of `>= judged` is.
 */
const EVERY_KIND: readonly (readonly [check: CheckText, judged: number, keys: readonly string[]])[] = [
  [{ kind: 'row_count' }, 100, []],
  [{ kind: 'row_count_change' }, 100, []],
  [{ kind: 'not_null', column: 'title' }, 3, ['key-000', 'key-001', 'key-002']],
  [{ kind: 'unique', column: 'title' }, 1, ['Title 3']],
  [{ kind: 'range', column: 'order', min: 4, max: 98 }, 2, ['key-003', 'key-099']],
  [{ kind: 'accepted_values', column: 'order', values: [3, 4], where: '"order" < 6' }, 1, ['key-005']],
  [
    { kind: 'pattern', column: 'film_key', pattern: '[^7]$', where: '"order" < 20' },
    2,
    ['key-007', 'key-017'],
  ],
  [{ kind: 'max_bytes', column: 'title', max: 7, where: '"order" < 12' }, 2, ['key-010', 'key-011']],
  [
    {
      kind: 'column_comparison',
      column: 'order',
      operator: '<',
      other_column: 'rating',
      where: '"order" < 5',
    },
    2,
    ['key-003', 'key-004'],
  ],
  [{ kind: 'expression', expression: '"order" <> 51' }, 1, ['key-051']],
  // From 6 in the evening to half past six in the morning of the day after the next.
  [{ kind: 'freshness' }, 36.5, []],
  // The mean of 3 to 99 is 51; the last load had 48.
  [{ kind: 'drift', metric: 'mean', column: 'order' }, 3, []],
  [{ kind: 'manifest_metric', metric: 'rejects', of: 'rows' }, 7, []],
];

/** The subject that {@link EVERY_KIND} is judged by. */
const SUBJECT: Partial<CheckSubject> = {
  manifest: createManifest({ rows: 100, rejects: { total: 7, path: 'rejects.jsonl' } }),
  sourceDate: '2026-11-21T18:00:00.000Z',
  now: new Date('2026-11-23T06:30:00.000Z'),
  lastRows: 80,
};

const publishedKinds = z.object({
  properties: z.object({
    checks: z.object({
      items: z.object({
        oneOf: z.array(z.object({ properties: z.object({ kind: z.object({ const: z.string() }) }) })),
      }),
    }),
  }),
});

/** The share as a percentage, rounded down to four decimals for a threshold. */
function shareBelow(count: number, base: number): number {
  return Math.floor((1_000_000 * count) / base) / 10_000;
}

function refusalOf(results: readonly CheckResult[]) {
  return failureOf(new Promise((resolve) => resolve(refuseFailedChecks(results, 'films'))));
}

test('every kind that there is stands in the table', async () => {
  const schema = await readFile(join(root, 'sql', 'checks.schema.json'), 'utf8');
  const { oneOf } = publishedKinds.parse(JSON.parse(schema)).properties.checks.items;
  expect(EVERY_KIND.map(([{ kind }]) => kind)).toEqual(oneOf.map(({ properties }) => properties.kind.const));
});

describe.each([
  ['DuckDB', openFilms],
  ['Redshift', redshift.open],
])('on %s', (_engine, open) => {
  /** Stages the films and runs the checks on them. */
  async function checkStaged(
    films: readonly Film[],
    checks: readonly CheckText[],
    overrides: Partial<CheckSubject> = {},
    wrap = (warehouse: Warehouse) => warehouse,
  ): Promise<CheckResult[]> {
    const { warehouse, run } = await open(folder);
    const request = { contract: FILMS, run: await run(1, films), mode: 'replace', loadId: 'load' } as const;
    const table = await stageRun(warehouse, request);
    const subject = createSubject({ table, ...overrides });
    return runChecks(wrap(warehouse), subject, await parseChecks(folder, checks));
  }

  test('every kind passes, warns, fails and cannot run', async () => {
    const checks = EVERY_KIND.flatMap(([check, judged], index) => {
      const [below, reached] = [`> ${judged}`, `>= ${judged}`];
      return [
        { ...check, warn: below, error: below },
        { ...check, warn: reached, error: below },
        { ...check, warn: reached, error: reached },
      ].map((one, place) => ({ ...one, name: `${check.kind}_${index}_${place}` }));
    });
    const past = { load_number: 1, load_id: 'load-1', metric: 'mean', value: 48 };
    const subject = { ...SUBJECT, history: checks.map(({ name }) => ({ ...past, name })) };
    const told = (await checkStaged(HUNDRED, checks, subject)).map(
      ({ kind, status, sample_keys, reason }) => [kind, status, reason, ...sample_keys],
    );
    expect(told).toEqual(
      EVERY_KIND.flatMap(([{ kind }, , keys]) => [
        [kind, 'pass', null],
        [kind, 'warn', null, ...keys],
        [kind, 'error', null, ...keys],
      ]),
    );
    const unable = { ...subject, table: 'nowhere', manifest: null, sourceDate: null };
    const once = checks.filter((_, index) => index % 3 === 0);
    const results = await checkStaged(HUNDRED, once, unable);
    expect(results.map(({ kind, status, measured }) => [kind, status, measured])).toEqual(
      EVERY_KIND.map(([{ kind }]) => [kind, 'not-run', null]),
    );
    for (const { reason } of results) expect(reason).toMatch(/nowhere|not known/);
  });

  test('checks that count rows pass, warn and fail at their thresholds, and show keys', async () => {
    const checks = COUNTING.flatMap(([, check, measured, base]) => [
      { ...check, warn: `> ${measured}` },
      { ...check, warn: `>= ${measured}` },
      { ...check, warn: '> 0', error: `>= ${shareBelow(measured, base)}%` },
      { ...check, warn: '> 0', error: `> ${shareBelow(measured, base) + 0.001}%` },
    ]);
    const results = await checkStaged(HUNDRED, checks);
    COUNTING.forEach(([what, { column = null }, measured, base, keys = []], index) => {
      const [passed, warned, failed, under] = results.slice(4 * index, 4 * index + 4);
      const common = { measured, base, column, reason: null };
      expect([what, passed]).toMatchObject([
        what,
        { ...common, status: 'pass', share: null, sample_keys: [] },
      ]);
      expect([what, warned]).toMatchObject([
        what,
        { ...common, status: 'warn', share: null, sample_keys: keys },
      ]);
      expect([what, under]).toMatchObject([what, { ...common, status: 'warn', sample_keys: keys }]);
      expect([what, failed]).toMatchObject([what, { ...common, status: 'error' }]);
      expect(failed?.share).toBeCloseTo((100 * measured) / base, 10);
    });
    expect(results).toHaveLength(checks.length);
  });

  test('all of them are asked for in one query, and keys only of what failed', async () => {
    const asked: string[] = [];
    const spy = (warehouse: Warehouse): Warehouse => ({
      ...warehouse,
      query: (statement: Statement) => {
        asked.push(statement.sql);
        return warehouse.query(statement);
      },
    });
    const drifts = DRIFTS.map(([metric, column]) => ({ kind: 'drift', metric, column, warn: '> 1%' }));
    const passing = COUNTING.map(([, check]) => ({ ...check, warn: '> 100' }));
    const failing = { kind: 'not_null', column: 'title', error: '> 0' };
    await checkStaged(HUNDRED, [...passing, ...drifts, failing], {}, spy);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toContain('LIMIT 20');
  });

  test('column_comparison counts where it is false, and not where it is unknown', async () => {
    const films: Film[] = [
      ['equal', null, null, 1, 1],
      ['less', null, null, 1, 2],
      ['greater', null, null, 2, 1],
      ['unknown', null, null, null, 1],
      ['unknown-too', null, null, 1, null],
    ];
    const operators = ['<', '<=', '=', '!=', '>=', '>'];
    const comparison = { kind: 'column_comparison', column: 'order', other_column: 'rating', error: '> 0' };
    const results = await checkStaged(
      films,
      operators.map((operator) => ({ ...comparison, operator })),
    );
    expect(results.map(({ sample_keys }) => sample_keys)).toEqual([
      ['equal', 'greater'],
      ['greater'],
      ['greater', 'less'],
      ['equal'],
      ['less'],
      ['equal', 'less'],
    ]);
  });

  test('max_bytes counts bytes of UTF-8, not characters', async () => {
    const titles = ['Ærø', '🎬', 'abcde', 'abcd', '', null];
    const films = titles.map((title, index): Film => [`key-${index}`, title, null, null, null]);
    const [four, five] = await checkStaged(films, [
      { kind: 'max_bytes', column: 'title', max: 4, error: '> 0' },
      { kind: 'max_bytes', column: 'title', max: 5, error: '> 0' },
    ]);
    // Æ and ø have two bytes each, the clapper board four.
    expect(four).toMatchObject({ measured: 2, sample_keys: ['key-0', 'key-2'] });
    expect(five).toMatchObject({ status: 'pass', measured: 0 });
  });

  test('values and patterns are literals, whatever they hold', async () => {
    const titles = [
      "it's",
      '\\',
      'a\\nb',
      '"quoted"',
      "'; DROP TABLE films; --",
      ':load_id $1 ?',
      'Ærø 🎬',
      '\\\\',
    ];
    const films = titles.map((title, index): Film => [`key-${index}`, title, null, null, null]);
    const all = { kind: 'accepted_values', column: 'title', values: titles, error: '> 0' };
    const results = await checkStaged(films, [
      all,
      ...titles.map((_, index) => ({ ...all, values: titles.toSpliced(index, 1) })),
      { kind: 'pattern', column: 'title', pattern: "^(it's|\\\\|a\\\\nb)$", error: '> 0' },
      { kind: 'pattern', column: 'title', pattern: '^[^;]*$', error: '> 0' },
    ]);
    expect(results.map(({ sample_keys }) => sample_keys)).toEqual([
      [],
      ...titles.map((_, index) => [`key-${index}`]),
      ['key-3', 'key-4', 'key-5', 'key-6', 'key-7'],
      ['key-4'],
    ]);
  });

  test('a name is a name and nothing else, whatever it holds', async () => {
    const { warehouse } = await open(folder);
    const names = ['a"b', "a'b", 'a"; DROP TABLE films; --', 'a\\', 'a :load_id $1', 'select', ' '];
    for (const [index, name] of names.entries()) {
      const column = `"${name.replaceAll('"', '""')}"`;
      const table = `hostile_${index}`;
      await warehouse.transact([
        { sql: `CREATE TABLE ${table} (film_key VARCHAR(8), ${column} INTEGER)` },
        { sql: `INSERT INTO ${table} VALUES ('k1', 5), ('k2', NULL), ('k3', 5), ('k4', 4)` },
      ]);
      const checks = await parseChecks(folder, [
        { kind: 'not_null', column: name, error: '> 0' },
        { kind: 'unique', column: name, error: '> 0' },
        { kind: 'range', column: name, max: 4, error: '> 0' },
        { kind: 'accepted_values', column: name, values: [5], error: '> 0' },
        { kind: 'column_comparison', column: name, operator: '<', other_column: name, error: '> 3' },
        { kind: 'drift', metric: 'mean', column: name, error: '> 0' },
      ]);
      const results = await runChecks(warehouse, createSubject({ table }), checks);
      const found = results.map(({ measured, sample_keys }) => [measured, ...sample_keys]);
      expect([name, ...found]).toEqual([
        name,
        [1, 'k2'],
        [1, '5'],
        [2, 'k1', 'k3'],
        [1, 'k4'],
        [3],
        [expect.closeTo(14 / 3, 10)],
      ]);
    }
  });

  test('drift compares a metric with the last load, or the mean of the last loads', async () => {
    const past = (load_number: number, factor: number) =>
      DRIFTS.map(([metric, , current], index) => ({
        load_number,
        load_id: `load-${load_number}`,
        name: `drift_${index}`,
        metric,
        value: current * factor,
      }));
    const drifts = DRIFTS.map(([metric, column], index) => ({
      name: `drift_${index}`,
      kind: 'drift',
      metric,
      column,
    }));
    // The last load had 1.25 of what there is now, the two before it 1 and 0.9.
    const history = [
      ...past(1, 0.9),
      ...past(2, 1),
      ...past(3, 1.25),
      ...past(4, 100).map((other) => ({ ...other, name: 'other' })),
    ];
    const results = await checkStaged(
      HUNDRED,
      [
        ...drifts.map((drift) => ({ ...drift, warn: '> 19%', error: '> 21%' })),
        ...drifts.map((drift) => ({ ...drift, name: `${drift.name}_last`, error: '> 0' })),
      ],
      { history },
    );
    DRIFTS.forEach(([, , current], index) => {
      expect(results[index]).toMatchObject({ status: 'warn', reason: null });
      expect(results[index]?.measured).toBeCloseTo(current, 10);
      expect(results[index]?.base).toBeCloseTo(1.25 * current, 10);
      expect(results[index]?.share).toBeCloseTo(20, 8);
      // Under another name there is no history yet.
      expect(results[DRIFTS.length + index]).toMatchObject({ status: 'pass', base: null });
      expect(results[DRIFTS.length + index]?.reason).toContain('No earlier load');
    });
    const mean = drifts.map((drift) => ({ ...drift, loads: 3, warn: '> 4%', error: '> 5%' }));
    for (const [index, result] of (await checkStaged(HUNDRED, mean, { history })).entries()) {
      // (0.9 + 1 + 1.25) / 3 = 1.05
      expect(result.base).toBeCloseTo(1.05 * (DRIFTS[index]?.[2] ?? 0), 10);
      expect(result.status).toBe('warn');
    }
    const absolute = [
      { ...drifts[0], kind: 'drift', error: '> 0.007' },
      { ...drifts[1], kind: 'drift', error: '> 1.28' },
    ];
    expect((await checkStaged(HUNDRED, absolute, { history })).map(({ status }) => status)).toEqual([
      'error',
      'pass',
    ]);
  });

  test('drift from nothing is more than any share', async () => {
    const history = [{ load_number: 1, load_id: 'load-1', name: 'nulls', metric: 'null_share', value: 0 }];
    const nulls = { name: 'nulls', kind: 'drift', metric: 'null_share', column: 'title', error: '> 1000%' };
    const [result] = await checkStaged(HUNDRED, [nulls], { history });
    expect(result).toMatchObject({ status: 'error', base: 0, share: null });
  });

  test('freshness counts hours since the source date', async () => {
    const overrides = {
      sourceDate: '2026-11-22T00:00:00.000Z',
      now: new Date('2026-11-23T12:30:00.000Z'),
    };
    const results = await checkStaged(
      HUNDRED,
      [
        { kind: 'freshness', warn: '> 36.5', error: '> 72' },
        { kind: 'freshness', warn: '> 36', error: '> 72' },
        { kind: 'freshness', warn: '> 24', error: '> 36.4' },
      ],
      overrides,
    );
    expect(results.map(({ status, measured }) => [status, measured])).toEqual([
      ['pass', 36.5],
      ['warn', 36.5],
      ['error', 36.5],
    ]);
  });

  test('freshness of a column counts hours since its newest value, in UTC', async () => {
    const { warehouse } = await open(folder);
    await warehouse.transact([
      { sql: 'CREATE TABLE clocks (film_key VARCHAR(8), seen TIMESTAMP, born DATE, never TIMESTAMP)' },
      {
        sql: "INSERT INTO clocks VALUES ('k1', '2026-11-22 18:30:00', '2026-11-20', NULL), ('k2', '2026-11-21 00:00:00', NULL, NULL)",
      },
    ]);
    const checks = await parseChecks(folder, [
      { kind: 'freshness', column: 'seen', error: '> 5' },
      { kind: 'freshness', column: 'born', error: '> 100' },
      { kind: 'freshness', column: 'never', error: '> 5' },
      { kind: 'freshness', column: 'film_key', error: '> 5' },
    ]);
    const subject = createSubject({ table: 'clocks', now: new Date('2026-11-23T00:00:00.000Z') });
    const results = await runChecks(warehouse, subject, checks);
    expect(results.map(({ status, measured }) => [status, measured])).toEqual([
      ['error', 5.5],
      ['pass', 72],
      ['not-run', null],
      ['not-run', null],
    ]);
    expect(results[2]?.reason).toBe('the column never is null throughout');
  });

  test('a check that cannot be measured is not run, never passed, and keeps no other from running', async () => {
    const unable: readonly (readonly [CheckText, RegExp])[] = [
      ...COUNTING.filter(([, { column }]) => column !== undefined).map(
        ([, check]) => [{ ...check, column: 'absent' }, /absent/] as const,
      ),
      ...DRIFTS.map(([metric]) => [{ kind: 'drift', metric, column: 'absent' }, /absent/] as const),
      [{ kind: 'freshness', column: 'absent' }, /absent/],
      [{ kind: 'row_count', where: 'absent > 0' }, /absent/],
      [{ kind: 'column_comparison', column: 'order', operator: '<', other_column: 'absent' }, /absent/],
      [{ kind: 'expression', expression: 'rating >' }, /syntax|pars/i],
      [{ kind: 'expression', expression: 'rating > 0)' }, /syntax|pars/i],
      [{ kind: 'expression', expression: 'CAST(title AS INTEGER) > 0' }, /Title/],
      [{ kind: 'pattern', column: 'title', pattern: '(' }, /missing \)|regex|parenthes/i],
      [{ kind: 'drift', metric: 'mean', column: 'title' }, /Title/],
      [{ kind: 'not_null', column: 'title', where: '1 = 0' }, /no row is one/],
      [{ kind: 'drift', metric: 'mean', column: 'rating', where: 'rating IS NULL' }, /null throughout/],
      [{ kind: 'freshness' }, /source's date is not known/],
      [{ kind: 'manifest_metric', metric: 'rows', of: 'rows' }, /manifest of the run is not known/],
    ];
    const sound = { kind: 'not_null', column: 'film_key', error: '> 0' };
    const checks = [sound, ...unable.map(([check]) => ({ ...check, error: '> 0' })), sound];
    const results = await checkStaged(HUNDRED, checks, { manifest: null, sourceDate: null });
    expect(results.at(0)?.status).toBe('pass');
    expect(results.at(-1)?.status).toBe('pass');
    unable.forEach(([text, reason], index) => {
      const result = results[index + 1];
      expect([text, result]).toMatchObject([
        text,
        { status: 'not-run', measured: null, base: null, share: null },
      ]);
      expect(result?.reason).toMatch(reason);
    });
    expect(await refusalOf(results)).toMatchObject({ kind: 'failed-infra' });
  });

  test('an empty table fails, also where no check of the file says so', async () => {
    const checks = COUNTING.filter(([, { kind }]) => kind !== 'row_count').map(([, check]) => ({
      ...check,
      warn: '> 0',
    }));
    const drift = { kind: 'drift', metric: 'null_share', column: 'title', warn: '> 0' };
    const results = await checkStaged([], [...checks, drift], { manifest: createManifest({ rows: 0 }) });
    expect(results.map(({ status }) => status)).toEqual([...checks.map(() => 'not-run'), 'not-run', 'error']);
    expect(results[0]?.reason).toBe('the table is empty');
    expect(results.at(-1)).toMatchObject({ name: 'table_not_empty', measured: 0, error: '< 1' });
    expect(await refusalOf(results)).toMatchObject({ kind: 'failed-data' });
  });

  test('a table that cannot be read is no failure of its data, also where all checks only warn', async () => {
    const asked: string[] = [];
    const warnings = [
      ...COUNTING.map(([, check]) => ({ ...check, warn: '> 0' })),
      { kind: 'row_count', warn: '< 50' },
    ];
    const results = await checkStaged(HUNDRED, warnings, { table: 'nowhere' }, (warehouse) => ({
      ...warehouse,
      query: (statement) => {
        asked.push(statement.sql);
        return warehouse.query(statement);
      },
    }));
    expect(results.map(({ name, status }) => [name, status])).toEqual([
      ...warnings.map((_, index) => [`check_${index}`, 'not-run']),
      ['table_not_empty', 'not-run'],
    ]);
    expect(results[0]?.reason).toContain('nowhere');
    // All together, and then the rows alone: no check of a table that is not there is asked for itself.
    expect(asked).toHaveLength(2);
    expect(await refusalOf(results)).toMatchObject({ kind: 'failed-infra' });
  });
});
