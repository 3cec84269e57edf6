import type { PipelineFailure } from '../errors.ts';
import { describeCheck } from '../report/check-words.ts';
import { toPlainLine } from '../report/format.ts';
import type { CheckResult } from './check-result.ts';

/** What the checks say of a table, and why, where that is not good. */
export interface Judgement {
  /** `failed-data`: the data is bad; `failed-infra`: nobody knows, for a check that counts could not run. */
  readonly outcome: 'succeeded' | 'failed-data' | 'failed-infra';
  /** How many checks ended so, for example `1 of 3 checks failed`, and each of them; empty when it is good. */
  readonly what: string;
  readonly why: string;
  /** Whether there are checks and none of them could run: then nothing is known of the table. */
  readonly isUnknown: boolean;
}

/**
 * What the results say of the table. An error is bad data. A check that could not run and has an error
 * threshold leaves it open, and so does it when no check at all could run, whatever their thresholds.
 *
 * @param isStrict whether a warning counts as an error.
 */
export function judgeResults(results: readonly CheckResult[], isStrict = false): Judgement {
  const bad = results.filter(({ status }) => status === 'error' || (isStrict && status === 'warn'));
  const notRun = results.filter(({ status }) => status === 'not-run');
  const isUnknown = results.length > 0 && notRun.length === results.length;
  const unmeasured = notRun.filter(({ error }) => isUnknown || isStrict || error !== null);
  if (bad.length === 0 && unmeasured.length === 0) {
    return { outcome: 'succeeded', what: '', why: '', isUnknown };
  }
  const [told, end] = bad.length > 0 ? [bad, 'failed'] : [unmeasured, 'could not run'];
  return {
    outcome: bad.length > 0 ? 'failed-data' : 'failed-infra',
    what: `${told.length} of ${results.length} checks ${end}`,
    why: [...bad, ...unmeasured].map((check) => toPlainLine(describeCheck(check))).join('; '),
    isUnknown,
  };
}

/** The judgement as a failure; null when it is good. */
export function failureOf(
  { outcome, what, why }: Judgement,
  told: Pick<PipelineFailure, 'where' | 'done' | 'next'>,
): PipelineFailure | null {
  return outcome === 'succeeded' ? null : { kind: outcome, what, why, ...told };
}
