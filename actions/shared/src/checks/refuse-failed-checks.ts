import { PipelineError } from '../errors.ts';
import type { CheckResult } from './check-result.ts';

/**
 * Ends the load when the checks say so.
 *
 * @throws PipelineError `failed-data` when a check reached its error threshold, `failed-infra` when one
 *   that has such a threshold could not be measured.
 */
export function refuseFailedChecks(results: readonly CheckResult[], table: string): void {
  const failed = results.filter(({ status }) => status === 'error');
  const unmeasured = results.filter(({ status, error }) => status === 'not-run' && error !== null);
  if (failed.length === 0 && unmeasured.length === 0) return;
  throw new PipelineError({
    kind: failed.length > 0 ? 'failed-data' : 'failed-infra',
    what:
      failed.length > 0
        ? `${failed.length} of ${results.length} checks failed`
        : `${unmeasured.length} of ${results.length} checks could not run`,
    where: table,
    why: [...failed, ...unmeasured].map(describeCheck).join('; '),
    done: 'Nothing was published; the table is as it was.',
    next: 'Look at the report; mend the source, or the thresholds in the checks file, and run again.',
  });
}

/** One check that failed, warned or could not run, as part of a sentence. */
export function describeCheck(check: CheckResult): string {
  const { name, kind, status, measured, share, base, reason, sample_keys } = check;
  if (reason !== null) return `${name} could not run: ${reason}`;
  const threshold = status === 'warn' ? `warn: ${check.warn}` : `error: ${check.error}`;
  const keys = sample_keys.length > 0 ? `, for example ${sample_keys.slice(0, 5).join(', ')}` : '';
  if (kind === 'drift') {
    const off = share === null ? '' : `, ${share.toFixed(2)} % off`;
    return `${name} measured ${measured} against ${base}${off} (${threshold})`;
  }
  return `${name} measured ${measured}${share === null ? '' : ` or ${share.toFixed(2)} %`} (${threshold})${keys}`;
}
