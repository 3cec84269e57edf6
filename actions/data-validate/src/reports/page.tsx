import type { JSX } from 'preact';
import { describeChecks } from '../../../shared/src/report/check-counts.ts';
import { Checks } from '../../../shared/src/report/checks.tsx';
import { Document, renderDocument } from '../../../shared/src/report/document.tsx';
import { DataText, Fact, Status, Time, type Tone } from '../../../shared/src/report/elements.tsx';
import { FailureBox } from '../../../shared/src/report/failure-box.tsx';
import { clipText, formatCount, formatCounted, formatDuration } from '../../../shared/src/report/format.ts';
import type { Trend } from '../../../shared/src/report/trend-line.tsx';
import type { ValidationReport } from '../validation-report.ts';
import { DifferenceSection } from './page-difference.tsx';

const LONGEST_NAME = 280;

/** The report as one HTML file for people; it loads nothing and runs no script. */
export function renderPage(report: ValidationReport): string {
  return renderDocument(<Page report={report} />);
}

function Page({ report }: PageProps): JSX.Element {
  const { word, tone } = describeStatus(report);
  const trends = new Map<string, Trend>(
    report.checks.map(({ name, trend, measured }) => [name, { past: trend, now: measured }]),
  );
  return (
    <Document title={`${report.table}: ${word}`} tone={tone}>
      <Head report={report} />
      <Checks checks={report.checks} trends={trends} />
      {report.difference === null ? null : <DifferenceSection difference={report.difference} />}
      <footer>
        <p>Made by data-validate. The checks only read; nothing in the table was changed.</p>
      </footer>
    </Document>
  );
}

function Head({ report }: PageProps): JSX.Element {
  const { table, warehouse, rows, freshness, checked_at, seconds, checks_file, interruption } = report;
  const { word, tone } = describeStatus(report);
  return (
    <header>
      <p class="eyebrow">Data checks</p>
      <div class="headline">
        <h1>
          <TableName>{table}</TableName>
        </h1>
        <Status tone={tone} word={word} />
      </div>
      <p class="lead">
        <bdi>{describeLead(report)}</bdi>
      </p>
      <dl class="facts">
        <Fact name="Checked">
          <Time iso={checked_at} />
        </Fact>
        <Fact name="Took">{formatDuration(seconds)}</Fact>
        {rows === null ? null : <Fact name="Rows">{formatCount(rows)}</Fact>}
        {freshness === null ? null : (
          <Fact name="Source of">
            <Time iso={freshness.source_date} />
          </Fact>
        )}
        {warehouse === null ? null : (
          <Fact name="In">
            <DataText>{warehouse}</DataText>
          </Fact>
        )}
        <Fact name="Checks file">
          <code>
            <DataText>{checks_file}</DataText>
          </code>
        </Fact>
      </dl>
      {/* What the checks themselves say stands below; here is what kept the step from its end. */}
      {interruption === null ? null : <FailureBox failure={interruption} />}
    </header>
  );
}

/** A name that a narrow screen breaks at its underscores rather than anywhere. */
function TableName({ children }: { readonly children: string }): JSX.Element {
  const [first = '', ...more] = clipText(children, LONGEST_NAME).split('_');
  return (
    <bdi>
      {first}
      {more.map((part) => (
        <>
          _<wbr />
          {part}
        </>
      ))}
    </bdi>
  );
}

interface PageProps {
  readonly report: ValidationReport;
}

function describeStatus({ outcome, counts }: ValidationReport): {
  readonly word: string;
  readonly tone: Tone;
} {
  switch (outcome) {
    case 'succeeded':
      if (counts.not_run > 0) return { word: 'Passed, not all could run', tone: 'warning' };
      return counts.warned > 0
        ? { word: 'Passed with warnings', tone: 'warning' }
        : { word: 'Passed', tone: 'good' };
    case 'failed-data':
      return { word: 'Failed: data', tone: 'bad' };
    case 'failed-infra':
      return { word: 'Could not be checked', tone: 'bad' };
    case 'bad-input':
      return { word: 'Bad input', tone: 'bad' };
    case 'timed-out':
      return { word: 'Timed out', tone: 'bad' };
    case 'cancelled':
      return { word: 'Cancelled', tone: 'bad' };
  }
}

function describeLead({ checks, rows, freshness }: ValidationReport): string {
  if (checks.length === 0) return 'No check was run, so nothing is known of the table.';
  const size = rows === null ? '' : ` on ${formatCounted(rows, 'row')}`;
  const age =
    freshness === null ? '' : `; their source was ${formatCounted(Math.round(freshness.hours), 'hour')} old`;
  // A count stays in one line with what it counts.
  const counts = describeChecks(checks).replaceAll(/(?<!,) /g, '\u00a0');
  return `${formatCounted(checks.length, 'check')}${size}: ${counts}${age}.`;
}
