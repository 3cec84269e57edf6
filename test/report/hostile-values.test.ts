import { describe, expect, test } from '@jest/globals';
import { renderReport } from '../../actions/shared/src/report/render-report.tsx';
import {
  createCheck,
  createFailure,
  createQuery,
  createRunReport,
  createSource,
} from './create-run-report.ts';
import { countOccurrences } from './read-text.ts';

const HOSTILE = `<script>alert("1")</script>'&\u202e`;
const ESCAPED = "&lt;script>alert(&quot;1&quot;)&lt;/script>'&amp;\u202e";

describe('hostile values', () => {
  const long = 'W'.repeat(4000);
  const report = createRunReport({
    outcome: 'failed-data',
    failure: createFailure({ what: HOSTILE, where: HOSTILE, why: HOSTILE, done: HOSTILE, next: HOSTILE }),
    table: HOSTILE,
    run_id: HOSTILE,
    engine: HOSTILE,
    tasks: [{ name: HOSTILE, state: 'failed', seconds: 1, detail: HOSTILE }],
    sources: [createSource({ dataset: HOSTILE, path: HOSTILE, modified: HOSTILE })],
    lake: { path: HOSTILE, rows: 1, files: [{ path: HOSTILE, rows: 1, bytes: 1 }] },
    checks: [
      createCheck({
        name: HOSTILE,
        description: HOSTILE,
        status: 'warn',
        sample_keys: [HOSTILE],
        warn: HOSTILE,
        reason: HOSTILE,
      }),
    ],
    profile: [
      createQuery('titles_by_type', ['title_type', 'titles'], [[HOSTILE, 1]]),
      createQuery('titles_by_year_and_type', ['release_year', 'title_type', 'titles'], [[2000, HOSTILE, 1]]),
    ],
    examples: [createQuery(HOSTILE, [HOSTILE], [[HOSTILE]], { question: HOSTILE, sql: HOSTILE })],
  });

  test('never become markup', () => {
    const html = renderReport(report);
    expect(html).not.toContain('<script');
    expect(html).not.toContain('alert("1")</');
    expect(html).toContain(`<td><bdi>${ESCAPED}</bdi></td>`);
    // Nothing is lost by escaping: each of the places above shows the whole value.
    expect(countOccurrences(html, `<bdi>${ESCAPED}</bdi>`)).toBeGreaterThanOrEqual(20);
  });

  test('a quote does not end an attribute', () => {
    expect(renderReport(report)).toContain(`aria-label="Answer: ${ESCAPED}"`);
  });

  test('a cell of 4,000 characters is clipped and says so', () => {
    const html = renderReport(createRunReport({ examples: [createQuery('long', ['a'], [[long]])] }));
    expect(html).toContain('…</bdi> <small>(4,000 characters)</small>');
    expect(html).not.toContain('W'.repeat(300));
  });
});
