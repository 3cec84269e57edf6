import { relative, resolve } from 'node:path';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { countChecks, describeChecks } from '../../shared/src/report/check-counts.ts';
import { formatCount, formatTimestamp } from '../../shared/src/report/format.ts';
import type { TaskReport } from '../../shared/src/tasks.ts';
import type { Inputs } from './inputs.ts';
import type { ReportPaths } from './reports/write-reports.ts';
import type { CheckedTable } from './validation.ts';
import type { ValidationReport } from './validation-report.ts';
import type { Verdict } from './verdict.ts';

/** What is known of the validation by now. */
export interface ValidationFacts extends CheckedTable {
  table: string;
  warehouse: string | null;
  /** Where each check begins in the checks file. */
  lines: ReadonlyMap<string, number>;
  difference: ValidationReport['difference'];
}

/** What is known before anything is. */
export function noFacts({ table }: Inputs): ValidationFacts {
  return {
    table: table ?? 'table',
    warehouse: null,
    lines: new Map(),
    results: [],
    metrics: [],
    trends: new Map(),
    rows: null,
    freshness: null,
    difference: null,
  };
}

/** The facts as the report that all the files are made from. */
export function reportOf(
  inputs: Inputs,
  facts: ValidationFacts,
  verdict: Verdict,
  { now, seconds, workspace }: { readonly now: Date; readonly seconds: number; readonly workspace: string },
): ValidationReport {
  const { results, metrics, trends, lines, rows, freshness, difference, table, warehouse } = facts;
  return {
    report_version: 1,
    ...verdict,
    table,
    engine: inputs.engine,
    warehouse,
    checks_file: relative(workspace, resolve(workspace, inputs.checks)),
    checked_at: now.toISOString(),
    seconds,
    rows,
    freshness,
    counts: {
      passed: countChecks(results, 'pass'),
      warned: countChecks(results, 'warn'),
      failed: countChecks(results, 'error'),
      not_run: countChecks(results, 'not-run'),
    },
    checks: results.map((result) => ({
      ...result,
      sample_keys: [...result.sample_keys],
      line: lines.get(result.name) ?? null,
      trend: [...(trends.get(result.name) ?? [])],
    })),
    metrics: [...metrics],
    difference,
  };
}

/** The step as the action's outputs and summary tell it. */
export function describeValidation({ report, tasks, paths }: EndedValidation): ActionResult {
  const { counts, difference, rows, freshness, warehouse, checks } = report;
  const shown: readonly (readonly [string, string | null])[] = [
    ['table', warehouse === null ? report.table : `${report.table} in ${warehouse}`],
    ['checks', checks.length === 0 ? null : describeChecks(checks)],
    ['rows', rows === null ? null : formatCount(rows)],
    [
      'source',
      freshness === null
        ? null
        : `${formatTimestamp(freshness.source_date)}, ${freshness.hours.toFixed(1)} hours before`,
    ],
    ['difference', difference === null ? null : describeDifference(difference)],
    ['page', paths.html],
  ];
  return {
    title: `data-validate · ${report.table}`,
    outcome: report.outcome,
    failure: report.failure,
    seconds: report.seconds,
    tasks,
    facts: shown.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    links: [],
    outputs: {
      passed: String(counts.passed),
      warned: String(counts.warned),
      failed: String(counts.failed),
      'not-run': String(counts.not_run),
      rows: rows === null ? '' : String(rows),
      'freshness-hours': freshness === null ? '' : freshness.hours.toFixed(2),
      added: difference === null ? '' : String(difference.added.rows),
      removed: difference === null ? '' : String(difference.removed.rows),
      changed: difference === null ? '' : String(difference.changed.rows),
      ...paths,
    },
  };
}

interface EndedValidation {
  readonly report: ValidationReport;
  readonly tasks: readonly TaskReport[];
  readonly paths: ReportPaths;
}

/** The difference in one line. */
export function describeDifference({
  against,
  added,
  removed,
  changed,
}: NonNullable<ValidationReport['difference']>): string {
  const counts = `${formatCount(added.rows)} added, ${formatCount(removed.rows)} removed, ${formatCount(changed.rows)} changed`;
  return `${counts} against the ${against === 'live-table' ? 'live table' : 'load before'}`;
}
