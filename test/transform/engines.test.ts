import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Reject } from '../../actions/shared/src/lake/manifest.ts';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { generateDataset } from '../../bench/generate-dataset.ts';
import { expectedSampleCounts, expectedSampleRows } from '../expected-sample.ts';
import { files } from '../project.ts';
import { type Row, readDuckdb, readRunTitles } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildRun } from './build-run.ts';

const folder = await temporaryFolder();
const DATASETS = ['title.basics', 'title.crew', 'title.ratings', 'name.basics'];

interface Pair {
  readonly duckdb: FinishedRun;
  readonly spark: FinishedRun;
}

async function buildWithBoth(inputFolder: string, name: string): Promise<Pair> {
  const output = join(folder, name);
  return {
    duckdb: await buildRun('duckdb', inputFolder, output),
    spark: await buildRun('spark', inputFolder, output),
  };
}

/** How many rows stand in one run and not in the other, either way; doubled rows count twice. */
async function countDifferences({ duckdb, spark }: Pair): Promise<number> {
  const [one, other] = [duckdb, spark].map(
    (run) => `read_parquet('${join(run.folder, '*.parquet')}', hive_partitioning = false)`,
  );
  const { rows } = await readDuckdb(
    `SELECT (SELECT count(*) FROM (FROM ${one} EXCEPT ALL FROM ${other}))
          + (SELECT count(*) FROM (FROM ${other} EXCEPT ALL FROM ${one}))`,
  );
  return Number(rows[0]?.[0]);
}

/** What both manifests must say alike: all but names, times and sizes of the files. */
function comparable({ manifest }: FinishedRun): unknown {
  const { rows, schema, metrics, rejects, source_date, fingerprint } = manifest;
  const sources = manifest.sources.map(({ path: _path, ...source }) => source);
  return { rows, schema, metrics, rejects, source_date, fingerprint, sources };
}

async function readRejects({ folder: runFolder }: FinishedRun): Promise<Omit<Reject, 'path'>[]> {
  const lines = (await readFile(join(runFolder, 'rejects.jsonl'), 'utf8')).trimEnd().split('\n');
  const rejects = lines.map((line) => JSON.parse(line) as Reject);
  return rejects
    .map(({ path: _path, ...reject }) => reject)
    .toSorted((a, b) => a.dataset.localeCompare(b.dataset) || a.line - b.line);
}

function byKey(rows: readonly Row[]): ReadonlyMap<unknown, Row> {
  return new Map(rows.map((row) => [row.title_key, row]));
}

describe('the sample', () => {
  let runs: Pair;
  let rows: Row[];
  beforeAll(async () => {
    runs = await buildWithBoth(files.sample, 'sample');
    rows = await readRunTitles(runs.duckdb.folder);
  });

  test.each(expectedSampleRows.map((row) => [row.title_key, row] as const))(
    'gives %s as worked out by hand',
    (key, expected) => {
      expect(byKey(rows).get(key)).toEqual(expected);
    },
  );

  test('gives one row for each accepted title, and the counts worked out apart', () => {
    const { titles, rejects, namesLookedUp, namesMissing, unparsed } = expectedSampleCounts;
    const { manifest } = runs.duckdb;
    expect(rows).toHaveLength(titles);
    expect(manifest.rows).toBe(titles);
    expect(Object.fromEntries(manifest.sources.map((source) => [source.dataset, source.rejects]))).toEqual(
      rejects,
    );
    expect(manifest.metrics).toEqual({
      names_looked_up: namesLookedUp,
      names_missing: namesMissing,
      ...Object.fromEntries(Object.entries(unparsed).map(([column, count]) => [`unparsed_${column}`, count])),
      doubled_names: 1,
    });
  });

  test('gives the same rows, manifest and rejects on Spark', async () => {
    expect(await countDifferences(runs)).toBe(0);
    expect(comparable(runs.spark)).toEqual(comparable(runs.duckdb));
    expect(await readRejects(runs.spark)).toEqual(await readRejects(runs.duckdb));
    expect(await readRejects(runs.duckdb)).toHaveLength(runs.duckdb.manifest.rejects.total);
  });
});

describe('files as editors and tools leave them', () => {
  let runs: Pair;
  beforeAll(async () => {
    const input = join(folder, 'awkward-input');
    await mkdir(input);
    const read = (dataset: string) => readFile(join(files.sample, `${dataset}.tsv`), 'utf8');
    const basics = await read('title.basics');
    const bad = [
      '',
      'tt1\tbad\rtt2\tx\t\t\t\t\t\t',
      'tt1\t\u0000\t\t\t\t\t\t\t',
      basics.split('\n', 1)[0] ?? '',
    ];
    const invalid = Buffer.concat([
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\t'.repeat(8)),
      Buffer.from('\r\n'),
    ]);
    const crlf = Buffer.from(`\uFEFF${basics.trimEnd().replaceAll('\n', '\r\n')}\r\n${bad.join('\r\n')}\r\n`);
    await writeFile(join(input, 'title.basics.tsv'), Buffer.concat([crlf, invalid]));
    await writeFile(join(input, 'title.crew.tsv.gz'), gzipSync(await read('title.crew')));
    await writeFile(join(input, 'title.ratings.tsv'), (await read('title.ratings')).replaceAll('\n', '\r\n'));
    await writeFile(join(input, 'name.basics.tsv'), (await read('name.basics')).trimEnd());
    runs = await buildWithBoth(input, 'awkward');
  });

  test('give the rows of the sample', async () => {
    const sample = await readRunTitles(
      (await buildRun('duckdb', files.sample, join(folder, 'plain'))).folder,
    );
    expect(await readRunTitles(runs.duckdb.folder)).toEqual(sample);
  });

  test('give the same on Spark, the bad records with the same lines and reasons', async () => {
    expect(await countDifferences(runs)).toBe(0);
    expect(comparable(runs.spark)).toEqual(comparable(runs.duckdb));
    const rejects = await readRejects(runs.duckdb);
    expect(await readRejects(runs.spark)).toEqual(rejects);
    const added = rejects.filter(({ dataset, line }) => dataset === 'title.basics' && line > 480);
    expect(added.map(({ line, reason }) => [line, reason])).toEqual([
      [481, 'wrong_field_count'],
      [482, 'control_character'],
      [483, 'control_character'],
      [484, 'repeated_header'],
      [485, 'invalid_utf8'],
    ]);
  });
});

test('100,000 generated titles give the same on both engines', async () => {
  const input = join(folder, 'generated-input');
  await mkdir(input);
  await generateDataset({ directory: input, titles: 100_000, seed: 7, gzip: false });
  const runs = await buildWithBoth(input, 'generated');
  expect(runs.duckdb.manifest.rows).toBeGreaterThan(99_900);
  expect(await countDifferences(runs)).toBe(0);
  expect(comparable(runs.spark)).toEqual(comparable(runs.duckdb));
});

describe('a title that stands twice', () => {
  const doubled: readonly (readonly [string, string])[] = [
    ['title.basics', 'tt5071412\tmovie\tAgain\tAgain\t0\t\\N\t\\N\t\\N\t\\N'],
    ['title.crew', 'tt5071412\t\\N\t\\N'],
    ['title.ratings', 'tt5071412\t1.0\t5'],
  ];

  async function plant(dataset: string, record: string): Promise<string> {
    const input = join(folder, `doubled-${dataset}`);
    await mkdir(input, { recursive: true });
    for (const name of DATASETS) await cp(join(files.sample, `${name}.tsv`), join(input, `${name}.tsv`));
    const path = join(input, `${dataset}.tsv`);
    await writeFile(path, `${await readFile(path, 'utf8')}${record}\n`);
    return input;
  }

  test.each(doubled)('in %s is refused with its key', async (dataset, record) => {
    const input = await plant(dataset, record);
    const run = buildRun('duckdb', input, join(folder, 'doubled'));
    await expect(run).rejects.toThrow(new RegExp(`${dataset} holds 1 keys more than once[\\s\\S]*tt5071412`));
    await expect(run).rejects.toMatchObject({ failure: { kind: 'failed-data' } });
  });

  test('is not taken for one whose key is odd, or greater than any of IMDb', async () => {
    const odd = ['ttX', 'ttY', 'tt-1', 'tt99999999999', 'tt999999999999999999999', '', '\\N'];
    const input = await plant('title.crew', odd.map((key) => `${key}\t\\N\t\\N`).join('\n'));
    const sample = await buildRun('duckdb', files.sample, join(folder, 'doubled-none'));
    const { manifest } = await buildRun('duckdb', input, join(folder, 'doubled-odd'));
    expect(manifest.rows).toBe(sample.manifest.rows);
    expect(manifest.metrics).toEqual(sample.manifest.metrics);
  });

  test('is refused by Spark in the same words', async () => {
    const input = await plant('title.crew', doubled[1]?.[1] ?? '');
    const failures = await Promise.all(
      (['duckdb', 'spark'] as const).map((engine) =>
        buildRun(engine, input, join(folder, 'doubled-both')).then(
          () => null,
          (error: unknown) => (error as { failure?: { where: string } }).failure,
        ),
      ),
    );
    const [duckdb, spark] = failures.map((failure) => failure && { ...failure, where: '' });
    expect(spark).toEqual(duckdb);
    expect(spark).toMatchObject({ kind: 'failed-data' });
  });
});
