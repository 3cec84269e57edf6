import type { ComponentChildren, JSX } from 'preact';
import { clipText, formatCounted, formatTimestamp } from './format.ts';

const LONGEST_CELL = 280;

/** A part of the page with its heading; `note` is the quiet text beside the heading. */
export function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section id={props.id} aria-labelledby={`${props.id}-heading`}>
      <h2 id={`${props.id}-heading`}>
        {props.title}
        {props.note ? <span class="note"> {props.note}</span> : null}
      </h2>
      {props.children}
    </section>
  );
}

/** Says that a part of the page has nothing to show, and why. */
export function Nothing({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{children}</p>;
}

/** A table that scrolls sideways by itself where the screen is too narrow, also by keyboard. */
export function ScrollingTable(props: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={props.label} tabIndex={0}>
      <table>{props.children}</table>
    </div>
  );
}

/** How something ended: a symbol and the word, so that colour is never the only difference. */
export function Status(props: { readonly tone: Tone; readonly word: string }): JSX.Element {
  return (
    <span class={`status ${props.tone}`}>
      <span aria-hidden="true">{SYMBOLS[props.tone]}</span> {props.word}
    </span>
  );
}

/** What a status means for the reader. */
export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

const SYMBOLS: Readonly<Record<Tone, string>> = { good: '✓', warning: '▲', bad: '✕', quiet: '○' };

/** One of the facts at the top of the page: its name and its value. */
export function Fact(props: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** A point in time, readable and machine-readable. */
export function Time({ iso }: { readonly iso: string }): JSX.Element {
  return <time dateTime={iso}>{formatTimestamp(iso)}</time>;
}

/**
 * A text from the data: clipped, and isolated so that right-to-left characters cannot reorder the
 * page around them. The length stands outside of the isolated part for the same reason.
 */
export function DataText({ children, limit = LONGEST_CELL }: DataTextProps): JSX.Element {
  const shown = clipText(children, limit);
  if (shown === children) return <bdi>{children}</bdi>;
  return (
    <>
      <bdi>{shown}</bdi> <small>({formatCounted(Array.from(children).length, 'character')})</small>
    </>
  );
}

interface DataTextProps {
  readonly children: string;
  readonly limit?: number;
}
