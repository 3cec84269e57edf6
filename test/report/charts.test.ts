import { describe, expect, test } from '@jest/globals';
import type { SqlValue } from '../../actions/shared/src/duckdb.ts';
import { drawCharts, drawRatings, drawRuntimes, drawTypes } from '../../actions/shared/src/report/charts.ts';
import { drawTitlesByYear } from '../../actions/shared/src/report/yearly-chart.ts';
import { createQuery } from './create-run-report.ts';

type Rows = readonly (readonly SqlValue[])[];

const years = (rows: Rows) =>
  createQuery('titles_by_year_and_type', ['release_year', 'title_type', 'titles'], rows);
const ratings = (rows: Rows) => createQuery('rating_distribution', ['rating_from', 'titles'], rows);
const types = (rows: Rows) => createQuery('titles_by_type', ['title_type', 'titles'], rows);
const runtimes = (rows: Rows) =>
  createQuery('runtime_by_decade', ['decade', 'median_minutes', 'titles'], rows);

/** What each bar says of itself, in the order in which the bars are drawn. */
function listMarks(svg: string | null | undefined): readonly string[] {
  return [...(svg ?? '').matchAll(/class="mark"><title>(.*?)<\/title>/g)].map(([, words]) => words ?? '');
}

describe('titles by year and type', () => {
  const query = years([
    [2019, 'movie', 20],
    [2019, 'short', 11],
    [2021, 'movie', 5],
    [null, 'movie', 3],
  ]);

  test('draws one bar for each year and type that has titles, also when narrow', () => {
    const chart = drawTitlesByYear(query);
    const marks = ['2019, movie: 20 titles', '2021, movie: 5 titles', '2019, short: 11 titles'];
    expect(listMarks(chart?.svg)).toEqual(marks);
    expect(listMarks(chart?.narrowSvg)).toEqual(marks);
  });

  test('keeps the place of a year without titles', () => {
    expect(drawTitlesByYear(query)?.svg).toContain('>2020</text>');
  });

  test('finds the peak over all types and owns up to titles without a year', () => {
    expect(drawTitlesByYear(query)?.caption).toBe(
      'Most titles are from 2019 (31). Not shown: 3 titles without a year.',
    );
  });

  test('names both years of a tie', () => {
    const caption = drawTitlesByYear(
      years([
        [2001, 'movie', 4],
        [2003, 'short', 4],
      ]),
    )?.caption;
    expect(caption).toBe('Most titles are from 2001 and 2003 (4 each).');
  });

  test('folds all but the six largest types into one', () => {
    const rows = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((type, index) => [2000, type, 10 - index]);
    const chart = drawTitlesByYear(years(rows));
    expect(chart?.legend.map(({ label }) => label)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'other types']);
    // g has 4 and h has 3.
    expect(listMarks(chart?.svg).at(-1)).toBe('2000, other types: 7 titles');
  });

  test('does not fill millennia for the sake of one wrong year', () => {
    const rows = [
      [1, 'movie', 1],
      [3000, 'movie', 2],
    ];
    const chart = drawTitlesByYear(years(rows));
    expect(listMarks(chart?.svg)).toHaveLength(2);
    expect(chart?.svg).not.toContain('>1000</text>');
  });
});

describe('ratings', () => {
  const query = ratings([
    [7, 6],
    [6.5, 3],
    [10, 1],
  ]);

  test('draws one column for each step that has titles, in the order of the scale', () => {
    expect(listMarks(drawRatings(query)?.svg)).toEqual([
      '6.5 to 6.9: 3 titles',
      '7.0 to 7.4: 6 titles',
      '10.0: 1 title',
    ]);
  });

  test('names the largest step and its part of all rated titles', () => {
    expect(drawRatings(query)?.caption).toBe(
      'The most frequent rating is 7.0 to 7.4 (6 of 10 rated titles, 60%).',
    );
  });

  test('leaves out what is not on the scale', () => {
    expect(
      drawRatings(
        ratings([
          [0.5, 9],
          [11, 9],
          [null, 9],
        ]),
      ),
    ).toBeNull();
  });
});

describe('types', () => {
  test('draws the largest first and says which it is', () => {
    const chart = drawTypes(
      types([
        ['short', 1],
        ['movie', 3],
      ]),
    );
    expect(listMarks(chart?.svg)).toEqual(['movie: 3 titles', 'short: 1 title']);
    expect(chart?.caption).toBe('The most frequent type is movie (3 of 4 titles, 75%).');
  });

  test('reads counts that an engine returns as text', () => {
    expect(drawTypes(types([['movie', '1200']]))?.caption).toContain('(1,200 of 1,200 titles, 100%)');
  });

  test('keeps the caption a sentence whatever the type is called', () => {
    const chart = drawTypes(types([[`a\u202e\n${'b'.repeat(4000)}`, 2]]));
    expect(chart?.caption).toBe(`The most frequent type is a ${'b'.repeat(38)}… (2 of 2 titles, 100%).`);
  });

  test('escapes the name of a type', () => {
    const { svg = '' } = drawTypes(types([['<script>&', 2]])) ?? {};
    expect(svg).not.toContain('<script');
    expect(listMarks(svg)).toEqual(['&lt;script&gt;&amp;: 2 titles']);
  });
});

describe('runtimes', () => {
  test('draws the decades in their order and names the longest and the shortest', () => {
    const chart = drawRuntimes(
      runtimes([
        [1970, 90.5, 4],
        [1890, 1, 2],
        [1920, 61, 2],
      ]),
    );
    expect(listMarks(chart?.svg)).toEqual(['1890s: 1 minute', '1920s: 61 minutes', '1970s: 90.5 minutes']);
    expect(chart?.caption).toBe(
      'The median runtime is longest in the 1970s (90.5 minutes) and shortest in the 1890s (1).',
    );
  });

  test('does not call a single decade both longest and shortest', () => {
    expect(drawRuntimes(runtimes([[2010, 96, 4]]))?.caption).toBe(
      'The median runtime is 96 minutes in the 2010s.',
    );
  });
});

describe('drawCharts', () => {
  test('draws what there is, in the order of the page, and skips the rest', () => {
    const profile = [
      runtimes([]),
      types([['movie', 1]]),
      createQuery('rating_distribution', ['another_column'], [[1]]),
      years([[2000, 'movie', 1]]),
      createQuery('unheard_of', ['a'], [[1]]),
    ];
    expect(drawCharts(profile).map(({ name }) => name)).toEqual([
      'titles_by_year_and_type',
      'titles_by_type',
    ]);
  });

  test('draws the same markup every time', () => {
    const profile = [
      years([[2000, 'movie', 1]]),
      ratings([[7, 1]]),
      types([['movie', 1]]),
      runtimes([[2000, 9, 1]]),
    ];
    expect(drawCharts(profile)).toEqual(drawCharts(profile));
    expect(JSON.stringify(drawCharts(profile))).not.toMatch(/zr\d|ecmeta|<style/);
  });
});
