import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OnDrift } from '../../actions/redshift-provision/src/drift.ts';
import { ensureTable } from '../../actions/redshift-provision/src/table/ensure-table.ts';
import type { TableTarget } from '../../actions/redshift-provision/src/table/table-target.ts';
import { type Contract, readContract } from '../../actions/shared/src/contract/contract.ts';
import type { LayoutSize } from '../../actions/shared/src/contract/layout.ts';
import { failureOf } from '../contract/failure-of.ts';
import { files } from '../project.ts';
import { FILMS } from '../warehouse/films.ts';
import { startRedshiftFilms } from '../warehouse/redshift-films.ts';
import { keepLog, type OpenDatabase, openDatabase, unparsableParts } from './open-database.ts';

const films = startRedshiftFilms();
const titles = await readContract(files.contract);

let database: OpenDatabase;
beforeEach(async () => {
  database = await openDatabase(films);
});

/** The films' contract with other columns or another layout. */
function contractWith(differences: Partial<Contract>): Contract {
  return { ...FILMS, ...differences };
}

async function ensure(contract: Contract, size: LayoutSize = 'standard', onDrift: OnDrift = 'fail') {
  database.written.length = 0;
  const log = keepLog();
  const { changed, drift } = await ensureTable(database.target, contract, size, onDrift, log);
  return { changed, drift, lines: log.lines, written: [...database.written] };
}

const column = (name: string) => {
  const found = FILMS.columns.find((one) => one.name === name);
  if (found === undefined) throw new Error(`FILMS has no column ${name}`);
  return found;
};

const ADDED = { ...column('rating'), name: 'added', description: 'The added.' };

describe('a table that is not there', () => {
  test('is made with its ledger, its metrics, its view and all comments', async () => {
    const { changed, drift } = await ensure(titles);
    expect(changed).toEqual([
      'table imdb_titles created',
      'ledger imdb_titles_loads created',
      'metrics imdb_titles_metrics created',
      'view imdb_titles_freshness created',
      'comments written',
    ]);
    expect(drift).toEqual([]);
    const described =
      await database.rowsOf(`SELECT column_name, data_type, character_maximum_length, is_nullable
FROM svv_columns WHERE table_name = 'imdb_titles' AND remarks IS NOT NULL ORDER BY ordinal_position`);
    expect(described).toHaveLength(18);
    // The first, a text that may be null, a truth and a fraction, as the contract has them.
    expect([0, 4, 7, 13].map((place) => described[place])).toEqual([
      ['title_key', 'character varying', 16, 'NO'],
      ['directors', 'character varying', 4096, 'YES'],
      ['has_directors', 'boolean', null, 'NO'],
      ['average_rating', 'double precision', null, 'YES'],
    ]);
  });

  test.each<[size: LayoutSize, style: string, sortKey: string]>([
    ['small', 'AUTO(ALL)', 'AUTO(SORTKEY)'],
    ['standard', 'AUTO(ALL)', 'release_year'],
    ['x100', 'KEY(title_key)', 'release_year'],
  ])('is laid out for the size %s, and a second run runs no DDL', async (size, style, sortKey) => {
    await ensure(titles, size);
    const filled = titles.columns.filter(({ nullable }) => !nullable);
    const values = { varchar: "'x'", boolean: 'TRUE', integer: '1', double: '1' };
    await database.run(`INSERT INTO imdb_titles (${filled.map(({ name }) => name).join(', ')})
VALUES (${filled.map(({ type }) => values[type]).join(', ')})`);
    expect(
      await database.rowsOf(`SELECT diststyle, sortkey1 FROM svv_table_info WHERE "table" = 'imdb_titles'`),
    ).toEqual([[style, sortKey]]);
    expect(await ensure(titles, size)).toEqual({
      changed: [],
      drift: [],
      written: [],
      lines: ['table imdb_titles: nothing to change, no DDL was run'],
    });
  });

  test.each<[size: LayoutSize]>([['small'], ['standard'], ['x100']])(
    'is made in words that Redshift knows, for the size %s',
    async (size) => {
      const { written } = await ensure(titles, size);
      expect(written).toHaveLength(23);
      expect(unparsableParts(written)).toEqual([]);
    },
  );

  test('of no layout is left to Redshift', async () => {
    const { written } = await ensure(FILMS);
    expect(written[0]).toMatch(/\)\nDISTSTYLE AUTO\nSORTKEY AUTO$/);
  });
});

test('what another provisions in the same moment is no failure, and is not told as changed', async () => {
  const ensureWith = (target: TableTarget) => ensureTable(target, FILMS, 'small', 'fail', keepLog());
  let other: Promise<{ readonly changed: readonly string[] }> | null = null;
  const late: TableTarget = {
    ...database.target,
    // Both have seen that nothing is there.
    transact: async (statements) => {
      other ??= ensureWith(database.target);
      expect((await other).changed).toHaveLength(5);
      await database.target.transact(statements);
    },
  };
  expect(await ensureWith(late)).toEqual({ changed: [], drift: [] });
  expect(other).not.toBeNull();
});

test('what was committed is told, though what comes after it fails', async () => {
  await ensure(FILMS);
  const columns = [
    ...FILMS.columns.map((one) => (one.name === 'title' ? { ...one, max_bytes: 80 } : one)),
    ADDED,
  ];
  const target: TableTarget = {
    ...database.target,
    transact: (statements) =>
      database.target.transact(
        statements.map(({ sql }) => ({ sql: sql.replace('ALTER COLUMN "title"', 'ALTER COLUMN "nowhere"') })),
      ),
  };
  const told: string[] = [];
  const changed = (line: string) => void told.push(line);
  await failureOf(ensureTable(target, contractWith({ columns }), 'small', 'fail', keepLog(), changed));
  expect(told).toEqual(['column added added', 'comment of column added written']);
});

describe('a table that is there', () => {
  beforeEach(async () => {
    await ensure(FILMS);
    await database.run("INSERT INTO films (film_key, title) VALUES ('f1', 'A title')");
  });

  test('is left alone when it is as asked for, also when it is empty', async () => {
    expect(await ensure(FILMS)).toMatchObject({ changed: [], drift: [], written: [] });
    await database.run('DELETE FROM films');
    expect(await ensure(FILMS)).toMatchObject({ changed: [], drift: [], written: [] });
  });

  test('gets a new column at its end, and keeps its rows', async () => {
    const wanted = contractWith({ columns: [...FILMS.columns, ADDED] });
    const { changed, drift, written } = await ensure(wanted);
    expect(changed).toEqual(['column added added', 'comment of column added written']);
    expect(drift).toEqual([]);
    expect(unparsableParts(written)).toEqual([]);
    expect(await database.rowsOf('SELECT film_key, title, added FROM films')).toEqual([
      ['f1', 'A title', null],
    ]);
    expect((await ensure(wanted)).changed).toEqual([]);
  });

  test('gets wider texts, each outside a transaction, and keeps its rows', async () => {
    const widths: Readonly<Record<string, number>> = { film_key: 24, title: 80 };
    const columns = FILMS.columns.map((one) =>
      widths[one.name] === undefined ? one : { ...one, max_bytes: widths[one.name] },
    );
    const { changed, written } = await ensure(contractWith({ columns: [...columns, ADDED] }));
    expect(changed).toEqual([
      'column added added',
      'comment of column added written',
      'column film_key widened from 16 to 24 bytes',
      'column title widened from 40 to 80 bytes',
    ]);
    expect(unparsableParts(written)).toEqual([]);
    await database.run(`UPDATE films SET title = '${'x'.repeat(80)}'`);
    expect(await database.rowsOf('SELECT film_key, LEN(title) FROM films')).toEqual([['f1', 80]]);
  });

  test('gets the contract’s new words as comments, whatever stands in them', async () => {
    const description = "It's \\ a :word; -- \"quoted\" 'twice'";
    const columns = FILMS.columns.map((one) => (one.name === 'title' ? { ...one, description } : one));
    const { changed } = await ensure(contractWith({ columns, description }));
    expect(changed).toEqual(['comment of column title written', 'comment of the table written']);
    expect((await ensure(contractWith({ columns, description }))).changed).toEqual([]);
  });

  test('gets the view back that somebody dropped', async () => {
    await database.run('DROP VIEW films_freshness');
    expect((await ensure(FILMS)).changed).toEqual(['view films_freshness created']);
  });

  test.each<[what: string, columns: Contract['columns'], drift: object]>([
    [
      'another type',
      FILMS.columns.map((one) => (one.name === 'rating' ? { ...one, type: 'integer' } : one)),
      { subject: 'table films: column rating', wanted: 'INTEGER', found: 'DOUBLE PRECISION' },
    ],
    [
      'a narrower text',
      FILMS.columns.map((one) => (one.name === 'title' ? { ...one, max_bytes: 20 } : one)),
      { subject: 'table films: column title', wanted: 'VARCHAR(20)', found: 'VARCHAR(40)' },
    ],
    [
      'a column that may not be null any more',
      FILMS.columns.map((one) => (one.name === 'title' ? { ...one, nullable: false } : one)),
      { subject: 'table films: column title', wanted: 'NOT NULL', found: 'may be null' },
    ],
    [
      'a new column that may not be null',
      [...FILMS.columns, { ...ADDED, nullable: false }],
      {
        subject: 'table films: column added',
        wanted: 'DOUBLE PRECISION NOT NULL',
        found: 'none; the rows there have no value for it',
      },
    ],
    [
      'a new column in the middle',
      FILMS.columns.toSpliced(2, 0, ADDED),
      {
        subject: 'table films: column added',
        wanted: 'at place 3',
        found: 'none; a new column can only be the last',
      },
    ],
    [
      'a column less',
      FILMS.columns.filter(({ name }) => name !== 'rating'),
      { subject: 'table films: column rating', wanted: 'none', found: 'DOUBLE PRECISION' },
    ],
    [
      'another order',
      [column('film_key'), column('title'), column('order'), column('is_short'), column('rating')],
      {
        subject: 'table films: order of the columns',
        wanted: 'film_key, title, order, is_short, rating',
        found: 'film_key, title, is_short, order, rating',
      },
    ],
  ])('is not touched for %s, which is told', async (_what, columns, drift) => {
    const ensured = await ensure(contractWith({ columns }), 'standard', 'apply');
    expect(ensured).toMatchObject({ changed: [], written: [], drift: [drift] });
    expect(ensured.drift).toHaveLength(1);
  });
});

describe('a table with another layout than asked for', () => {
  const byKey = { distribution: { key: 'film_key' }, sort_key: ['order', 'title'] };
  const even = { distribution: 'even' as const, sort_key: 'auto' as const };
  const laidOut = contractWith({ layout: { small: even, standard: even, x100: byKey } });

  test.each<[from: LayoutSize, to: LayoutSize, wanted: readonly string[], found: readonly string[]]>([
    ['standard', 'x100', ['KEY(film_key)', 'order, title'], ['EVEN', 'AUTO']],
    ['x100', 'standard', ['EVEN', 'AUTO'], ['KEY(film_key)', 'order, title']],
  ])('keeps it, from %s to %s, unless changes are to be applied', async (from, to, wanted, found) => {
    await ensure(laidOut, from);
    await database.run("INSERT INTO films (film_key) VALUES ('f1')");
    const told = await ensure(laidOut, to);
    expect(told.changed).toEqual([]);
    expect(told.written).toEqual([]);
    expect(told.drift).toEqual([
      { subject: 'table films: distribution', wanted: wanted[0], found: found[0] },
      { subject: 'table films: sort key', wanted: wanted[1], found: found[1] },
    ]);
    const applied = await ensure(laidOut, to, 'apply');
    expect(applied.drift).toEqual([]);
    expect(applied.written).toHaveLength(2);
    expect(unparsableParts(applied.written)).toEqual([]);
    expect(await ensure(laidOut, to)).toMatchObject({ changed: [], drift: [] });
    expect(await database.rowsOf('SELECT film_key FROM films')).toEqual([['f1']]);
  });

  test('tells it of an empty table as far as Redshift does', async () => {
    await ensure(laidOut, 'standard');
    expect((await ensure(laidOut, 'x100')).drift.map(({ found }) => found)).toEqual(['no key', 'none']);
  });
});
