import { describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import { refuseFailedChecks } from '../../actions/shared/src/checks/refuse-failed-checks.ts';
import { failureOf } from '../contract/failure-of.ts';

function createResult(overrides: Partial<CheckResult>): CheckResult {
  return {
    name: 'title_present',
    kind: 'not_null',
    description: 'Every film has a title.',
    column: 'title',
    status: 'pass',
    measured: 0,
    share: null,
    base: null,
    warn: null,
    error: '> 0',
    sample_keys: [],
    reason: null,
    ...overrides,
  };
}

const passed = createResult({});
const warned = createResult({ status: 'warn', measured: 3, warn: '> 0', sample_keys: ['k1'] });
const failed = createResult({
  status: 'error',
  measured: 7,
  sample_keys: ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'],
});
const notRun = createResult({
  name: 'in_scale',
  status: 'not-run',
  measured: null,
  reason: 'no column rating',
});

async function refusal(...results: readonly CheckResult[]) {
  return failureOf(new Promise((resolve) => resolve(refuseFailedChecks(results, 'films'))));
}

describe('refuseFailedChecks', () => {
  test('lets a load pass whose checks passed, warned, or could not run but would only have warned', () => {
    const results = [passed, warned, { ...notRun, error: null, warn: '> 0' }];
    expect(() => refuseFailedChecks(results, 'films')).not.toThrow();
  });

  test('refuses a load of which no check could run, though each would only have warned', async () => {
    expect(await refusal({ ...notRun, error: null, warn: '> 0' })).toMatchObject({
      kind: 'failed-infra',
      what: '1 of 1 checks could not run',
    });
  });

  test('refuses a load with a failed check as failed-data, with measure, threshold and five keys', async () => {
    expect(await refusal(passed, failed, warned)).toMatchObject({
      kind: 'failed-data',
      what: '1 of 3 checks failed',
      where: 'films',
      why: 'title_present measured 7 (error: > 0), for example k1, k2, k3, k4, k5',
      done: 'Nothing was published; the table is as it was.',
    });
  });

  test('tells the share with two digits where a threshold is one', async () => {
    const { why } = await refusal({ ...failed, share: 1.23456, error: '> 1%', sample_keys: [] });
    expect(why).toBe('title_present measured 7 (1.23%; error: > 1%)');
  });

  test('refuses a load with an unmeasured check as failed-infra, with the reason', async () => {
    expect(await refusal(passed, notRun)).toMatchObject({
      kind: 'failed-infra',
      what: '1 of 2 checks could not run',
      why: 'in_scale could not run: no column rating',
    });
  });

  test('a failed check weighs more than an unmeasured one, and both are told', async () => {
    const { kind, what, why } = await refusal(notRun, failed);
    expect([kind, what]).toEqual(['failed-data', '1 of 2 checks failed']);
    expect(why).toMatch(/^title_present measured 7.*; in_scale could not run: no column rating$/);
  });
});
