import type { SqlValue } from '../duckdb.ts';
import type { QueryReport } from '../warehouse/query-report.ts';
import { clipText, toPlainLine } from './format.ts';

/** A labelled amount: a bar. */
export interface Amount {
  readonly label: string;
  readonly amount: number;
}

/** Titles of each year, one series for each type. A year or type without titles has 0. */
export interface YearlyTitles {
  readonly years: readonly number[];
  readonly series: readonly { readonly type: string; readonly titles: readonly number[] }[];
  /** Titles that have no year and hence no place on the axis. */
  readonly withoutYear: number;
}

/** The name of the series that holds the types beyond the largest ones. */
export const OTHER_TYPES = 'other types';

const UNKNOWN_TYPE = 'unknown';
const LONGEST_TYPE = 40;
const LARGEST_TYPES = 6;
const MOST_TYPE_BARS = 12;
/** IMDb spans 160 years. Beyond this span a year is wrong and gaps are not worth drawing. */
const LONGEST_YEAR_SPAN = 300;
const RATING_STEP = 0.5;
const LOWEST_RATING = 1;
const HIGHEST_RATING = 10;

/** The titles by year and type, the gap years filled; null when there is nothing to draw. */
export function readTitlesByYear(query: QueryReport): YearlyTitles | null {
  const rows = pickColumns(query, ['release_year', 'title_type', 'titles']).map(([year, type, titles]) => ({
    year: toNumber(year),
    type: toLabel(type),
    titles: toNumber(titles) ?? 0,
  }));
  const dated = rows.filter((row) => row.year !== null && Number.isInteger(row.year));
  const withoutYear = rows.filter((row) => !dated.includes(row)).reduce((sum, row) => sum + row.titles, 0);
  if (dated.length === 0) return null;

  const years = fillYears(dated.map((row) => Number(row.year)));
  const positions = new Map(years.map((year, position) => [year, position]));
  const types = sumByLabel(dated.map((row) => ({ label: row.type, amount: row.titles })));
  const drawn = foldSmallest(types, LARGEST_TYPES).map(({ label }) => label);
  const titles = new Map(drawn.map((type) => [type, years.map(() => 0)]));
  for (const row of dated) {
    const series = titles.get(row.type) ?? titles.get(OTHER_TYPES);
    const position = positions.get(Number(row.year));
    if (series !== undefined && position !== undefined) {
      series[position] = (series[position] ?? 0) + row.titles;
    }
  }
  return { years, series: [...titles].map(([type, amounts]) => ({ type, titles: amounts })), withoutYear };
}

/** The rated titles in steps of half a point over the whole scale; null when none is rated. */
export function readRatings(query: QueryReport): readonly Amount[] | null {
  const titles = new Map<number, number>();
  for (const [from, count] of pickColumns(query, ['rating_from', 'titles'])) {
    const rating = toNumber(from);
    if (rating === null || rating < LOWEST_RATING || rating > HIGHEST_RATING) continue;
    const step = Math.floor(rating / RATING_STEP) * RATING_STEP;
    titles.set(step, (titles.get(step) ?? 0) + (toNumber(count) ?? 0));
  }
  if (titles.size === 0) return null;
  const steps = (HIGHEST_RATING - LOWEST_RATING) / RATING_STEP + 1;
  return Array.from({ length: steps }, (_, step) => {
    const rating = LOWEST_RATING + step * RATING_STEP;
    return { label: rating.toFixed(1), amount: titles.get(rating) ?? 0 };
  });
}

/** The titles of each type, the largest first; null when there are none. */
export function readTypes(query: QueryReport): readonly Amount[] | null {
  const rows = pickColumns(query, ['title_type', 'titles']);
  const types = sumByLabel(
    rows.map(([type, titles]) => ({ label: toLabel(type), amount: toNumber(titles) ?? 0 })),
  );
  return types.length === 0 ? null : foldSmallest(types, MOST_TYPE_BARS);
}

/** The median runtime of each decade, the oldest first; null when no runtime is known. */
export function readRuntimes(query: QueryReport): readonly Amount[] | null {
  const decades = pickColumns(query, ['decade', 'median_minutes', 'titles'])
    .map(([decade, minutes]) => ({ decade: toNumber(decade), minutes: toNumber(minutes) }))
    .filter((row) => row.decade !== null && row.minutes !== null)
    .map((row) => ({ decade: Number(row.decade), minutes: Number(row.minutes) }))
    .toSorted((first, second) => first.decade - second.decade);
  if (decades.length === 0) return null;
  return decades.map(({ decade, minutes }) => ({ label: `${decade}s`, amount: minutes }));
}

/** The rows with only these columns, in this order; no rows when the query lacks one of them. */
function pickColumns(query: QueryReport, names: readonly string[]): readonly (readonly SqlValue[])[] {
  const positions = names.map((name) => query.columns.indexOf(name));
  if (positions.includes(-1)) return [];
  return query.rows.map((row) => positions.map((position) => row[position] ?? null));
}

/** A number also where an engine returns it as text, as JSON writers do with 64-bit integers. */
function toNumber(value: SqlValue | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function toLabel(value: SqlValue | undefined): string {
  if (value === null || value === undefined) return UNKNOWN_TYPE;
  // Captions and tooltips are sentences around this label.
  return clipText(toPlainLine(String(value)), LONGEST_TYPE);
}

function fillYears(years: readonly number[]): readonly number[] {
  const present = [...new Set(years)].toSorted((first, second) => first - second);
  const first = present[0] ?? 0;
  const span = (present.at(-1) ?? first) - first;
  return span > LONGEST_YEAR_SPAN ? present : Array.from({ length: span + 1 }, (_, offset) => first + offset);
}

function sumByLabel(amounts: readonly Amount[]): readonly Amount[] {
  const sums = new Map<string, number>();
  for (const { label, amount } of amounts) sums.set(label, (sums.get(label) ?? 0) + amount);
  return [...sums]
    .map(([label, amount]) => ({ label, amount }))
    .toSorted((first, second) => second.amount - first.amount || (first.label < second.label ? -1 : 1));
}

/** The largest amounts, and the rest as one where there is a rest. */
function foldSmallest(sorted: readonly Amount[], keep: number): readonly Amount[] {
  if (sorted.length <= keep) return sorted;
  const rest = sorted.slice(keep).reduce((sum, { amount }) => sum + amount, 0);
  return [...sorted.slice(0, keep), { label: OTHER_TYPES, amount: rest }];
}
