import type { CheckResult } from '../checks/check-result.ts';
import { parseThreshold } from '../checks/threshold.ts';
import { formatCount, formatNumber } from './format.ts';

const SHARE_DECIMALS = 2;
const MOST_DECIMALS = 12;

/** What a check measured in the words of the reports, for example `3 (0.42%)` or `7 hours`. */
export function describeMeasured(check: CheckResult): string {
  const { value, share } = wordsOf(check);
  return share === null ? value : `${value} (${share})`;
}

/** A check's thresholds, for example `warns > 0, fails > 1%`. */
export function describeThresholds({ warn, error }: CheckResult): string {
  const thresholds = [
    ...(warn === null ? [] : [`warns ${warn}`]),
    ...(error === null ? [] : [`fails ${error}`]),
  ];
  return thresholds.length === 0 ? 'no threshold' : thresholds.join(', ');
}

/** What a check is about, and what is to be known of its measure; of one that could not run, only why. */
export function remarkOf({ status, description, reason }: CheckResult): string {
  if (reason === null) return description;
  return status === 'not-run' ? reason : `${description} ${reason}`;
}

/** One check that failed, warned or could not run, as part of a sentence. */
export function describeCheck(check: CheckResult): string {
  const { name, status, reason, sample_keys } = check;
  if (status === 'not-run') return `${name} could not run: ${reason}`;
  const { value, share } = wordsOf(check);
  const threshold = status === 'warn' ? `warn: ${check.warn}` : `error: ${check.error}`;
  const judged = share === null ? threshold : `${share}; ${threshold}`;
  const keys = sample_keys.length > 0 ? `, for example ${sample_keys.slice(0, 5).join(', ')}` : '';
  return `${name} measured ${value} (${judged})${keys}`;
}

/** The measure, and the share it is where a threshold is one. */
function wordsOf(check: CheckResult): { readonly value: string; readonly share: string | null } {
  const { kind, status, measured, share, base } = check;
  if (measured === null) return { value: status === 'not-run' ? 'not measured' : '–', share: null };
  if (kind === 'freshness') {
    const hours = formatJudged(measured, check, { isShare: false, decimals: 0 });
    return { value: `${hours} ${hours === '1' ? 'hour' : 'hours'}`, share: null };
  }
  const told =
    share === null ? null : `${formatJudged(share, check, { isShare: true, decimals: SHARE_DECIMALS })}%`;
  if (kind !== 'drift') return { value: formatCount(measured), share: told };
  const past = base === null ? '' : `, was ${formatNumber(base)}`;
  return { value: `${formatNumber(measured)}${past}`, share: told === null ? null : `${told} off` };
}

/**
 * A number that a reader compares with the thresholds beside it: so many decimals, and more where fewer would
 * put it on the other side of a threshold, or make it none or all that is not quite so.
 */
function formatJudged(
  value: number,
  { warn, error }: CheckResult,
  { isShare, decimals }: { readonly isShare: boolean; readonly decimals: number },
): string {
  const thresholds = [warn, error]
    .flatMap((text) => (text === null ? [] : [parseThreshold(text)]))
    .filter((threshold) => threshold?.isShare === isShare);
  const isTrue = (shown: number) =>
    thresholds.every((threshold) => threshold?.isReached(shown) === threshold?.isReached(value)) &&
    [0, 100].every((whole) => !isShare || (shown === whole) === (value === whole));
  let most = decimals;
  while (most < MOST_DECIMALS && !isTrue(Number(value.toFixed(most)))) most += 1;
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: most }).format(value);
}
