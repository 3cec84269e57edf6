import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RunReport } from '../../actions/shared/src/report/run-report.ts';
import { expectedDayTwo, expectedSampleCounts } from '../expected-sample.ts';
import { files, root } from '../project.ts';
import { type Row, readDuckdb, readLiveTitles } from '../read-titles.ts';
import { finish, runCli, startCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const DAY_1 = files.sample;
const DAY_2 = join(root, 'samples', 'day-2');
const DATASETS = ['title.basics', 'title.crew', 'title.ratings', 'name.basics'];

async function readReport(output: string): Promise<RunReport> {
  return JSON.parse(await readFile(join(output, 'report.json'), 'utf8')) as RunReport;
}

function readLedger(output: string): Promise<unknown> {
  return readDuckdb(
    'SELECT * FROM imdb_titles_loads ORDER BY published_at',
    join(output, 'warehouse.duckdb'),
  );
}

describe('a first run', () => {
  const output = join(folder, 'first');
  let stdout: string;
  beforeAll(async () => {
    const result = await runCli('--output', output);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    stdout = result.stdout;
  });

  test('leaves the Parquet files with a manifest, the warehouse and both reports, nothing else', async () => {
    const names = await readdir(output);
    expect(names.toSorted()).toEqual([
      '.work',
      'imdb_titles',
      'report.html',
      'report.json',
      'warehouse.duckdb',
    ]);
    const [run = ''] = await readdir(join(output, 'imdb_titles'));
    expect(run).toMatch(/^run=\d{8}T\d{9}Z-[0-9a-f]{12}$/);
    const runFiles = await readdir(join(output, 'imdb_titles', run));
    expect(runFiles.toSorted()).toEqual(['manifest.json', 'part-0.parquet', 'rejects.jsonl']);
    expect(await readdir(join(output, '.work'))).toEqual([]);
  });

  test('answers the example questions in lines of 80 columns', () => {
    expect(stdout).toContain('Mission: Impossible - Fallout');
    expect(stdout).toContain('Bill Dubuque,Mark Williams');
    const lines = stdout.split('\n').filter((line) => !line.includes(output));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('reports what it did', async () => {
    const report = await readReport(output);
    expect(report).toMatchObject({ outcome: 'published', failure: null, engine: 'duckdb', mode: 'replace' });
    expect(report.load).toMatchObject({ rows_inserted: expectedSampleCounts.titles, already_loaded: false });
    expect(report.tasks.every(({ state }) => state === 'succeeded')).toBe(true);
    expect(report.checks.filter(({ status }) => status === 'error' || status === 'not-run')).toEqual([]);
    expect(report.freshness).toMatchObject({
      run_id: report.run_id,
      rows_total: expectedSampleCounts.titles,
    });
    expect(report.examples.find(({ name }) => name === 'movies_of_2004')?.rows).toEqual([[15]]);
    expect(await readFile(join(output, 'report.html'), 'utf8')).toContain('Who wrote Ozark?');
  });

  test("has the 18 columns in the contract's order", async () => {
    const { rows } = await readDuckdb('DESCRIBE imdb_titles', join(output, 'warehouse.duckdb'));
    expect(rows.map(([name]) => name).join(' ')).toBe(
      'title_key primary_title original_title title_type directors writers genres has_directors has_writers ' +
        'has_ended num_of_genres release_year end_year average_rating num_votes runtime_minutes num_directors num_writers',
    );
  });

  test('run again changes nothing, and says so', async () => {
    const before = [
      await readLiveTitles(output),
      await readLedger(output),
      await readdir(join(output, 'imdb_titles')),
    ];
    const result = await runCli('--output', output);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('already loaded');
    const after = [
      await readLiveTitles(output),
      await readLedger(output),
      await readdir(join(output, 'imdb_titles')),
    ];
    expect(after).toEqual(before);
    expect(await readReport(output)).toMatchObject({
      outcome: 'already-loaded',
      load: { already_loaded: true },
    });
  });

  test('goes on when whoever reads its output leaves', async () => {
    const left = join(folder, 'left');
    const program = startCli(['--output', left]);
    program.stdout?.destroy();
    const code = await new Promise((resolve) => program.once('exit', resolve));
    expect(code).toBe(0);
    expect(await readLiveTitles(left)).toHaveLength(expectedSampleCounts.titles);
  });

  test('prints nothing when it is to be quiet', async () => {
    expect(await runCli('--quiet', '--output', join(folder, 'quiet'))).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('the second day', () => {
  const days: Row[][] = [];
  beforeAll(async () => {
    for (const input of [DAY_1, DAY_2]) {
      const output = join(folder, `alone-${days.length}`);
      expect((await runCli('--input', input, '--output', output)).code).toBe(0);
      days.push(await readLiveTitles(output));
    }
  });

  function expectedAfter(mode: 'replace' | 'merge' | 'append'): Row[] {
    const [dayOne = [], dayTwo = []] = days;
    const table = new Map(dayOne.map((row) => [row.title_key, row]));
    for (const row of dayTwo) {
      if (mode !== 'append' || !table.has(row.title_key)) table.set(row.title_key, row);
    }
    if (mode === 'replace') for (const key of expectedDayTwo.removed) table.delete(key);
    const rows = [...table.values()];
    return rows.toSorted((a, b) => (String(a.title_key) < String(b.title_key) ? -1 : 1));
  }

  const { inserted, changed, removed } = expectedDayTwo;
  test.each([
    ['replace', { rows_updated: changed.length, rows_deleted: removed.length, rows_stale: 0 }],
    ['merge', { rows_updated: changed.length, rows_deleted: 0, rows_stale: 0 }],
    ['append', { rows_updated: 0, rows_deleted: 0, rows_stale: changed.length }],
  ] as const)('in mode %s changes what the mode says', async (mode, counts) => {
    const output = join(folder, mode);
    await runCli('--input', DAY_1, '--output', output);
    expect(await runCli('--input', DAY_2, '--output', output, '--mode', mode)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await readLiveTitles(output)).toEqual(expectedAfter(mode));
    expect((await readReport(output)).load).toMatchObject({
      ...counts,
      rows_inserted: inserted.length,
      rows_vanished: removed.length,
      rows_unchanged: expectedSampleCounts.titles - removed.length - changed.length,
    });
    const ledger = await readLedger(output);
    expect((await runCli('--input', DAY_2, '--output', output, '--mode', mode)).stdout).toContain(
      'already loaded',
    );
    expect(await readLedger(output)).toEqual(ledger);
  });
});

describe('what cannot be published leaves the table as it was', () => {
  const output = join(folder, 'refused');
  let before: Row[];
  beforeAll(async () => {
    await runCli('--output', output);
    before = await readLiveTitles(output);
  });

  async function plant(name: string, change: (input: string) => Promise<void>): Promise<string> {
    const input = join(folder, `input-${name}`);
    await mkdir(input, { recursive: true });
    for (const dataset of DATASETS) await cp(join(DAY_2, `${dataset}.tsv`), join(input, `${dataset}.tsv`));
    await change(input);
    return input;
  }

  async function expectRefused(code: number, message: RegExp, ...programArguments: string[]): Promise<void> {
    const result = await runCli('--output', output, ...programArguments);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/where: [\s\S]*why: [\s\S]*done: [\s\S]*next: /);
    expect(result.code).toBe(code);
    expect(await readLiveTitles(output)).toEqual(before);
    expect((await readdir(output)).filter((name) => /^warehouse|next/.test(name))).toEqual([
      'warehouse.duckdb',
    ]);
    expect(await readdir(join(output, '.work'))).toEqual([]);
  }

  test('1: the data fails a check, which is reported', async () => {
    const input = await plant('negative', async (path) => {
      const ratings = join(path, 'title.ratings.tsv');
      await writeFile(
        ratings,
        `${await readFile(ratings, 'utf8')}tt9200003\t-1.0\t9\n`.replace(/^tt9200003\t(?!-).*\n/m, ''),
      );
    });
    await expectRefused(
      1,
      /average_rating_not_negative measured 1 .*for example tt9200003/,
      '--input',
      input,
    );
    const report = await readReport(output);
    expect(report).toMatchObject({ outcome: 'failed-data', load: null });
    expect(report.checks.find(({ name }) => name === 'average_rating_not_negative')).toMatchObject({
      status: 'error',
      measured: 1,
      sample_keys: ['tt9200003'],
    });
    expect(report.freshness?.rows_total).toBe(before.length);
  });

  test('1: the table would shrink', async () => {
    const input = await plant('shrunk', async (path) => {
      const basics = join(path, 'title.basics.tsv');
      const lines = (await readFile(basics, 'utf8')).split('\n');
      await writeFile(basics, `${lines.slice(0, 440).join('\n')}\n`);
    });
    await expectRefused(1, /rows_against_last_load measured/, '--input', input);
  });

  test('1: a title stands twice', async () => {
    const input = await plant('doubled', async (path) => {
      const crew = join(path, 'title.crew.tsv');
      await writeFile(crew, `${await readFile(crew, 'utf8')}tt5071412\t\\N\t\\N\n`);
    });
    await expectRefused(1, /title\.crew holds 1 keys more than once[\s\S]*tt5071412/, '--input', input);
  });

  const unusable: readonly (readonly [string, RegExp, (input: string) => Promise<void>])[] = [
    [
      'an empty file',
      /title\.crew cannot be read[\s\S]*title\.crew\.tsv[\s\S]*is empty/,
      (input) => writeFile(join(input, 'title.crew.tsv'), ''),
    ],
    [
      'another header',
      /title\.crew has not the header/,
      (input) => writeFile(join(input, 'title.crew.tsv'), 'a\tb\n'),
    ],
    [
      'a file that is there twice',
      /title\.crew cannot be read[\s\S]*twice/,
      (input) => writeFile(join(input, 'title.crew.tsv.gz'), ''),
    ],
    [
      'a truncated gzip',
      /title\.crew cannot be read[\s\S]*title\.crew\.tsv\.gz[\s\S]*unexpected end of file/,
      async (input) => {
        const whole = gzipSync(await readFile(join(input, 'title.crew.tsv')));
        await rm(join(input, 'title.crew.tsv'));
        await writeFile(join(input, 'title.crew.tsv.gz'), whole.subarray(0, whole.length - 100));
      },
    ],
    [
      'a folder in place of a file',
      /title\.crew cannot be read[\s\S]*EISDIR/,
      async (input) => {
        await rm(join(input, 'title.crew.tsv'));
        await mkdir(join(input, 'title.crew.tsv'));
      },
    ],
  ];
  test.each(unusable)('2: %s', async (name, message, change) => {
    await expectRefused(2, message, '--input', await plant(name.replaceAll(' ', '-'), change));
  });

  test('2: a missing file, a missing folder, a file for a folder', async () => {
    const input = await plant('missing', (path) => cp(join(path, 'title.crew.tsv'), join(path, 'other.tsv')));
    await rm(join(input, 'title.crew.tsv'));
    await expectRefused(2, /title\.crew cannot be read[\s\S]*missing/, '--input', input);
    await expectRefused(2, /ENOENT/, '--input', join(folder, 'nowhere'));
    await expectRefused(2, /ENOTDIR/, '--input', join(DAY_1, 'title.crew.tsv'));
  });

  test('2: an option or a checks file that is not valid', async () => {
    await expectRefused(2, /--engine.*duckdb, spark/, '--engine', 'pig');
    await expectRefused(2, /unknown option '--frobnicate'/, '--frobnicate');
    await expectRefused(2, /too many arguments/, 'extra');
    const checks = join(folder, 'bad.checks.yml');
    await writeFile(checks, 'checks:\n  - name: a\n    kind: not_nul\n');
    await expectRefused(2, /bad\.checks\.yml[\s\S]*line 3/, '--checks', checks);
    await expectRefused(2, /ENOENT/, '--checks', join(folder, 'no.checks.yml'));
  });

  test('3: the output cannot be written to', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, '');
    const result = await finish(startCli(['--output', blocked]));
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/ENOTDIR|EEXIST/);
  });
});

test('help names every option and exit code, in 80 columns', async () => {
  const { code, stdout } = await runCli('--help');
  expect(code).toBe(0);
  for (const word of ['--input', '--output', '--engine', '--mode', '--checks', '--quiet', 'Exit code: 0']) {
    expect(stdout).toContain(word);
  }
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
