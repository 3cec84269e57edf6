import { formatCount, formatCounted } from '../../../shared/src/report/format.ts';
import {
  type Cell,
  capBytes,
  escapeMarkdown,
  renderLink,
  renderTable,
} from '../../../shared/src/report/markdown.ts';
import { isRed } from '../collect-tasks.ts';
import { type RunCost, totalCost } from '../cost.ts';
import type { Graph } from '../graph.ts';
import type { Job } from '../jobs.ts';
import type { Count, RunOutcome, RunTask } from '../run-task.ts';
import { formatEuro } from './euro.ts';
import { renderGraph } from './graph.ts';
import { STATES, SYMBOLS } from './state.ts';
import { describeState, nameOf, renderTasks } from './tasks.ts';

/** The summary is longer than any other place. */
const IN_SUMMARY = "the run's summary";

/** What a run came to, for whichever place it is told in. */
export interface RunReport {
  readonly title: string;
  readonly outcome: RunOutcome;
  /** The run's page. */
  readonly runUrl: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** Whether nobody but the clock has started it. */
  readonly isScheduled: boolean;
  /** The jobs that the report waited for. */
  readonly jobs: readonly Pick<Job, 'name' | 'result'>[];
  readonly tasks: readonly RunTask[];
  readonly graph: Graph;
  /** Sections to follow, in Markdown. */
  readonly details: readonly string[];
}

/**
 * The report in GitHub's Markdown, cut so that it has no more bytes.
 *
 * @param rest where the whole of it is.
 */
export function renderReport(report: RunReport, mostBytes: number, rest: string = IN_SUMMARY): string {
  const { title, outcome, tasks, graph, details } = report;
  const sections = [
    `## ${SYMBOLS[outcome]} ${escapeMarkdown(title)}: ${outcome}`,
    `${describeCounts(tasks)} · ${linkRun(report)} · ${renderLink('artifacts', `${report.runUrl}#artifacts`)}`,
    ...renderFailures(report),
    renderGraph(tasks, graph),
    renderTasks(tasks),
    ...renderFacts(tasks),
    ...details,
  ];
  return capBytes(`${sections.join('\n\n')}\n`, mostBytes, rest);
}

/** A link to the run's page. */
export function linkRun({ runUrl, runId, runAttempt }: RunReport): string {
  return renderLink(runAttempt === '1' ? `run ${runId}` : `run ${runId}, attempt ${runAttempt}`, runUrl);
}

function describeCounts(tasks: readonly RunTask[]): string {
  return (['failure', 'cancelled', 'success', 'skipped'] as const)
    .map((result) => ({ result, count: tasks.filter((task) => task.result === result).length }))
    .filter(({ count }) => count > 0)
    .map(({ result, count }) => `${count} ${STATES[result]}`)
    .join(', ')
    .replace(/^(\d+)/, (count) => formatCounted(Number(count), 'task'));
}

function renderFailures({ tasks, isScheduled }: RunReport): readonly string[] {
  const failed = tasks.filter((task) => isRed(task, isScheduled));
  if (failed.length === 0) return [];
  const lines = failed.map(
    (task) => `> **${escapeMarkdown(nameOf(task))}** ${escapeMarkdown(describeState(task))}  `,
  );
  return [['> [!CAUTION]', ...lines].join('\n')];
}

function renderFacts(tasks: readonly RunTask[]): readonly string[] {
  const rowsIn = lastCount(tasks, 'rows-in-manifest') ?? lastCount(tasks, 'rows-written');
  const rowsOut = lastCount(tasks, 'rows-total');
  const hours = lastCount(tasks, 'freshness-hours');
  const facts: readonly (readonly [string, Cell | null])[] = [
    ['rows in', rowsIn === null ? null : formatCount(rowsIn)],
    ['rows out', rowsOut === null ? null : `${formatCount(rowsOut)}${describeFates(tasks)}`],
    ['cost', describeCost(totalCost(tasks))],
    ['freshness', hours === null ? null : `the source was ${hours.toFixed(1)} hours old`],
  ];
  const shown = facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return shown.length === 0 ? [] : [renderTable(['', ''], shown)];
}

function describeFates(tasks: readonly RunTask[]): string {
  const fates = (['inserted', 'updated', 'deleted', 'unchanged'] as const).flatMap((fate) => {
    const count = lastCount(tasks, `rows-${fate}`);
    return count === null ? [] : [`${formatCount(count)} ${fate}`];
  });
  return fates.length === 0 ? '' : `: ${fates.join(', ')}`;
}

function describeCost({ eur, estimatedEur }: RunCost): string | null {
  if (eur === null) return null;
  if (estimatedEur === 0) return formatEuro(eur);
  return `${formatEuro(eur)}, of which ${formatEuro(estimatedEur)} is an estimate: the time the warehouse worked, by its price for an hour`;
}

function lastCount(tasks: readonly RunTask[], count: Count): number | null {
  return tasks.findLast((task) => task.counts[count] !== undefined)?.counts[count] ?? null;
}
