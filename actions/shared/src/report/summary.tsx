import type { JSX } from 'preact';
import { DataText, Fact, Status, Time, type Tone } from './elements.tsx';
import { FailureBox } from './failure-box.tsx';
import { formatDuration } from './format.ts';
import type { RunOutcome, RunReport } from './run-report.ts';
import { summarize } from './summarize.ts';

/** How an outcome is named and toned. */
export const OUTCOMES: Readonly<Record<RunOutcome, { readonly word: string; readonly tone: Tone }>> = {
  published: { word: 'Published', tone: 'good' },
  'already-loaded': { word: 'Already loaded', tone: 'quiet' },
  'failed-data': { word: 'Failed: data', tone: 'bad' },
  'bad-input': { word: 'Bad input', tone: 'bad' },
  'failed-infra': { word: 'Failed: infrastructure', tone: 'bad' },
  'timed-out': { word: 'Timed out', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'bad' },
};

/** The top of the page: what happened, in a badge, a sentence and the facts of the run. */
export function Summary({ report }: { readonly report: RunReport }): JSX.Element {
  const outcome = OUTCOMES[report.outcome];
  return (
    <header>
      <p class="eyebrow">Run report</p>
      <div class="headline">
        <h1>
          <DataText>{report.table}</DataText>
        </h1>
        <Status tone={outcome.tone} word={outcome.word} />
      </div>
      <p class="lead">
        <bdi>{summarize(report)}</bdi>
      </p>
      <dl class="facts">
        <Fact name="Started">
          <Time iso={report.started_at} />
        </Fact>
        <Fact name="Took">{formatDuration(report.seconds)}</Fact>
        <Fact name="Engine">
          <DataText>{report.engine}</DataText>
        </Fact>
        <Fact name="Mode">{report.mode}</Fact>
        <Fact name="Run">
          {report.run_id === null ? (
            'none was started'
          ) : (
            <code>
              <DataText>{report.run_id}</DataText>
            </code>
          )}
        </Fact>
      </dl>
      {report.failure === null ? null : <FailureBox failure={report.failure} />}
    </header>
  );
}
