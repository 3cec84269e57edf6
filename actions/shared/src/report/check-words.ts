import type { CheckResult } from '../checks/check-result.ts';
import { formatCount, formatCounted, formatNumber, formatPercentage } from './format.ts';

/** What a check measured in the words of the reports, for example `3 (0.42%)` or `7 hours`. */
export function describeMeasured({ kind, status, measured, share, base }: CheckResult): string {
  if (measured === null) return status === 'not-run' ? 'not measured' : '–';
  if (kind === 'freshness') return formatCounted(Math.round(measured), 'hour');
  if (kind === 'drift') {
    const past = base === null ? '' : `, was ${formatNumber(base)}`;
    return `${formatNumber(measured)}${past}${share === null ? '' : ` (${formatPercentage(share)} off)`}`;
  }
  return share === null ? formatCount(measured) : `${formatCount(measured)} (${formatPercentage(share)})`;
}

/** A check's thresholds, for example `warns > 0, fails > 1%`. */
export function describeThresholds({ warn, error }: CheckResult): string {
  const thresholds = [
    ...(warn === null ? [] : [`warns ${warn}`]),
    ...(error === null ? [] : [`fails ${error}`]),
  ];
  return thresholds.length === 0 ? 'no threshold' : thresholds.join(', ');
}
