import type { CheckResult, CheckStatus } from '../checks/check-result.ts';

/** A check's status in the word that is shown for it. */
export const CHECK_WORDS: Readonly<Record<CheckStatus, string>> = {
  error: 'failed',
  warn: 'warned',
  'not-run': 'not run',
  pass: 'passed',
};

/** The order a reader needs them in: what asks for action first. */
const MOST_URGENT_FIRST: readonly CheckStatus[] = ['error', 'warn', 'not-run', 'pass'];

/** How many checks ended with the status. */
export function countChecks(checks: readonly CheckResult[], status: CheckStatus): number {
  return checks.filter((check) => check.status === status).length;
}

/** The checks with the most urgent first; in the order of the checks file among equals. */
export function sortChecks(checks: readonly CheckResult[]): readonly CheckResult[] {
  return MOST_URGENT_FIRST.flatMap((status) => checks.filter((check) => check.status === status));
}

/** The counts for a heading, for example `1 failed, 2 warned, 13 passed`. */
export function describeChecks(checks: readonly CheckResult[]): string {
  return MOST_URGENT_FIRST.map((status) => ({ status, count: countChecks(checks, status) }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${CHECK_WORDS[status]}`)
    .join(', ');
}
