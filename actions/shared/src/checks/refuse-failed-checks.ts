import { PipelineError } from '../errors.ts';
import type { CheckResult } from './check-result.ts';
import { failureOf, judgeResults } from './judge-results.ts';

/**
 * Ends the load when the checks say so.
 *
 * @throws PipelineError `failed-data` when a check reached its error threshold, `failed-infra` when one
 *   that has such a threshold could not be measured, or none could.
 */
export function refuseFailedChecks(results: readonly CheckResult[], table: string): void {
  const failure = failureOf(judgeResults(results), {
    where: table,
    done: 'Nothing was published; the table is as it was.',
    next: 'Look at the report; mend the source, or the thresholds in the checks file, and run again.',
  });
  if (failure !== null) throw new PipelineError(failure);
}
