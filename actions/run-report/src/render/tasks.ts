import { formatCount, formatDuration, NOTHING } from '../../../shared/src/report/format.ts';
import { type Cell, renderLink, renderTable } from '../../../shared/src/report/markdown.ts';
import type { RunTask } from '../run-task.ts';
import { formatEuro } from './euro.ts';
import { STATES, SYMBOLS } from './state.ts';

/** The tasks as a table: state, time, rows, cost, and what each tells of itself. */
export function renderTasks(tasks: readonly RunTask[]): string {
  return renderTable(
    ['task', 'state', 'time', 'rows', 'cost', ''],
    tasks.map((task) => [
      nameOf(task),
      describeState(task),
      task.duration === null ? NOTHING : formatDuration(task.duration),
      task.rows === null ? NOTHING : formatCount(task.rows),
      describeCost(task),
      describeWork(task),
    ]),
  );
}

/** The task's name, with the job that called its workflow. */
export function nameOf({ task, part_of }: RunTask): string {
  return part_of === null ? task : `${part_of} / ${task}`;
}

/** How it ended: the action's own word where it tells more than GitHub's. */
export function describeState({ result, outcome }: RunTask): string {
  const state = STATES[result];
  const told = outcome === null || outcome === state ? '' : ` (${outcome})`;
  return `${SYMBOLS[state]} ${state}${told}`;
}

function describeCost(task: RunTask): string {
  const eur = task['cost-eur'];
  if (eur === null) return NOTHING;
  return `${task['cost-is-estimate'] ? '≈ ' : ''}${formatEuro(eur)}`;
}

function describeWork(task: RunTask): Cell {
  const { counts } = task;
  const told = [
    task['already-loaded'] ? 'was loaded already' : null,
    ...(['inserted', 'updated', 'deleted', 'unchanged'] as const).map((fate) =>
      tell(counts[`rows-${fate}`], fate),
    ),
    ...(['passed', 'warned', 'failed'] as const).map((status) => tell(counts[status], status)),
    tell(counts['not-run'], 'not run'),
    ...(['added', 'removed', 'changed'] as const).map((fate) => tell(counts[fate], fate)),
    tell(counts.swept, 'swept'),
  ].filter((part) => part !== null);
  const log = task['log-url'];
  return { markdown: [told.join(', '), ...(log === null ? [] : [renderLink('log', log)])].join(' ').trim() };
}

function tell(count: number | undefined, what: string): string | null {
  return count === undefined ? null : `${formatCount(count)} ${what}`;
}
