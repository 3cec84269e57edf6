import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareTable } from '../../actions/redshift-provision/src/table/compare-table.ts';
import { AUTOMATIC, type LayoutWords } from '../../actions/redshift-provision/src/table/layout-words.ts';
import type { LiveTable } from '../../actions/redshift-provision/src/table/live-table.ts';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { redshiftDialect } from '../../actions/shared/src/warehouse/redshift-dialect.ts';
import { failureOf } from '../contract/failure-of.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS } from '../warehouse/films.ts';

const folder = await temporaryFolder();
let written = 0;

const SOUND = `table: films
description: One row for each film.
key: film_key
layout:
  small: { distribution: auto, sort_key: auto }
  standard: { distribution: even, sort_key: [film_key] }
  x100: { distribution: { key: film_key }, sort_key: [film_key] }
columns:
  - name: film_key
    specified_as: filmKey
    type: varchar
    max_bytes: 16
    nullable: false
    description: The film's key.
`;

async function read(text: string) {
  const path = join(folder, `contract-${++written}.yml`);
  await writeFile(path, text);
  return readContract(path);
}

describe('the layout of a contract', () => {
  test('is read for each size', async () => {
    expect((await read(SOUND)).layout).toEqual({
      small: { distribution: 'auto', sort_key: 'auto' },
      standard: { distribution: 'even', sort_key: ['film_key'] },
      x100: { distribution: { key: 'film_key' }, sort_key: ['film_key'] },
    });
  });

  test('of the shipped contract spreads the largest by its key and sorts by year', async () => {
    expect((await readContract(files.contract)).layout?.x100).toEqual({
      distribution: { key: 'title_key' },
      sort_key: ['release_year'],
    });
  });

  test.each<[what: string, from: string, to: string, told: RegExp]>([
    [
      'another word',
      'distribution: even',
      'distribution: some',
      /line 6, column 29: .*must be auto, even, all/,
    ],
    [
      'a key that is no column',
      '{ key: film_key }',
      '{ key: title }',
      /line 7, column 32: .*"title" is not one/,
    ],
    [
      'a sort key that is no column',
      'even, sort_key: [film_key]',
      'even, sort_key: [title]',
      /line 6, column 46/,
    ],
    [
      'an empty sort key',
      'even, sort_key: [film_key]',
      'even, sort_key: []',
      /line 6, column 45: .*sort_key: Too small/,
    ],
    ['an unknown size', '  small:', '  tiny:', /line 5, column 3: .*"tiny"/],
  ])('with %s is refused with its place', async (_what, from, to, told) => {
    if (!SOUND.includes(from)) throw new Error(`"${from}" does not stand in the sound contract`);
    expect((await failureOf(read(SOUND.replace(from, to)))).why).toMatch(told);
  });
});

describe('compareTable', () => {
  /** The films' table as the contract wants it, with another layout or fewer columns. */
  const live = (layout: LayoutWords | null, places = FILMS.columns.length): LiveTable => ({
    comment: FILMS.description,
    layout,
    columns: FILMS.columns.slice(0, places).map((column) => ({
      name: column.name,
      type: redshiftDialect.columnType(column),
      nullable: column.nullable,
      comment: column.description,
    })),
  });
  const told = (layout: LayoutWords) =>
    compareTable(FILMS, AUTOMATIC, live(layout), redshiftDialect).drift.map(({ found }) => found);

  test('adds nothing behind a column that cannot be added', () => {
    const columns = FILMS.columns.map((column) =>
      column.name === 'order' ? { ...column, nullable: false } : column,
    );
    const { changes, drift } = compareTable({ ...FILMS, columns }, AUTOMATIC, live(null, 3), redshiftDialect);
    expect(changes).toEqual([]);
    expect(drift.map(({ subject, found }) => [subject, found])).toEqual([
      ['table films: column order', 'none; the rows there have no value for it'],
      ['table films: column rating', 'none; a column before it is missing'],
    ]);
  });

  test.each<[layout: LayoutWords, found: readonly string[]]>([
    [{ distribution: 'AUTO', sortKey: 'AUTO' }, []],
    [{ distribution: null, sortKey: null }, []],
    [{ distribution: 'ALL', sortKey: 'INTERLEAVED order' }, ['ALL', 'INTERLEAVED order']],
    [{ distribution: 'AUTO', sortKey: 'NONE' }, ['NONE']],
  ])('tells what differs from what Redshift decides: %j', (layout, found) => {
    expect(told(layout)).toEqual(found);
  });
});
