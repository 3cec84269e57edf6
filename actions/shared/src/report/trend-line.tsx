import type { JSX } from 'preact';
import { formatCounted, formatNumber } from './format.ts';

/** What a check measured over the last loads, the oldest first, and now. */
export interface Trend {
  readonly past: readonly number[];
  /** Null when it could not be measured. */
  readonly now: number | null;
}

const WIDTH = 160;
const HEIGHT = 28;
/** Room for the dot at the end. */
const MARGIN = 4;

/** The trend as a small line with the newest value as a dot; nothing when it is no more than one point. */
export function TrendLine({ trend }: { readonly trend: Trend }): JSX.Element | null {
  const values = valuesOf(trend);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.length < 2) return null;
  const points = values.map((value, position) => {
    const across = MARGIN + (position / (values.length - 1)) * (WIDTH - 2 * MARGIN);
    const up = most === least ? 0.5 : (value - least) / (most - least);
    return { x: across.toFixed(1), y: (HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)).toFixed(1) };
  });
  const last = points.at(-1);
  const told = describeTrend(trend, least, most);
  return (
    <p class="trend">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={told}>
        <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
        {trend.now === null || last === undefined ? null : <circle cx={last.x} cy={last.y} r="3" />}
      </svg>
      <span>{told}</span>
    </p>
  );
}

/** Whether it is the same number throughout, which of a check that passes says nothing. */
export function isFlat(trend: Trend): boolean {
  return new Set(valuesOf(trend)).size < 2;
}

function valuesOf({ past, now }: Trend): readonly number[] {
  return now === null ? past : [...past, now];
}

function describeTrend({ past }: Trend, least: number, most: number): string {
  const loads = formatCounted(past.length, 'earlier load');
  if (most === least) return `${formatNumber(least)} in ${loads} too`;
  return `${formatNumber(least)} to ${formatNumber(most)} over ${loads}`;
}
