import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readRunTitles } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildRun } from './build-run.ts';

const folder = await temporaryFolder();

const NO_NUMBERS = [
  ' 90',
  '90 ',
  '+90',
  '12.',
  '.5',
  '1e3',
  '0x10',
  '٣',
  '',
  '-',
  'NaN',
  'Infinity',
  '1_000',
  '9,5',
];
const NO_INTEGERS = [...NO_NUMBERS, '12.5', '2147483648', '99999999999'];
const INTEGERS: readonly (readonly [string, number])[] = [
  ['007', 7],
  ['-5', -5],
  ['0', 0],
  ['2147483647', 2_147_483_647],
];
const DECIMALS: readonly (readonly [string, number])[] = [...INTEGERS, ['7.25', 7.25], ['10.0', 10]];

const COLUMNS = [
  { column: 'release_year', good: INTEGERS, bad: NO_INTEGERS },
  { column: 'end_year', good: INTEGERS, bad: NO_INTEGERS },
  { column: 'runtime_minutes', good: INTEGERS, bad: NO_INTEGERS },
  { column: 'average_rating', good: DECIMALS, bad: NO_NUMBERS },
  { column: 'num_votes', good: INTEGERS, bad: NO_INTEGERS },
] as const;

/** One title for each value of each column; every other column of it is null. */
const TITLES = COLUMNS.flatMap(({ column, good, bad }) => [
  ...good.map(([text, number]) => ({ column, text, number })),
  ...bad.map((text) => ({ column, text, number: null })),
]).map((title, index) => ({ ...title, key: `tt${index + 1}` }));

async function writeTitles(): Promise<string> {
  const input = join(folder, 'input');
  await mkdir(input);
  const write = (dataset: string, header: string, rows: readonly string[][]) => {
    const lines = [header.split(' '), ...rows].map((fields) => `${fields.join('\t')}\n`);
    return writeFile(join(input, `${dataset}.tsv`), lines.join(''));
  };
  const cellsOf = (title: (typeof TITLES)[number], columns: readonly string[]) =>
    columns.map((column) => (column === title.column ? title.text : '\\N'));
  await write(
    'title.basics',
    'tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres',
    TITLES.map((title) => [
      ...[title.key, 'movie', 'A', 'A', '0'],
      ...cellsOf(title, ['release_year', 'end_year', 'runtime_minutes']),
      '\\N',
    ]),
  );
  await write(
    'title.ratings',
    'tconst averageRating numVotes',
    TITLES.map((title) => [title.key, ...cellsOf(title, ['average_rating', 'num_votes'])]),
  );
  await write('title.crew', 'tconst directors writers', []);
  await write('name.basics', 'nconst primaryName birthYear deathYear primaryProfession knownForTitles', []);
  return input;
}

const input = await writeTitles();

test.each(['duckdb', 'spark'] as const)(
  '%s reads what is a number, and counts what is none',
  async (engine) => {
    const { folder: runFolder, manifest } = await buildRun(engine, input, folder);
    const rows = new Map((await readRunTitles(runFolder)).map((row) => [row.title_key, row]));
    const found = TITLES.map((title) => ({ ...title, number: rows.get(title.key)?.[title.column] }));
    expect(found).toEqual(TITLES);
    const counted = COLUMNS.map(({ column }) => manifest.metrics[`unparsed_${column}`]);
    expect(counted).toEqual(COLUMNS.map(({ bad }) => bad.length));
  },
);
