import type { ComponentChildren, JSX } from 'preact';
import type { PipelineFailure } from '../errors.ts';
import { DataText, Status, Time, type Tone } from './elements.tsx';
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
};

const LONGEST_REASON = 2000;

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

function Fact(props: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** A failure told so that a person can act on it. */
function FailureBox({ failure }: { readonly failure: PipelineFailure }): JSX.Element {
  return (
    <section class="failure" aria-labelledby="failure-heading">
      <h2 id="failure-heading">
        <DataText limit={LONGEST_REASON}>{failure.what}</DataText>
      </h2>
      <dl>
        <Part name="Where" text={failure.where} code />
        <Part name="Why" text={failure.why} />
        <Part name="Done" text={failure.done} />
        <Part name="Next" text={failure.next} emphasis />
      </dl>
    </section>
  );
}

function Part(props: {
  readonly name: string;
  readonly text: string;
  readonly code?: boolean;
  readonly emphasis?: boolean;
}): JSX.Element {
  const text = <DataText limit={LONGEST_REASON}>{props.text}</DataText>;
  return (
    <>
      <dt>{props.name}</dt>
      <dd class={props.emphasis ? 'next' : undefined}>{props.code ? <code>{text}</code> : text}</dd>
    </>
  );
}
