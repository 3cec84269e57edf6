/** What is shown where a value is missing or cannot be told. */
export const NOTHING = '–';

const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;
const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'] as const;
/** Below this an integer may be a year, which takes no thousands separator. */
const SMALLEST_SEPARATED_INTEGER = 10_000;
const MOST_DECIMALS = 3;

const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compactCounts = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const percentages = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });
const timestamps = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

/** A count with thousands separators, for example `11,412,903`. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? counts.format(count) : NOTHING;
}

/** A count short enough for an axis, for example `1.2M`. */
export function formatCompactCount(count: number): string {
  return compactCounts.format(count);
}

/** A count with its noun, for example `1 title` or `2 titles`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A percentage of two significant digits, or all of them from 10 up: `0.42%`, `7.1%`, `97%`. */
export function formatPercentage(percentage: number): string {
  if (!Number.isFinite(percentage)) return NOTHING;
  return `${Math.abs(percentage) < 10 ? percentages.format(percentage) : counts.format(percentage)}%`;
}

/** What part of the whole it is, as a percentage. 0 and 100 are kept for exactly none and all. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return NOTHING;
  const percentage = (part / whole) * 100;
  if (percentage > 99 && percentage < 100) return '>99%';
  return formatPercentage(percentage);
}

/** A duration in the two largest units that matter: `40 ms`, `1.8 s`, `2 min 5 s`, `1 h 3 min`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return NOTHING;
  if (seconds === 0) return '0 s';
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;

  // Each unit is rounded before it is split: 59.7 s is 1 min, never 60 s.
  const wholeSeconds = Math.round(seconds);
  if (wholeSeconds < SECONDS_PER_MINUTE) return `${wholeSeconds} s`;
  if (wholeSeconds < SECONDS_PER_MINUTE * MINUTES_PER_HOUR) {
    return twoUnits(wholeSeconds, SECONDS_PER_MINUTE, 'min', 's');
  }
  const wholeMinutes = Math.round(seconds / SECONDS_PER_MINUTE);
  if (wholeMinutes < MINUTES_PER_HOUR * HOURS_PER_DAY) {
    return twoUnits(wholeMinutes, MINUTES_PER_HOUR, 'h', 'min');
  }
  const wholeHours = Math.round(seconds / (SECONDS_PER_MINUTE * MINUTES_PER_HOUR));
  return twoUnits(wholeHours, HOURS_PER_DAY, 'd', 'h');
}

function twoUnits(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${formatCount(Math.floor(amount / size))} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** A size in decimal units, as file managers and S3 state it: `812 bytes`, `1.5 kB`, `206 MB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return NOTHING;
  if (bytes < 1000) return formatCounted(bytes, 'byte');
  let amount = bytes;
  let unit = '';
  for (unit of BYTE_UNITS) {
    amount /= 1000;
    // 999.6 kB would be rounded to 1000 kB, hence not 1000.
    if (amount < 999.5) break;
  }
  return `${amount < 9.95 ? amount.toFixed(1) : formatCount(amount)} ${unit}`;
}

/** A point in time in UTC, for example `Nov 23, 2026, 06:04 UTC`; what is no time is shown as it is. */
export function formatTimestamp(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${timestamps.format(time)} UTC`;
}

/** The first characters of a text, marked where more follow; never half of a character. */
export function clipText(text: string, limit: number): string {
  const characters = Array.from(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit).join('')}…`;
}

/**
 * A foreign text as part of a sentence, on one line. Control characters go because sentences are also
 * written to terminals, which would obey them; those that set the direction of text go because they
 * would reorder what follows.
 */
export function toPlainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\p{Bidi_Control}/gu, '')
    .trim();
}

/** A number of a query's result, with at least as many decimals as asked for and at most 3. */
export function formatNumber(value: number, decimals = 0): string {
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: MOST_DECIMALS,
    // Integers that may be years have no separator.
    useGrouping: !Number.isInteger(value) || Math.abs(value) >= SMALLEST_SEPARATED_INTEGER,
  }).format(value);
}

/** How many decimals a number has when it is written with at most 3. */
export function countDecimals(value: number): number {
  return formatNumber(value).split('.')[1]?.length ?? 0;
}
