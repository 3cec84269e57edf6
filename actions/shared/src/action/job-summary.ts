import type { FailureKind, PipelineFailure } from '../errors.ts';
import { formatDuration } from '../report/format.ts';
import { capBytes, escapeMarkdown, fence, LARGEST_SUMMARY_BYTES, renderTable } from '../report/markdown.ts';
import { classDefinitions, escapeMermaid } from '../report/mermaid.ts';
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

/** Paths and addresses are of use only whole. */
const WHOLE = Number.POSITIVE_INFINITY;

/** The step's summary as GitHub's Markdown: outcome, failure, the tasks as a graph and a table, facts, links. */
export function renderJobSummary(content: SummaryContent): string {
  const { title, outcome, failure, seconds, tasks, facts, links } = content;
  const sections = [
    `## ${escapeMarkdown(title)}: ${outcome} in ${formatDuration(seconds)}`,
    ...(failure === null ? [] : [renderFailure(failure)]),
    ...(tasks.length === 0
      ? []
      : [renderGraph(tasks), renderTable(['task', 'state', 'time', ''], tasks.map(taskRow), WHOLE)]),
    ...(facts.length === 0 ? [] : [renderTable(['', ''], facts, WHOLE)]),
    ...(links.length === 0
      ? []
      : [links.map(([name, address]) => `[${escapeMarkdown(name)}](${address})`).join(' · ')]),
  ];
  return capBytes(`${sections.join('\n\n')}\n`, LARGEST_SUMMARY_BYTES, 'the log');
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
  const classes = classDefinitions(['succeeded', 'failed', 'skipped']);
  return fence(
    ['flowchart LR', ...nodes, ...(tasks.length > 1 ? [`  ${arrow}`] : []), ...classes].join('\n'),
    'mermaid',
  );
}

function taskRow({ name, state, seconds, detail }: TaskReport): readonly string[] {
  return [name, state, state === 'skipped' ? '' : formatDuration(seconds), detail];
}
