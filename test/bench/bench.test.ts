import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ensurePythonEnvironment } from '../../actions/shared/src/transform/python-environment.ts';
import { readBenchOptions } from '../../bench/bench-arguments.ts';
import { ensureBenchData } from '../../bench/bench-data.ts';
import { countDifferences } from '../../bench/compare-rows.ts';
import type { Contender } from '../../bench/contenders.ts';
import type { Measurement } from '../../bench/measure.ts';
import { runRounds } from '../../bench/run-rounds.ts';
import { createStopwatch } from '../../bench/stopwatch.ts';
import { median, medianRatio, summaryLines } from '../../bench/summary.ts';
import { files, root } from '../project.ts';
import { readDuckdb } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const benchFolder = join(root, 'bench');
const silent = { info: () => {}, progress: () => {} };

function measured(contender: Contender, seconds: number): Measurement {
  return { contender, seconds, processorSeconds: 2 * seconds, peakBytes: 3_000_000, steps: {} };
}

test('Polars gives the rows of the DuckDB engine, and both are measured beside the floors', async () => {
  const requirements = [files.sparkRequirements, join(benchFolder, 'requirements.txt')];
  const python = await ensurePythonEnvironment(files.pythonEnvironment, requirements, silent);
  const cacheFolder = join(folder, 'data');
  const wanted = { cacheFolder, benchFolder, datasetsFile: files.datasets, titles: 2_000 };
  const data = await ensureBenchData(wanted);
  expect(await ensureBenchData(wanted)).toBe(data);
  expect(await readdir(cacheFolder)).toHaveLength(1);

  const workFolder = join(folder, 'work');
  await mkdir(workFolder);
  const lines: string[] = [];
  const rounds = await runRounds({
    rounds: 1,
    contenders: ['parse', 'duckdb', 'write', 'polars'],
    data,
    datasetsFile: files.datasets,
    workFolder,
    programs: { benchFolder, builtFolder: join(root, 'lib', 'bench'), python },
    info: (line) => lines.push(line),
  });
  expect(lines).toContain('Polars, by hand gives the same rows as the DuckDB engine.');
  expect(rounds.map((round) => round.map(({ contender }) => contender))).toEqual([
    ['parse', 'duckdb', 'write', 'polars'],
  ]);
  const engine = rounds[0]?.[1];
  expect(Object.keys(engine?.steps ?? {})).toEqual(['sources', 'names', 'write', 'measures']);
  // A process that holds DuckDB takes more than 50 MB, and less than 1 GB for 2,000 titles.
  expect(engine?.peakBytes).toBeGreaterThan(50_000_000);
  expect(engine?.peakBytes).toBeLessThan(1_000_000_000);
  const table = summaryLines(rounds);
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(table.join('\n')).toMatch(/^DuckDB engine +\d+\.\d\d +/m);
});

test('rows that differ are counted either way, doubled ones too', async () => {
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  await mkdir(one);
  await mkdir(other);
  const write = (rows: string, columns: string, path: string) =>
    readDuckdb(`COPY (FROM (VALUES ${rows}) AS t(${columns})) TO '${join(path, 'part-0.parquet')}'`);
  await write("(1, 'a'), (2, 'b'), (2, 'b'), (3, NULL)", 'key, name', one);
  await write("(NULL, 3), ('b', 2), ('c', 4)", 'name, key', other);
  // (1, a) and one (2, b) are missing there, (4, c) here.
  expect(await countDifferences(one, other)).toBe(3);
  expect(await countDifferences(one, one)).toBe(0);
});

test('the summary takes the median of the rounds and divides within a round', () => {
  const rounds = [
    [measured('parse', 1), measured('duckdb', 4), measured('write', 1), measured('polars', 8)],
    [measured('parse', 2), measured('duckdb', 20), measured('write', 2), measured('polars', 10)],
    [measured('parse', 1), measured('duckdb', 6), measured('write', 2), measured('polars', 6)],
  ];
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(medianRatio(rounds, 'duckdb', 'polars')).toBe(1);
  expect(medianRatio(rounds, 'duckdb', 'floor')).toBe(2);
  const lines = summaryLines(rounds);
  expect(lines).toContain('DuckDB engine               6.00    4.00 to 20.00       12.00      1.00        3');
  expect(lines.at(-1)).toBe('DuckDB engine / the floor: 2.00 (wanted at 12 M titles: at most 2.00)');
  expect(lines.join('\n')).not.toContain('naive');
});

test('steps of one name are added up', () => {
  let seconds = 0;
  const { steps, onStep, stop } = createStopwatch(() => seconds);
  for (const [step, until] of [
    ['keys', 2],
    ['transform', 5],
    ['keys', 6],
  ] as const) {
    onStep(step);
    seconds = until;
  }
  stop();
  expect(steps).toEqual({ keys: 3, transform: 3 });
});

test('the command line has defaults, and refuses what is no number', async () => {
  expect(readBenchOptions(['--titles', '5', '--json', 'x.json'])).toMatchObject({
    titles: 5,
    rounds: 3,
    json: 'x.json',
  });
  const command = promisify(execFile)(process.execPath, [
    join(root, 'lib', 'bench', 'index.js'),
    '--titles',
    '1e3',
  ]);
  await expect(command).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^--titles is "1e3"; it must be .*\nusage: npm run bench/),
  });
});
