import type { Amount, YearlyTitles } from './chart-data.ts';
import { formatCount, formatCounted, formatNumber, formatShare } from './format.ts';

/** The year with the most titles, and how many titles have no year. */
export function captionTitlesByYear({ years, series, withoutYear }: YearlyTitles): string {
  const totals = years.map((year, position) => ({
    label: String(year),
    amount: series.reduce((sum, { titles }) => sum + (titles[position] ?? 0), 0),
  }));
  const peak = findPeak(totals);
  const finding = `Most titles are from ${peak.labels} (${formatCount(peak.amount)}${peak.tied ? ' each' : ''}).`;
  if (withoutYear === 0) return finding;
  return `${finding} Not shown: ${formatCounted(withoutYear, 'title')} without a year.`;
}

/** The half point in which most ratings lie, and its part of all rated titles. */
export function captionRatings(ratings: readonly Amount[]): string {
  const peak = findPeak(ratings.map(({ label, amount }) => ({ label: nameRatingStep(label), amount })));
  const all = sumAmounts(ratings);
  const part = `${formatCount(peak.amount)}${peak.tied ? ' each' : ''} of ${formatCounted(all, 'rated title')}`;
  return `The most frequent rating is ${peak.labels} (${part}, ${formatShare(peak.amount, all)}).`;
}

/** The most frequent type and its part of all titles. */
export function captionTypes(types: readonly Amount[]): string {
  const peak = findPeak(types);
  const all = sumAmounts(types);
  const part = `${formatCount(peak.amount)}${peak.tied ? ' each' : ''} of ${formatCounted(all, 'title')}`;
  return `The most frequent type is ${peak.labels} (${part}, ${formatShare(peak.amount, all)}).`;
}

/** The decades with the longest and the shortest median runtime. */
export function captionRuntimes(decades: readonly Amount[]): string {
  const longest = findPeak(decades);
  const shortest = findPeak(decades.map(({ label, amount }) => ({ label, amount: -amount })));
  const minutes = formatMinutes(longest.amount);
  if (longest.amount === -shortest.amount)
    return `The median runtime is ${minutes} in the ${longest.labels}.`;
  return `The median runtime is longest in the ${longest.labels} (${minutes}) and shortest in the ${shortest.labels} (${formatNumber(-shortest.amount)}).`;
}

/** A runtime with its unit, for example `90.5 minutes`. */
export function formatMinutes(minutes: number): string {
  return `${formatNumber(minutes)} ${minutes === 1 ? 'minute' : 'minutes'}`;
}

/** A step's ratings have one decimal: the step from 7.0 ends with 7.4, and 10.0 stands alone. */
export function nameRatingStep(from: string): string {
  return from === '10.0' ? from : `${from} to ${(Number(from) + 0.4).toFixed(1)}`;
}

interface Peak {
  /** The label of the largest amount, or those that share it. */
  readonly labels: string;
  readonly amount: number;
  readonly tied: boolean;
}

function findPeak(amounts: readonly Amount[]): Peak {
  const amount = amounts.reduce((largest, bar) => Math.max(largest, bar.amount), Number.NEGATIVE_INFINITY);
  const [first = '', ...others] = amounts.filter((bar) => bar.amount === amount).map(({ label }) => label);
  if (others.length === 0) return { labels: first, amount, tied: false };
  const rest = others.length === 1 ? others[0] : `${others.length} others`;
  return { labels: `${first} and ${rest}`, amount, tied: true };
}

function sumAmounts(amounts: readonly Amount[]): number {
  return amounts.reduce((sum, { amount }) => sum + amount, 0);
}
