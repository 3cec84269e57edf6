import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { RunReport } from '../../actions/shared/src/report/run-report.ts';
import { generateDataset } from '../../bench/generate-dataset.ts';
import { readDuckdb } from '../read-titles.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();

test('1,200,000 generated titles in .tsv.gz are published whole', async () => {
  const input = join(folder, 'large-input');
  const output = join(folder, 'large');
  await mkdir(input);
  await generateDataset({ directory: input, titles: 1_200_000, seed: 3, gzip: true });
  const { code, stdout, stderr } = await runCli('--input', input, '--output', output);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('titles published');
  const report = JSON.parse(await readFile(join(output, 'report.json'), 'utf8')) as RunReport;
  const basics = report.sources.find(({ dataset }) => dataset === 'title.basics');
  const accepted = (basics?.rows_in ?? 0) - (basics?.rows_rejected ?? 0);
  expect(basics?.rows_in).toBe(1_200_000);
  const counted = await readDuckdb(
    'SELECT count(*), count(DISTINCT title_key) FROM imdb_titles',
    join(output, 'warehouse.duckdb'),
  );
  expect(counted.rows).toEqual([[accepted, accepted]]);
});
