import { describe, expect, test } from '@jest/globals';
import { parseThreshold, shareOf } from '../../actions/shared/src/checks/threshold.ts';

/** Whether the threshold is reached; a text that is none fails the test. */
function isReached(text: string, count: number, base = 1000): boolean {
  const threshold = parseThreshold(text);
  if (threshold === null) throw new Error(`"${text}" is no threshold`);
  return threshold.reachedBy({ count, base });
}

describe('a threshold', () => {
  // Below, at and above a limit of 5, absolute and as a share of 1,000.
  test.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
    ['=', [false, true, false]],
    ['!=', [true, false, true]],
  ])('with %s compares below, at and above its limit', (operator, expected) => {
    expect([4, 5, 6].map((count) => isReached(`${operator} 5`, count))).toEqual(expected);
    expect([49, 50, 51].map((count) => isReached(`${operator} 5%`, count))).toEqual(expected);
  });

  test.each([
    ['> 0', 0, 10, false],
    ['> 0', 1, 10, true],
    ['> 0.5%', 5, 1000, false],
    ['> 0.5%', 6, 1000, true],
    ['< 99.9%', 999, 1000, false],
    ['< 99.9%', 998, 1000, true],
    ['< 1', 0, 0, true],
    ['< 100%', 1_000_000_000, 1_000_000_000, false],
    ['> 1%', 1, 99, true],
    ['> 1%', 1, 100, false],
  ])('%s is reached by %d of %d: %s', (text, count, base, expected) => {
    expect(isReached(text, count, base)).toBe(expected);
  });

  test('of nothing is 0 %', () => {
    expect(shareOf({ count: 0, base: 0 })).toBe(0);
    expect(isReached('> 0%', 0, 0)).toBe(false);
    expect(isReached('>= 0%', 0, 0)).toBe(true);
  });

  test('something of nothing is more than any share', () => {
    expect(isReached('> 1%', 5, 0)).toBe(true);
    expect(isReached('> 10000%', 5, 0)).toBe(true);
    expect(isReached('< 95%', 5, 0)).toBe(false);
  });

  test.each([
    ['>0', false],
    ['  >=   1.50  %  ', true],
    ['<\t3', false],
    ['!=7%', true],
  ])('is read from "%s" with and without spaces, and keeps its text', (text, isShare) => {
    expect(parseThreshold(text)).toMatchObject({ text, isShare });
  });

  test.each([
    [''],
    ['0'],
    ['>'],
    ['> '],
    ['%'],
    ['> %'],
    ['> -1'],
    ['> 1.'],
    ['> .5'],
    ['> 1,5'],
    ['> 1 000'],
    ['> 1e3'],
    ['> 1%%'],
    ['=> 1'],
    ['== 1'],
    ['<> 1'],
    ['> > 1'],
    ['1 >'],
    ['> 1 rows'],
    ['> 1\n> 2'],
    ['more than 1'],
  ])('is not read from "%s"', (text) => {
    expect(parseThreshold(text)).toBeNull();
  });
});
