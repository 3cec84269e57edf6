import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Film } from '../warehouse/films.ts';
import { checkFilms, runChecksOn } from './check-films.ts';

const folder = await temporaryFolder();

describe('the sample keys of a failed check', () => {
  const numbers = Array.from({ length: 50 }, (_, number) => String(number).padStart(2, '0'));

  test('are the first 20 in the order of the keys', async () => {
    // 7 has no divisor in common with 50, so the films come in another order than their keys.
    const films = numbers.map((_, index): Film => [numbers[(index * 7) % 50] ?? '', null, null, null, null]);
    const [result] = await checkFilms(folder, films, [{ kind: 'not_null', column: 'title', error: '> 0' }]);
    expect(result?.measured).toBe(50);
    expect(result?.sample_keys).toEqual(numbers.slice(0, 20));
  });

  test('of a doubled value are that value, once and at most 20', async () => {
    const films = [...numbers, ...numbers, '07'].map((key): Film => [key, null, null, null, null]);
    const [result] = await checkFilms(folder, films, [{ kind: 'unique', column: 'film_key', error: '> 0' }]);
    expect(result?.measured).toBe(51);
    expect(result?.sample_keys).toEqual(numbers.slice(0, 20));
  });

  test('come out as they are, whatever they hold', async () => {
    const keys = [
      '',
      ' ',
      "'; DROP TABLE staged; --",
      '"quoted"',
      '\\N',
      '$1',
      ':name',
      '🎬 %_',
      'two\nlines',
    ];
    const films = keys.map((key): Film => [key, null, null, null, null]);
    const [result] = await checkFilms(folder, films, [{ kind: 'not_null', column: 'title', error: '> 0' }]);
    expect(result?.sample_keys.toSorted()).toEqual(keys.toSorted());
  });
});

test('rows that cannot be shown leave the check what it is, and the others theirs', async () => {
  const keyless = "SELECT * FROM (VALUES (NULL, 'one'), (NULL, 'one')) AS rows (rating, title)";
  const results = await runChecksOn(folder, keyless, [
    { kind: 'not_null', column: 'rating', error: '> 0' },
    { kind: 'unique', column: 'title', error: '> 0' },
    { kind: 'not_null', column: 'title', error: '> 0' },
  ]);
  expect(results).toMatchObject([
    { status: 'error', measured: 2, sample_keys: [] },
    { status: 'error', measured: 1, sample_keys: ['one'], reason: null },
    { status: 'pass', measured: 0, reason: null },
  ]);
  expect(results[0]?.reason).toMatch(/^No row can be shown: .*film_key/);
});

describe('hostile names and patterns', () => {
  test.each([
    ['a double quote', 'a"b', '"a""b"'],
    ['a single quote', "a'b", `"a'b"`],
    ['a semicolon and a statement', 'a"; DROP TABLE staged; --', '"a""; DROP TABLE staged; --"'],
    ['a backslash', 'a\\', '"a\\"'],
    ['a parameter', 'a :name $name ?', '"a :name $name ?"'],
    ['a reserved word', 'select', '"select"'],
    ['no letter', ' ', '" "'],
  ])('a column name with %s is a name and nothing else', async (_what, name, column) => {
    const select = `SELECT * FROM (VALUES ('k1', 5), ('k2', NULL), ('k3', 5)) AS rows (film_key, ${column})`;
    const results = await runChecksOn(folder, select, [
      { kind: 'not_null', column: name, error: '> 0' },
      { kind: 'unique', column: name, error: '> 0' },
      { kind: 'range', column: name, max: 4, error: '> 0' },
    ]);
    expect(results).toMatchObject([
      { status: 'error', measured: 1, sample_keys: ['k2'], column: name },
      { status: 'error', measured: 1, sample_keys: ['5'] },
      { status: 'error', measured: 2, sample_keys: ['k1', 'k3'] },
    ]);
  });

  test.each([
    ['a single quote', "^it's$", "it's"],
    ['a semicolon and a statement', "^'; DROP TABLE staged; --$", "'; DROP TABLE staged; --"],
    ['a backslash of the expression', '^\\d\\\\$', '7\\'],
    ['a double quote', '^"$', '"'],
    ['what looks like a parameter', '^:name [$]1 [?]$', ':name $1 ?'],
    ['a letter beyond ASCII', '^Ærø 🎬$', 'Ærø 🎬'],
  ])('a pattern with %s matches what it says and nothing else', async (_what, pattern, matching) => {
    const films: Film[] = [
      ['k1', matching, null, null, null],
      ['k2', `${matching}!`, null, null, null],
    ];
    const [result] = await checkFilms(folder, films, [
      { kind: 'pattern', column: 'title', pattern, error: '> 0' },
    ]);
    expect(result).toMatchObject({ status: 'error', measured: 1, sample_keys: ['k2'] });
  });
});
