import { countChecks } from './check-counts.ts';
import { clipText, formatCounted, formatDuration, toPlainLine } from './format.ts';
import type { RunOutcome, RunReport } from './run-report.ts';

type FailedOutcome = Exclude<RunOutcome, 'published' | 'already-loaded'>;

const STOPPED_BY: Readonly<Record<FailedOutcome, string>> = {
  'failed-data': 'the data',
  'bad-input': 'its input',
  'failed-infra': 'the infrastructure',
  'timed-out': 'its time limit',
  cancelled: 'a cancellation',
};

const LONGEST_CAUSE = 200;

/** What happened, in one sentence: `412 titles published in 1.8 s; 14 checks passed, 2 warned.` */
export function summarize(report: RunReport): string {
  return `${[describeOutcome(report), ...describeCheckCounts(report)].join('; ')}.`;
}

function describeOutcome(report: RunReport): string {
  const duration = formatDuration(report.seconds);
  if (report.outcome === 'published') {
    const titles = report.load?.rows_total ?? report.freshness?.rows_total ?? report.lake?.rows;
    return `${titles === undefined ? 'Table' : formatCounted(titles, 'title')} published in ${duration}`;
  }
  if (report.outcome === 'already-loaded') {
    const titles = report.load?.rows_total ?? report.freshness?.rows_total;
    const held = titles === undefined ? '' : `, the table holds ${formatCounted(titles, 'title')}`;
    return `Nothing new in ${duration}: these files were loaded before${held}`;
  }
  const stopped = `Stopped by ${STOPPED_BY[report.outcome]} after ${duration}`;
  return report.failure === null ? stopped : `${stopped}: ${toPhrase(report.failure.what)}`;
}

function describeCheckCounts({ checks, outcome }: RunReport): readonly string[] {
  // A table published unchecked is news; a run that failed or had nothing to do may have no checks.
  if (checks.length === 0) return outcome === 'published' ? ['no checks ran'] : [];
  const others = [
    { status: 'warn', word: 'warned' },
    { status: 'error', word: 'failed' },
    { status: 'not-run', word: 'not run' },
  ] as const;
  const parts = [
    `${formatCounted(countChecks(checks, 'pass'), 'check')} passed`,
    ...others
      .map(({ status, word }) => ({ word, count: countChecks(checks, status) }))
      .filter(({ count }) => count > 0)
      .map(({ word, count }) => `${count} ${word}`),
  ];
  return [parts.join(', ')];
}

/** A cause as part of a sentence: on one line, of bearable length, without its full stop. */
function toPhrase(cause: string): string {
  return clipText(toPlainLine(cause).replace(/\.$/, ''), LONGEST_CAUSE);
}
