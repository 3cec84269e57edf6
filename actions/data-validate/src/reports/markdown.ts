import type { CheckStatus } from '../../../shared/src/checks/check-result.ts';
import { CHECK_WORDS, describeChecks, sortChecks } from '../../../shared/src/report/check-counts.ts';
import { describeMeasured, describeThresholds, remarkOf } from '../../../shared/src/report/check-words.ts';
import { formatCount } from '../../../shared/src/report/format.ts';
import { capBytes, escapeMarkdown, renderTable } from '../../../shared/src/report/markdown.ts';
import type { ValidationReport } from '../validation-report.ts';

/** With the 900 KiB that the rest of the summary takes at most, it stays below GitHub's 1 MiB a step. */
const LARGEST_BYTES = 100 * 1024;
const SAMPLES = 5;

const SYMBOLS: Readonly<Record<CheckStatus, string>> = {
  pass: '✅',
  warn: '⚠️',
  error: '❌',
  'not-run': '⛔',
};

/** The checks for the job summary, what asks for action first, and the difference to the last load. */
export function renderChecksSummary({
  table,
  checks,
  difference,
  failure,
  interruption,
}: ValidationReport): string {
  if (checks.length === 0) return '';
  const rows = sortChecks(checks).map((check) => [
    `${SYMBOLS[check.status]} ${CHECK_WORDS[check.status]}`,
    check.name,
    describeMeasured(check),
    describeThresholds(check),
    [remarkOf(check), ...examples(check.sample_keys)].join(' '),
  ]);
  const sections = [
    `## ${escapeMarkdown(table)}: ${describeChecks(checks)}`,
    // The step's own summary tells why the step failed, and nothing else.
    ...(interruption === null || interruption === failure
      ? []
      : [`⚠️ ${escapeMarkdown(`${interruption.what}: ${interruption.why}`)}`]),
    renderTable(['', 'check', 'measured', 'threshold', ''], rows),
    ...(difference === null ? [] : [renderDifference(difference)]),
  ];
  return capBytes(`${sections.join('\n\n')}\n\n`, LARGEST_BYTES, 'validation.html');
}

function renderDifference({
  against,
  added,
  removed,
  changed,
  columns,
}: NonNullable<ValidationReport['difference']>): string {
  const fates = Object.entries({ added, removed, changed }).map(([fate, { rows, sample_keys }]) => [
    fate,
    formatCount(rows),
    examples(sample_keys).join(''),
  ]);
  const byColumn = columns
    .filter(({ rows }) => rows > 0)
    .map(({ column, rows }) => [column, formatCount(rows)]);
  return [
    `### Difference to the ${against === 'live-table' ? 'live table' : 'load before'}`,
    renderTable(['', 'rows', ''], fates),
    ...(byColumn.length === 0 ? [] : [renderTable(['changed column', 'rows'], byColumn)]),
  ].join('\n\n');
}

function examples(keys: readonly string[]): readonly string[] {
  return keys.length === 0 ? [] : [`For example ${keys.slice(0, SAMPLES).join(', ')}`];
}
