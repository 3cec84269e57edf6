import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, writeFilms } from '../warehouse/films.ts';
import { createFilms, MIXED, MIXED_FILMS, openWorkspace, publishedLoad } from './open-steps.ts';

const folder = await temporaryFolder();
const SOUND = [
  { name: 'has_rows', kind: 'row_count', error: '< 1' },
  { name: 'key_present', kind: 'not_null', column: 'film_key', error: '> 0' },
];

async function openFilms(checks = MIXED, films = MIXED_FILMS) {
  const workspace = await openWorkspace(folder, checks);
  await workspace.fill((warehouse) => createFilms(warehouse, films));
  return workspace;
}

describe('on a DuckDB file', () => {
  test('a table that is right passes, and every report is there', async () => {
    const workspace = await openFilms(SOUND);
    const result = await workspace.validate();
    expect(result).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: {
        outcome: 'succeeded',
        passed: '2',
        warned: '0',
        failed: '0',
        'not-run': '0',
        rows: '4',
        'freshness-hours': '',
        added: '',
        html: join(workspace.work, 'validation', 'validation.html'),
        badge: join(workspace.work, 'validation', 'badge.svg'),
      },
    });
    const report = await workspace.report();
    expect(report).toMatchObject({
      table: 'films',
      engine: 'duckdb',
      checks_file: 'sql/checks.yml',
      rows: 4,
    });
    for (const name of ['junit.xml', 'checks.sarif', 'validation.html', 'badge.json', 'badge.svg']) {
      expect(await workspace.file(name)).not.toBe('');
    }
  });

  test('each check is told with its status, and bad data fails the step', async () => {
    const workspace = await openFilms();
    const result = await workspace.validate();
    expect(result).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failed-data', passed: '1', warned: '1', failed: '1', 'not-run': '1' },
    });
    expect(await workspace.report()).toMatchObject({
      counts: { passed: 1, warned: 1, failed: 1, not_run: 1 },
      checks: [
        { name: 'has_rows', status: 'pass', measured: 4, line: 2 },
        { name: 'title_present', status: 'warn', measured: 2, sample_keys: ['tt2', 'tt3'], line: 6 },
        { name: 'rating_in_range', status: 'error', measured: 1, sample_keys: ['tt4'], line: 12 },
        { name: 'no_such_column', status: 'not-run', measured: null, line: 18 },
      ],
    });
    expect(result.annotations).toMatchObject([
      { level: 'error', title: 'films: range failed', file: 'sql/checks.yml', line: 12 },
      { level: 'warning', title: 'films: not_null warned', line: 6 },
      { level: 'warning', title: 'films: not_null not run', line: 18 },
      { level: 'error', title: '1 of 4 checks failed' },
    ]);
    expect(result.summary).toContain('## films: 1 failed, 1 warned, 1 not run, 1 passed');
    expect(result.summary).toContain('| ❌ failed | rating_in_range | 1 | fails &gt; 0 |');
  });

  test.each([
    ['never', 0, 'failed-data'],
    ['error', 1, 'failed-data'],
    ['warn', 1, 'failed-data'],
  ])('with fail-on %s bad data ends with %d and is told', async (failOn, exitCode, outcome) => {
    const workspace = await openFilms();
    const result = await workspace.validate({ 'fail-on': failOn });
    expect(result).toMatchObject({ exitCode, outputs: { outcome } });
  });

  test.each([
    ['error', 0, 'succeeded'],
    ['warn', 1, 'failed-data'],
  ])('with fail-on %s a warning alone ends with %d', async (failOn, exitCode, outcome) => {
    const workspace = await openFilms(MIXED.slice(0, 2));
    const result = await workspace.validate({ 'fail-on': failOn });
    expect(result).toMatchObject({ exitCode, outputs: { outcome, warned: '1' } });
  });

  test('an empty table fails, though no check is about rows', async () => {
    const workspace = await openFilms(SOUND.slice(1), []);
    const result = await workspace.validate();
    expect(result).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failed-data', failed: '1', rows: '0' },
    });
    expect((await workspace.report()).checks).toMatchObject([
      { name: 'key_present', status: 'not-run', reason: 'the table is empty' },
      { name: 'table_not_empty', status: 'error', measured: 0, line: null },
    ]);
  });

  test.each(['error', 'never'])('with fail-on %s a missing table is no pass', async (failOn) => {
    const workspace = await openFilms(SOUND);
    const result = await workspace.validate({ table: 'films_staging_7', 'fail-on': failOn });
    expect(result).toMatchObject({
      exitCode: 3,
      outputs: { outcome: 'failed-infra', passed: '0', rows: '' },
    });
    expect(result.log).toContain('films_staging_7');
  });

  test('a missing warehouse file fails the step, and the reports say why', async () => {
    const workspace = await openWorkspace(folder, SOUND);
    const result = await workspace.validate();
    expect(result).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra', passed: '0' } });
    expect(await workspace.report()).toMatchObject({
      failure: { what: 'The warehouse cannot be opened' },
      checks: [],
    });
    expect(await workspace.file('junit.xml')).toContain('tests="1" failures="0" errors="1"');
    expect(await workspace.file('validation.html')).toContain('The warehouse cannot be opened');
  });

  test('a bad checks file is told with line and column, and nothing passes', async () => {
    const workspace = await openFilms(SOUND);
    const text = 'checks:\n  - name: key_present\n    kind: not_nul\n    error: "> 0"\n';
    await writeFile(join(workspace.work, 'sql', 'checks.yml'), text);
    const result = await workspace.validate();
    expect(result).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', passed: '0' } });
    expect(result.log).toContain('line 3, column 11');
  });

  test('what the ledger knows of the live table is told: freshness, the last load, the trend', async () => {
    const workspace = await openWorkspace(folder, [
      { name: 'title_present', kind: 'not_null', column: 'title', error: '> 2' },
      { name: 'is_fresh', kind: 'freshness', warn: '> 1' },
      { name: 'as_many', kind: 'row_count_change', warn: '< 95%' },
    ]);
    await workspace.fill(async (warehouse) => {
      // Only the ledger, the metrics and the view are of interest here; the films are put into another table.
      await warehouse.ensureTable({
        ...FILMS,
        columns: FILMS.columns.map((c) => ({ ...c, nullable: true })),
      });
      await warehouse.query({ sql: "INSERT INTO films VALUES ('tt1', NULL, TRUE, 1, 7.5)" });
      await warehouse.transact(publishedLoad(1, 10, { title_present: 4 }));
      await warehouse.transact(publishedLoad(2, 11, { title_present: 2 }));
    });
    const result = await workspace.validate();
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'succeeded', warned: '2', added: '3', removed: '1', changed: '2' },
    });
    expect(Number(result.outputs['freshness-hours'])).toBeGreaterThan(24);
    const report = await workspace.report();
    expect(report).toMatchObject({
      freshness: { source_date: '2026-11-02T23:52:00.000Z' },
      difference: { against: 'load-before', added: { rows: 3 }, removed: { rows: 1 }, changed: { rows: 2 } },
      // The last load is the one that is looked at: it is not compared with itself.
      checks: [{ trend: [4], measured: 1 }, { status: 'warn' }, { status: 'warn', measured: 1, base: 10 }],
    });
    expect(await workspace.file('validation.html')).toContain('<polyline');
    expect(JSON.parse(await workspace.file('badge.json'))).toMatchObject({
      schemaVersion: 1,
      color: 'orange',
    });
  });

  test('a staging table is compared with the live one when that is wanted', async () => {
    const workspace = await openFilms(SOUND);
    const staged = [
      ['tt1', 'Alpha', true, 1, 7.5],
      ['tt2', 'Beta', false, 2, 8.2],
      ['tt9', 'Iota', null, 9, null],
    ] as const;
    await workspace.fill((warehouse) => createFilms(warehouse, staged, 'films_staging_1'));
    const inputs = { table: 'films_staging_1' };
    expect((await workspace.validate(inputs)).outputs).toMatchObject({ rows: '3', added: '', changed: '' });
    const { outputs } = await workspace.validate({ ...inputs, difference: 'true' });
    expect(outputs).toMatchObject({ added: '1', removed: '2', changed: '1' });
    expect((await workspace.report()).difference).toEqual({
      against: 'live-table',
      added: { rows: 1, sample_keys: ['tt9'] },
      removed: { rows: 2, sample_keys: ['tt3', 'tt4'] },
      changed: { rows: 1, sample_keys: ['tt2'] },
      unchanged: 1,
      columns: [
        { column: 'title', rows: 1 },
        { column: 'is_short', rows: 0 },
        { column: 'order', rows: 0 },
        { column: 'rating', rows: 1 },
      ],
    });
  });
});

describe('what is asked for after the checks', () => {
  const staged = { table: 'films_staging_1', difference: 'true' };

  test.each([
    ['bad data', MIXED, 1, 'failed-data', '1 of 4 checks failed', 2],
    ['good data', SOUND, 3, 'failed-infra', 'The task compare_loads failed', 1],
  ] as const)(
    'may fail: %s is told with what failed',
    async (_what, checks, exitCode, outcome, what, errors) => {
      const workspace = await openWorkspace(folder, checks);
      await workspace.fill(async (warehouse) => {
        await createFilms(warehouse, MIXED_FILMS, 'films_staging_1');
        // It lacks the other columns of the contract.
        await warehouse.query({ sql: 'CREATE TABLE films AS SELECT film_key FROM films_staging_1' });
      });
      const result = await workspace.validate(staged);
      expect(result).toMatchObject({ exitCode, outputs: { outcome, rows: '4', added: '' } });
      expect(await workspace.report()).toMatchObject({
        outcome,
        failure: { what },
        interruption: { kind: 'failed-infra', what: 'The task compare_loads failed' },
      });
      expect(await workspace.file('junit.xml')).toContain(` errors="${errors}"`);
      expect(JSON.parse(await workspace.file('checks.sarif'))).toMatchObject({
        runs: [{ invocations: [{ executionSuccessful: false, toolExecutionNotifications: [{}] }] }],
      });
      expect(await workspace.file('validation.html')).toContain('The task compare_loads failed');
      expect(result.summary).toContain('The task compare_loads failed');
    },
  );

  test('is nothing before the first load', async () => {
    const workspace = await openWorkspace(folder, SOUND);
    await workspace.fill((warehouse) => createFilms(warehouse, MIXED_FILMS, 'films_staging_1'));
    expect(await workspace.validate(staged)).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'succeeded', passed: '2', added: '' },
    });
  });
});

test('measures of earlier loads that cannot be read take no check with them but those that need them', async () => {
  const workspace = await openWorkspace(folder, [
    ...MIXED,
    { name: 'nulls', kind: 'drift', metric: 'null_share', column: 'title', warn: '> 1%' },
    { name: 'as_many', kind: 'row_count_change', warn: '< 95%' },
  ]);
  await workspace.fill(async (warehouse) => {
    await warehouse.ensureTable(FILMS);
    await warehouse.transact([
      ...publishedLoad(1, 10, {}),
      { sql: 'DROP TABLE films_metrics' },
      { sql: 'CREATE TABLE films_metrics (other INTEGER)' },
    ]);
    await createFilms(warehouse, MIXED_FILMS, 'films_staging_1');
  });
  const result = await workspace.validate({ table: 'films_staging_1' });
  expect(result).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed-data', 'not-run': '2' } });
  const checks = new Map((await workspace.report()).checks.map((check) => [check.name, check]));
  expect(checks.get('nulls')).toMatchObject({
    status: 'not-run',
    reason: expect.stringContaining('load_id'),
  });
  expect(checks.get('as_many')).toMatchObject({ status: 'warn', measured: 4, base: 10 });
});

describe('on the files of a run', () => {
  test('the manifest names the files, the date and the metrics', async () => {
    const workspace = await openWorkspace(folder, [
      ...SOUND,
      { name: 'few_rejects', kind: 'manifest_metric', metric: 'rejects', of: 'rows', error: '> 50%' },
    ]);
    const films = [['tt1', 'Alpha', true, 1, 7.5]] as const;
    const run = await writeFilms(join(workspace.work, 'run'), films);
    await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(run.manifest));
    const result = await workspace.validate({
      engine: 'files',
      'warehouse-file': '',
      manifest: 'run/manifest.json',
    });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded', passed: '3', rows: '1' } });
    expect((await workspace.report()).freshness?.source_date).toBe(run.manifest.source_date);
  });

  test('a pattern names the files', async () => {
    const workspace = await openWorkspace(folder, MIXED);
    await writeFilms(join(workspace.work, 'run'), MIXED_FILMS);
    const result = await workspace.validate({ engine: 'files', files: 'run/*.parquet' });
    expect(result.outputs).toMatchObject({ outcome: 'failed-data', failed: '1', warned: '1', rows: '4' });
  });

  test('files that are not there are no pass', async () => {
    const workspace = await openWorkspace(folder, SOUND);
    const result = await workspace.validate({ engine: 'files', files: 'run/*.parquet' });
    expect(result).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra' } });
    expect(result.log).toContain('The files cannot be read');
  });
});

test('hostile names and values stay what they are, from the table to every report', async () => {
  const key = `'"</td><script>x</script>]]>\n::error::not mine\r\n::set-output name=passed::9| [a](b) {0} %0A`;
  const column = `x"; DROP TABLE films; --<b>&amp;`;
  const workspace = await openFilms(
    [
      { name: 'title_present', kind: 'not_null', column: 'title', error: '> 0' },
      { name: 'no_such_column', kind: 'not_null', column, error: '> 0' },
      {
        name: 'known',
        kind: 'accepted_values',
        column: 'film_key',
        values: ["'); DROP TABLE films; --"],
        warn: '> 0',
      },
    ],
    [[key, null, true, 1, 1]],
  );
  const result = await workspace.validate();
  expect(result).toMatchObject({
    exitCode: 1,
    outputs: { outcome: 'failed-data', passed: '0', failed: '1', warned: '1', 'not-run': '1', rows: '1' },
  });
  expect(result.annotations.map(({ title }) => title)).toEqual([
    'films: not_null failed',
    'films: not_null not run',
    'films: accepted_values warned',
    '1 of 3 checks failed',
  ]);
  expect(await workspace.report()).toMatchObject({
    checks: [
      { status: 'error', sample_keys: [key] },
      { status: 'not-run', column },
      { status: 'warn', sample_keys: [key] },
    ],
  });
  for (const name of ['validation.html', 'junit.xml']) {
    expect(await workspace.file(name)).not.toContain('<script>');
    expect(await workspace.file(name)).toContain('&lt;script');
  }
  expect(result.summary).not.toContain('<script>');
  expect(result.summary.split('\n').filter((line) => line.startsWith('::'))).toEqual([]);
});

test('an expression that ends the query and drops the table changes nothing', async () => {
  const sly = 'TRUE) THEN 1 END), 0) FROM films; DROP TABLE films; SELECT COALESCE(SUM(CASE WHEN (TRUE';
  const workspace = await openFilms([{ name: 'sly', kind: 'expression', expression: sly, error: '> 0' }]);
  expect(await workspace.validate()).toMatchObject({ exitCode: 3, outputs: { passed: '0', rows: '4' } });
});
