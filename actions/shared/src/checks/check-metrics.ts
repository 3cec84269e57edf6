import type { Metric } from '../warehouse/metrics.ts';
import type { CheckResult } from './check-result.ts';
import type { Check } from './checks-file.ts';

/**
 * What a published load leaves of its checks, for later loads to be compared with: of each check that was
 * measured `measured`, and `share` where a threshold is one; of a drift the metric under its own name.
 * Freshness is not among them: it is the clock's, and the ledger holds both of its times.
 */
export function metricsOf(results: readonly CheckResult[], checks: readonly Check[]): Metric[] {
  const metricNames = new Map(
    checks.map((check) => [check.name, check.kind === 'drift' ? check.metric : 'measured']),
  );
  return results.flatMap(({ name, kind, measured, share }) => {
    if (measured === null || kind === 'freshness') return [];
    return [
      { name, metric: metricNames.get(name) ?? 'measured', value: measured },
      ...(share === null ? [] : [{ name, metric: 'share', value: share }]),
    ];
  });
}
