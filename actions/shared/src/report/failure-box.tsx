import type { JSX } from 'preact';
import type { PipelineFailure } from '../errors.ts';
import { DataText } from './elements.tsx';

const LONGEST_REASON = 2000;

/** A failure told so that a person can act on it. */
export function FailureBox({ failure }: { readonly failure: PipelineFailure }): JSX.Element {
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
