import type { CheckResult } from '../../actions/shared/src/checks/check-result.ts';
import type { SqlValue } from '../../actions/shared/src/duckdb.ts';
import type { PipelineFailure } from '../../actions/shared/src/errors.ts';
import type { RunReport, SourceReport } from '../../actions/shared/src/report/run-report.ts';
import type { LoadReport } from '../../actions/shared/src/warehouse/load-report.ts';
import type { QueryReport } from '../../actions/shared/src/warehouse/query-report.ts';

/** The report of a successful run of 12 titles, with whatever the test says instead. */
export function createRunReport(overrides: Partial<RunReport> = {}): RunReport {
  return {
    report_version: 1,
    outcome: 'published',
    failure: null,
    table: 'imdb_titles',
    run_id: '20261123T060400Z-7f3a',
    engine: 'DuckDB 1.5.5',
    mode: 'merge',
    started_at: '2026-11-23T06:04:00Z',
    seconds: 1.84,
    tasks: [
      { name: 'transform', state: 'succeeded', seconds: 0.92, detail: '12 rows in 1 file' },
      { name: 'publish', state: 'succeeded', seconds: 0.46, detail: '12 new titles' },
      { name: 'notify', state: 'skipped', seconds: 0, detail: 'no address was given' },
    ],
    sources: [
      createSource({ dataset: 'title.basics', rows_in: 12, rows_rejected: 1 }),
      createSource({ dataset: 'title.crew', rows_in: 11 }),
      createSource({ dataset: 'title.ratings', rows_in: 9 }),
      createSource({ dataset: 'name.basics', rows_in: 968, bytes: 1_234_567 }),
    ],
    rejects: {
      total: 1,
      first: [
        {
          dataset: 'title.basics',
          path: 'samples/title.basics.tsv',
          line: 7,
          reason: 'wrong_field_count',
          fields: 8,
          record: 'tt0000006\tthe text of the record',
        },
      ],
    },
    lake: {
      path: 'lake/imdb_titles/run=20261123T060400Z-7f3a',
      rows: 12,
      files: [{ path: 'part-00000.parquet', bytes: 40_960, rows: 12 }],
    },
    load: createLoad(),
    checks: [
      createCheck({ name: 'keys_are_unique' }),
      createCheck({ name: 'titles_are_present', status: 'warn', measured: 2, sample_keys: ['tt0000003'] }),
    ],
    freshness: {
      source_date: '2026-11-22T23:52:00Z',
      published_at: '2026-11-23T06:04:00Z',
      run_id: '20261123T060400Z-7f3a',
      rows_total: 12,
    },
    profile: [],
    examples: [],
    ...overrides,
  };
}

/** A source file, with whatever the test says instead. */
export function createSource(overrides: Partial<SourceReport> = {}): SourceReport {
  return {
    dataset: 'title.basics',
    path: `samples/${overrides.dataset ?? 'title.basics'}.tsv`,
    bytes: 1536,
    modified: '2026-11-22T23:52:00Z',
    rows_in: 12,
    rows_rejected: 0,
    ...overrides,
  };
}

/** A first load of 12 titles, with whatever the test says instead. */
export function createLoad(overrides: Partial<LoadReport> = {}): LoadReport {
  return {
    load_id: '7f3a',
    mode: 'replace',
    already_loaded: false,
    rows_staged: 12,
    rows_inserted: 12,
    rows_updated: 0,
    rows_deleted: 0,
    rows_unchanged: 0,
    rows_stale: 0,
    rows_vanished: 0,
    rows_total: 12,
    ...overrides,
  };
}

/** A check that passed, with whatever the test says instead. */
export function createCheck(overrides: Partial<CheckResult> = {}): CheckResult {
  return {
    name: 'keys_are_unique',
    kind: 'unique',
    description: 'No two titles share a key.',
    column: 'title_key',
    status: 'pass',
    measured: 0,
    share: null,
    base: null,
    warn: '> 0',
    error: '> 10',
    sample_keys: [],
    reason: null,
    ...overrides,
  };
}

/** A query's answer: the columns and the rows under them. */
export function createQuery(
  name: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  overrides: Partial<QueryReport> = {},
): QueryReport {
  return { name, question: `What is ${name}?`, sql: 'select 1', columns, rows, seconds: 0.004, ...overrides };
}

/** A failure, with whatever the test says instead. */
export function createFailure(overrides: Partial<PipelineFailure> = {}): PipelineFailure {
  return {
    kind: 'failed-data',
    what: 'The staged table fails 1 of 2 checks.',
    where: 'check keys_are_unique',
    why: '3 rows share a key, the limit is 0.',
    done: 'Nothing was published; the live table is as it was.',
    next: 'Look at the sample keys, then mend the source or the limit.',
    ...overrides,
  };
}
