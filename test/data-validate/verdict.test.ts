import { expect, test } from '@jest/globals';
import { interrupt, judgeChecks } from '../../actions/data-validate/src/verdict.ts';
import { createCheck } from './create-report.ts';

const PASS = createCheck();
const WARN = createCheck({ name: 'warned', status: 'warn', measured: 2, warn: '> 1' });
const ERROR = createCheck({ name: 'failed', status: 'error', measured: 3 });
const BROKEN = createCheck({ name: 'broken', status: 'not-run', measured: null, reason: 'no such column' });
const BROKEN_WARNING = { ...BROKEN, warn: '> 0', error: null };

test.each([
  ['passed', [PASS], ['succeeded', false], ['succeeded', false], ['succeeded', false]],
  ['a warning', [PASS, WARN], ['succeeded', false], ['failed-data', true], ['succeeded', false]],
  ['an error', [PASS, ERROR], ['failed-data', true], ['failed-data', true], ['failed-data', false]],
  ['not run', [PASS, BROKEN], ['failed-infra', true], ['failed-infra', true], ['failed-infra', false]],
  [
    'a warning not run',
    [PASS, BROKEN_WARNING],
    ['succeeded', false],
    ['failed-infra', true],
    ['succeeded', false],
  ],
  [
    'an error and not run',
    [ERROR, BROKEN],
    ['failed-data', true],
    ['failed-data', true],
    ['failed-data', false],
  ],
  ['none run', [BROKEN, BROKEN], ['failed-infra', true], ['failed-infra', true], ['failed-infra', true]],
  [
    'none run, all warnings',
    [BROKEN_WARNING],
    ['failed-infra', true],
    ['failed-infra', true],
    ['failed-infra', true],
  ],
  ['no check at all', [], ['succeeded', false], ['succeeded', false], ['succeeded', false]],
] as const)('%s: on error %j, on warn %j, never %j', (_what, checks, onError, onWarn, never) => {
  const expected = { error: onError, warn: onWarn, never };
  for (const [failOn, [outcome, isRed]] of Object.entries(expected)) {
    const verdict = judgeChecks(checks, failOn as keyof typeof expected, 'films');
    expect([failOn, verdict.outcome, verdict.failure !== null]).toEqual([failOn, outcome, isRed]);
  }
});

test('the failure names each check with its measure, and what could not run', () => {
  expect(judgeChecks([WARN, ERROR, BROKEN], 'warn', 'films').failure).toMatchObject({
    kind: 'failed-data',
    what: '2 of 3 checks failed',
    where: 'films',
    why: 'warned measured 2 (warn: > 1); failed measured 3 (error: > 0); broken could not run: no such column',
  });
});

const LATE = {
  kind: 'timed-out',
  what: 'The validation did not end',
  where: 'input timeout-minutes',
  why: 'the time is over',
  done: 'Nothing.',
  next: 'Give it more time.',
} as const;

test.each([
  ['bad data stays bad data', [ERROR], 'error', 'failed-data', '1 of 1 checks failed'],
  ['bad data is told on never too', [ERROR], 'never', 'failed-data', LATE.what],
  ['good data is not known to be good', [PASS], 'error', 'timed-out', LATE.what],
  ['what could not run is told by the interruption', [BROKEN], 'error', 'timed-out', LATE.what],
  ['nothing was checked', [], 'error', 'timed-out', LATE.what],
] as const)('when the step is kept from its end, %s', (_what, checks, failOn, outcome, what) => {
  const verdict = interrupt(judgeChecks(checks, failOn, 'films'), LATE);
  expect(verdict).toMatchObject({ outcome, failure: { what }, interruption: LATE });
});
