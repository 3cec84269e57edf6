import { describe, expect, test } from '@jest/globals';
import { summarize } from '../../actions/shared/src/report/summarize.ts';
import { createCheck, createFailure, createLoad, createRunReport } from './create-run-report.ts';

describe('summarize', () => {
  test('counts the titles and the checks of a published table', () => {
    expect(summarize(createRunReport())).toBe('12 titles published in 1.8 s; 1 check passed, 1 warned.');
  });

  test('counts what the table holds after the load, not what was staged', () => {
    const report = createRunReport({ load: createLoad({ rows_staged: 3, rows_total: 4120 }), checks: [] });
    expect(summarize(report)).toBe('4,120 titles published in 1.8 s; no checks ran.');
  });

  test('names every status that occurs', () => {
    const statuses = ['pass', 'pass', 'warn', 'error', 'not-run', 'not-run'] as const;
    const checks = statuses.map((status) => createCheck({ status }));
    expect(summarize(createRunReport({ checks }))).toBe(
      '12 titles published in 1.8 s; 2 checks passed, 1 warned, 1 failed, 2 not run.',
    );
  });

  test('says that the files were loaded before', () => {
    const report = createRunReport({ outcome: 'already-loaded', seconds: 0.4, checks: [] });
    expect(summarize(report)).toBe(
      'Nothing new in 0.4 s: these files were loaded before, the table holds 12 titles.',
    );
  });

  test.each([
    ['failed-data', 'Stopped by the data after 1.8 s: title.basics cannot be read.'],
    ['bad-input', 'Stopped by its input after 1.8 s: title.basics cannot be read.'],
    ['failed-infra', 'Stopped by the infrastructure after 1.8 s: title.basics cannot be read.'],
  ] as const)('says what a %s run stopped on', (outcome, expected) => {
    const failure = createFailure({ kind: outcome, what: 'title.basics cannot be read.' });
    expect(summarize(createRunReport({ outcome, failure, checks: [] }))).toBe(expected);
  });

  test('does without a cause that is missing', () => {
    expect(summarize(createRunReport({ outcome: 'failed-infra', checks: [] }))).toBe(
      'Stopped by the infrastructure after 1.8 s.',
    );
  });

  test('lets no control character and no endless cause through to a terminal', () => {
    const failure = createFailure({ what: `\u001b[31mred\nline \u202e${'x'.repeat(4000)}` });
    const sentence = summarize(createRunReport({ outcome: 'failed-data', failure, checks: [] }));
    expect(sentence).toContain(': [31mred line xxx');
    expect(sentence).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(sentence.length).toBeLessThan(260);
  });
});
