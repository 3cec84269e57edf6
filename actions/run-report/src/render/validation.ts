import type { ValidationReport } from '../../../data-validate/src/validation-report.ts';
import type { PipelineFailure } from '../../../shared/src/errors.ts';
import { CHECK_WORDS, describeChecks, sortChecks } from '../../../shared/src/report/check-counts.ts';
import { describeMeasured, describeThresholds, remarkOf } from '../../../shared/src/report/check-words.ts';
import { clipText, formatCount, NOTHING } from '../../../shared/src/report/format.ts';
import { escapeMarkdown, renderTable } from '../../../shared/src/report/markdown.ts';

const SAMPLES = 5;
const LONGEST_KEY = 40;

/** A report of data-validate as a section: the checks that did not pass, and the difference of the rows. */
export function renderValidation(report: ValidationReport): string {
  const { table, checks, difference, failure, interruption } = report;
  const open = sortChecks(checks).filter(({ status }) => status !== 'pass');
  const rows = open.map((check) => [
    CHECK_WORDS[check.status],
    check.name,
    describeMeasured(check),
    describeThresholds(check),
    `${remarkOf(check)}${examples(check.sample_keys, ' For example ')}`,
  ]);
  return [
    `### ${escapeMarkdown(table)}: ${checks.length === 0 ? 'no check ran' : describeChecks(checks)}`,
    ...(failure === null ? [] : [describeFailure(failure)]),
    ...(interruption === null || interruption.what === failure?.what ? [] : [describeFailure(interruption)]),
    ...(rows.length === 0 ? [] : [renderTable(['', 'check', 'measured', 'threshold', ''], rows)]),
    ...(difference === null ? [] : renderDifference(difference)),
  ].join('\n\n');
}

function describeFailure({ what, why }: PipelineFailure): string {
  return `${escapeMarkdown(what)}: ${escapeMarkdown(clipText(why, 500))}`;
}

function renderDifference({
  against,
  added,
  removed,
  changed,
  unchanged,
  columns,
}: NonNullable<ValidationReport['difference']>): readonly string[] {
  const other = against === 'live-table' ? 'live table' : 'load before';
  if (added.rows + removed.rows + changed.rows === 0) {
    return [`The rows are those of the ${other}: ${formatCount(unchanged)} unchanged.`];
  }
  const fates = Object.entries({ added, removed, changed }).map(([fate, { rows, sample_keys }]) => [
    fate,
    formatCount(rows),
    examples(sample_keys, ''),
  ]);
  const byColumn = columns.filter(({ rows }) => rows > 0);
  return [
    `#### Difference to the ${other}`,
    renderTable(['', 'rows', 'for example'], [...fates, ['unchanged', formatCount(unchanged), NOTHING]]),
    ...(byColumn.length === 0
      ? []
      : [
          renderTable(
            ['changed column', 'rows'],
            byColumn.map(({ column, rows }) => [column, formatCount(rows)]),
          ),
        ]),
  ];
}

function examples(keys: readonly string[], before: string): string {
  if (keys.length === 0) return '';
  return `${before}${keys
    .slice(0, SAMPLES)
    .map((key) => clipText(key, LONGEST_KEY))
    .join(', ')}`;
}
