import type { ActionOutcome } from '../../shared/src/action/job-summary.ts';
import type { CheckResult } from '../../shared/src/checks/check-result.ts';
import { failureOf, judgeResults } from '../../shared/src/checks/judge-results.ts';
import type { PipelineFailure } from '../../shared/src/errors.ts';
import type { Inputs } from './inputs.ts';

/** How a validation ended. The step fails when there is a failure; the outcome is told in any case. */
export interface Verdict {
  readonly outcome: ActionOutcome;
  readonly failure: PipelineFailure | null;
  /** What kept the step from its end, whatever the checks had said by then; null when nothing did. */
  readonly interruption: PipelineFailure | null;
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
  const judgement = judgeResults(results, failOn === 'warn');
  const { outcome, isUnknown } = judgement;
  const failure = failureOf(judgement, {
    where: table,
    done: 'The table is as it was: the checks only read.',
    next:
      outcome === 'failed-data'
        ? 'Look at the report; mend the data, or the thresholds in the checks file, and run again.'
        : 'Mend what kept the checks from running, and run again.',
  });
  return { outcome, failure: failOn === 'never' && !isUnknown ? null : failure, interruption: null };
}

/**
 * What is to be said of a validation that was kept from its end. Data that the checks had found to be bad by
 * then stays bad; of all else the interruption tells.
 *
 * @param verdict what the checks said until then.
 */
export function interrupt(verdict: Verdict, interruption: PipelineFailure): Verdict {
  return verdict.outcome === 'failed-data'
    ? { ...verdict, failure: verdict.failure ?? interruption, interruption }
    : { outcome: interruption.kind, failure: interruption, interruption };
}
