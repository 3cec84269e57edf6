import type { ReportedCheck, ValidationReport } from '../../actions/data-validate/src/validation-report.ts';

/** Texts that try to be more than text in each of the formats, one after another in a single value. */
export const HOSTILE = [
  `<script>alert('x')</script>"'&amp;]]>-->`,
  '[link](https://evil.example) {0} | **bold** `code` @someone #1',
  '\n::error::not mine%0A::set-output name=a::b\r\n<img src=x onerror=alert(1)>',
  '\u0000\u0001\u001b[31m\u202e\ufffe\ud800',
].join('');

/** A check that passed, with whatever the test says instead. */
export function createCheck(overrides: Partial<ReportedCheck> = {}): ReportedCheck {
  return {
    name: 'title_present',
    kind: 'not_null',
    description: 'Every film has a title.',
    column: 'title',
    status: 'pass',
    measured: 0,
    share: null,
    base: 100,
    warn: null,
    error: '> 0',
    sample_keys: [],
    reason: null,
    line: 7,
    trend: [],
    ...overrides,
  };
}

/** One check of each status. */
export const EACH_STATUS: readonly ReportedCheck[] = [
  createCheck({ name: 'passed' }),
  createCheck({
    name: 'warned',
    status: 'warn',
    measured: 2,
    warn: '> 1',
    line: 12,
    sample_keys: ['tt1', 'tt2'],
  }),
  createCheck({
    name: 'failed',
    status: 'error',
    measured: 3,
    share: 3,
    error: '> 1%',
    line: 17,
    sample_keys: ['tt3'],
  }),
  createCheck({
    name: 'broken',
    status: 'not-run',
    measured: null,
    base: null,
    reason: 'no column tilte',
    line: 22,
  }),
];

/** A report with these checks, counted, with whatever the test says instead. */
export function createReport(
  checks: readonly ReportedCheck[],
  overrides: Partial<ValidationReport> = {},
): ValidationReport {
  const count = (status: ReportedCheck['status']) => checks.filter((check) => check.status === status).length;
  return {
    report_version: 1,
    outcome: 'succeeded',
    failure: null,
    interruption: null,
    table: 'films',
    engine: 'duckdb',
    warehouse: 'the DuckDB file warehouse.duckdb',
    checks_file: 'sql/checks.yml',
    checked_at: '2026-11-23T06:04:05.678Z',
    seconds: 1.25,
    rows: 100,
    freshness: { source_date: '2026-11-22T23:52:00.000Z', hours: 6.2 },
    counts: {
      passed: count('pass'),
      warned: count('warn'),
      failed: count('error'),
      not_run: count('not-run'),
    },
    checks: [...checks],
    metrics: [],
    difference: null,
    ...overrides,
  };
}

/** A report in which every text from outside is {@link HOSTILE}. */
export function createHostileReport(): ValidationReport {
  const texts = { description: HOSTILE, column: HOSTILE, sample_keys: [HOSTILE, HOSTILE] };
  const sample = { rows: 1, sample_keys: [HOSTILE] };
  return createReport(
    [
      createCheck({ ...texts, name: 'one', status: 'error', measured: 1 }),
      createCheck({ ...texts, name: 'two', status: 'warn', measured: 1, warn: '> 0' }),
      createCheck({ ...texts, name: 'three', status: 'not-run', measured: null, reason: HOSTILE }),
    ],
    {
      outcome: 'failed-data',
      table: HOSTILE,
      warehouse: HOSTILE,
      checks_file: `sql/${HOSTILE.replaceAll('\ud800', '')}.yml`,
      difference: {
        against: 'live-table',
        added: sample,
        removed: sample,
        changed: sample,
        unchanged: 0,
        columns: [{ column: HOSTILE, rows: 1 }],
      },
    },
  );
}
