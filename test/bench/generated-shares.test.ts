import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { generateDataset } from '../../bench/generate-dataset.ts';
import { readDuckdb } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';

// The figures are those of IMDb in February 2026; of the lengths in May 2025. Of 200,000 titles a share
// strays by 0.1 %, so that a fault of 0.4 % shows.
const TITLES = 200_000;
const folder = await temporaryFolder();

function read(dataset: string, columns: string): string {
  const typed = columns.split(' ').map((column) => `'${column}': 'VARCHAR'`);
  return `read_csv('${join(folder, `${dataset}.tsv`)}', auto_detect = false, header = true, delim = '\t',
    new_line = '\\n', quote = '', escape = '', comment = '', nullstr = '\\N', ignore_errors = true,
    columns = {${typed.join(', ')}})`;
}

const basics = read(
  'title.basics',
  'tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres',
);
const crew = read('title.crew', 'tconst directors writers');
const ratings = read('title.ratings', 'tconst averageRating numVotes');
const names = read('name.basics', 'nconst primaryName birthYear deathYear primaryProfession knownForTitles');
const credits = `(SELECT unnest(split(directors, ',')) AS nconst FROM ${crew}
  UNION ALL SELECT unnest(split(writers, ',')) FROM ${crew})`;

async function value(sql: string): Promise<number> {
  return Number((await readDuckdb(sql)).rows[0]?.[0]);
}

beforeAll(() => generateDataset({ directory: folder, titles: TITLES, seed: 11, gzip: false }));

test.each([
  ['titles without startYear', `SELECT avg((startYear IS NULL)::INT) FROM ${basics}`, 0.118, 0.004],
  ['titles without endYear', `SELECT avg((endYear IS NULL)::INT) FROM ${basics}`, 0.9875, 0.002],
  [
    'titles without runtimeMinutes',
    `SELECT avg((runtimeMinutes IS NULL)::INT) FROM ${basics}`,
    0.6412,
    0.004,
  ],
  ['titles without genres', `SELECT avg((genres IS NULL)::INT) FROM ${basics}`, 0.0433, 0.003],
  ['episodes', `SELECT avg((titleType = 'tvEpisode')::INT) FROM ${basics}`, 0.75, 0.004],
  ['titles without directors', `SELECT avg((directors IS NULL)::INT) FROM ${crew}`, 0.4402, 0.004],
  ['titles without writers', `SELECT avg((writers IS NULL)::INT) FROM ${crew}`, 0.4897, 0.004],
  ['titles with a rating', `SELECT count(*) / ${TITLES} FROM ${ratings}`, 0.13, 0.004],
  ['people for each title', `SELECT count(*) / ${TITLES} FROM ${names}`, 1.2, 0.01],
])('the share of %s is that of IMDb', async (_what, sql, expected, tolerance) => {
  expect(Math.abs((await value(sql)) - expected)).toBeLessThan(tolerance);
});

// 1.02 GB, 391 MB and 900 MB for 11.6, 11.6 and 14.4 million records.
test.each([
  ['title.basics', 88],
  ['title.crew', 33.7],
  ['name.basics', 62],
])('a record of %s is as long as one of IMDb, within 5 %%', async (dataset, expected) => {
  const file = join(folder, `${dataset}.tsv`);
  const bytes = await value(
    `SELECT size / (SELECT count(*) FROM read_csv('${file}', columns = {'line': 'VARCHAR'}, delim = '\\x01',
       auto_detect = false, quote = '', escape = '', new_line = '\\n')) FROM read_blob('${file}')`,
  );
  expect(Math.abs(bytes / expected - 1)).toBeLessThan(0.05);
});

test('the longest lists of people are as long as those of IMDb', async () => {
  const { rows } = await readDuckdb(
    `SELECT max(len(split(directors, ','))), max(len(split(writers, ','))) FROM ${crew}`,
  );
  expect(rows).toEqual([[528, 1393]]);
});

test('there are 11 kinds of title, 28 genres and 91 ratings', async () => {
  const { rows } = await readDuckdb(
    `SELECT (SELECT count(DISTINCT titleType) FROM ${basics}),
            (SELECT count(DISTINCT genre) FROM (SELECT unnest(split(genres, ',')) AS genre FROM ${basics}) WHERE genre <> ''),
            (SELECT count(DISTINCT averageRating) FROM ${ratings})`,
  );
  expect(rows).toEqual([[11, 28, 91]]);
});

test('some ids dangle, few: people who have no name yet, and titles that have a crew only', async () => {
  const people = await value(
    `SELECT avg((known.nconst IS NULL)::INT) FROM ${credits} AS credit LEFT JOIN ${names} AS known USING (nconst)`,
  );
  expect(people).toBeGreaterThan(0.0001);
  expect(people).toBeLessThan(0.001);
  const titles = await value(`SELECT count(*) FROM ${crew} ANTI JOIN ${basics} USING (tconst)`);
  // 2,334 of 12.3 million.
  expect(titles / TITLES).toBeGreaterThan(0.0001);
  expect(titles / TITLES).toBeLessThan(0.001);
});
