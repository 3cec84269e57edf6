import type { ActionOutcome } from '../../shared/src/action/job-summary.ts';
import type { CheckResult } from '../../shared/src/checks/check-result.ts';
import { describeCheck } from '../../shared/src/checks/refuse-failed-checks.ts';
import type { PipelineFailure } from '../../shared/src/errors.ts';
import { toPlainLine } from '../../shared/src/report/format.ts';
import type { Inputs } from './inputs.ts';

/** How a validation ended. The step fails when there is a failure; the outcome is told in any case. */
export interface Verdict {
  readonly outcome: ActionOutcome;
  readonly failure: PipelineFailure | null;
}

/**
 * What the checks say of the table. Bad data is `failed-data`; a check that could not run and might have
 * failed is `failed-infra`. With `never` the step stays green all the same, unless no check at all could run.
 */
export function judgeChecks(
  results: readonly CheckResult[],
  failOn: Inputs['fail-on'],
  table: string,
): Verdict {
  const isStrict = failOn === 'warn';
  const bad = results.filter(({ status }) => status === 'error' || (isStrict && status === 'warn'));
  const unmeasured = results.filter(
    ({ status, error }) => status === 'not-run' && (isStrict || error !== null),
  );
  if (bad.length === 0 && unmeasured.length === 0) return { outcome: 'succeeded', failure: null };
  const outcome = bad.length > 0 ? 'failed-data' : 'failed-infra';
  const noneRan = results.every(({ status }) => status === 'not-run');
  if (failOn === 'never' && !noneRan) return { outcome, failure: null };
  const [told, end] = bad.length > 0 ? [bad, 'failed'] : [unmeasured, 'could not run'];
  return {
    outcome,
    failure: {
      kind: outcome,
      what: `${told.length} of ${results.length} checks ${end}`,
      where: table,
      why: [...bad, ...unmeasured].map((check) => toPlainLine(describeCheck(check))).join('; '),
      done: 'The table is as it was: the checks only read.',
      next:
        bad.length > 0
          ? 'Look at the report; mend the data, or the thresholds in the checks file, and run again.'
          : 'Mend what kept the checks from running, and run again.',
    },
  };
}
