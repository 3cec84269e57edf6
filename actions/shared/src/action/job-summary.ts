import type { FailureKind, PipelineFailure } from '../errors.ts';
import { formatDuration } from '../report/format.ts';
import type { TaskReport } from '../tasks.ts';

/** How a step of an action ended; the value of its output `outcome`. */
export type ActionOutcome = 'succeeded' | FailureKind;

/** What the summary of a step tells. */
export interface SummaryContent {
  /** The action's name and what it worked on, for example `emr-run · imdb_titles`. */
  readonly title: string;
  readonly outcome: ActionOutcome;
  readonly failure: PipelineFailure | null;
  readonly seconds: number;
  readonly tasks: readonly TaskReport[];
  /** Facts in the order to be shown: what it is, and its value. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Links, absolute. */
  readonly links: readonly (readonly [name: string, address: string])[];
}

/** GitHub drops a summary above 1 MiB a step (docs.github.com, workflow commands); this stays well below. */
export const LARGEST_SUMMARY_BYTES = 900 * 1024;

const COLOURS: Readonly<Record<TaskReport['state'], string>> = {
  succeeded: 'fill:#dafbe1,stroke:#1a7f37,color:#1a1a1a',
  failed: 'fill:#ffebe9,stroke:#cf222e,color:#1a1a1a',
  skipped: 'fill:#f6f8fa,stroke:#8c959f,color:#59636e',
};

/** The step's summary as GitHub's Markdown: outcome, failure, the tasks as a graph and a table, facts, links. */
export function renderJobSummary(content: SummaryContent): string {
  const { title, outcome, failure, seconds, tasks, facts, links } = content;
  const sections = [
    `## ${escapeMarkdown(title)}: ${outcome} in ${formatDuration(seconds)}`,
    ...(failure === null ? [] : [renderFailure(failure)]),
    ...(tasks.length === 0
      ? []
      : [renderGraph(tasks), renderTable(['task', 'state', 'time', ''], tasks.map(taskRow))]),
    ...(facts.length === 0 ? [] : [renderTable(['', ''], facts)]),
    ...(links.length === 0
      ? []
      : [links.map(([name, address]) => `[${escapeMarkdown(name)}](${address})`).join(' · ')]),
  ];
  return capBytes(`${sections.join('\n\n')}\n`, LARGEST_SUMMARY_BYTES);
}

function renderFailure({ what, where, why, done, next }: PipelineFailure): string {
  const [firstLine = '', ...moreLines] = why.split('\n');
  const rest = moreLines.length === 0 ? [] : ['', fence(moreLines.join('\n'))];
  return [
    '> [!CAUTION]',
    ...[
      `**${escapeMarkdown(what)}**`,
      `where: ${escapeMarkdown(where)}`,
      `why: ${escapeMarkdown(firstLine)}`,
    ].map((line) => `> ${line}  `),
    ...[`done: ${escapeMarkdown(done)}`, `**next: ${escapeMarkdown(next)}**`].map((line) => `> ${line}  `),
    ...rest,
  ].join('\n');
}

function renderGraph(tasks: readonly TaskReport[]): string {
  const nodes = tasks.map(
    ({ name, state, seconds }, index) =>
      `  t${index}["${escapeMermaid(name)}<br>${state}${state === 'skipped' ? '' : ` · ${formatDuration(seconds)}`}"]:::${state}`,
  );
  const arrow = tasks.map((_, index) => `t${index}`).join(' --> ');
  const classes = Object.entries(COLOURS).map(([state, style]) => `  classDef ${state} ${style}`);
  return fence(
    ['flowchart LR', ...nodes, ...(tasks.length > 1 ? [`  ${arrow}`] : []), ...classes].join('\n'),
    'mermaid',
  );
}

function taskRow({ name, state, seconds, detail }: TaskReport): readonly string[] {
  return [name, state, state === 'skipped' ? '' : formatDuration(seconds), detail];
}

function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [line(header), `| ${header.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

function fence(text: string, language = ''): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return `${ticks}${language}\n${text}\n${ticks}`;
}

/** Text from outside as Markdown that shows it and does nothing else. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replaceAll(/&/g, '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // An underscore inside a word is no emphasis; names stay readable in the source too.
      .replaceAll(/[\\`*[\]|~#@]|(?<!\w)_|_(?!\w)/g, (character) => `&#${character.charCodeAt(0)};`)
      .replaceAll(/\s*\n\s*/g, ' ')
  );
}

function escapeMermaid(text: string): string {
  return text.replaceAll(/["<>&#;]/g, (character) => `#${character.charCodeAt(0)};`);
}

/** The text cut at the end of a line so that it has no more bytes, with a note that it was. */
export function capBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const note = '\n\n_Cut: the rest is in the log._\n';
  const kept = Buffer.from(text)
    .subarray(0, most - Buffer.byteLength(note))
    .toString();
  const head = kept.slice(0, Math.max(0, kept.lastIndexOf('\n')));
  const isInFence = (head.match(/^`{3,}/gm) ?? []).length % 2 === 1;
  return `${head}${isInFence ? '\n```' : ''}${note}`;
}
