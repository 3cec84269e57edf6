import { formatDuration } from '../../../shared/src/report/format.ts';
import { classDefinitions, escapeMermaid } from '../../../shared/src/report/mermaid.ts';
import type { RunTask } from '../run-task.ts';
import { STATES } from './state.ts';

/**
 * The tasks as a flowchart in Mermaid, each in the colour of its state; the tasks of a workflow that was
 * called stand in a box of their own.
 *
 * @param after which jobs of this workflow each of them waited for.
 */
export function renderGraph(
  tasks: readonly RunTask[],
  after: ReadonlyMap<string, readonly string[]>,
): string {
  const ids = new Map(tasks.map((task, index) => [task, `t${index}`]));
  const idOf = (group: string | null, name: string) =>
    tasks.flatMap((task) => (task.part_of === group && task.task === name ? [ids.get(task) ?? ''] : []))[0];
  const groups = [...new Set(tasks.flatMap(({ part_of }) => (part_of === null ? [] : [part_of])))];
  const node = (task: RunTask) => `${ids.get(task)}["${describeNode(task)}"]:::${STATES[task.result]}`;
  const boxes = groups.flatMap((group, index) => [
    `  subgraph g${index}["${escapeMermaid(group)}"]`,
    ...tasks.filter((task) => task.part_of === group).map((task) => `    ${node(task)}`),
    '  end',
  ]);
  const inner = tasks.flatMap((task) =>
    task.after.flatMap((name) => {
      const before = task.part_of === null ? undefined : idOf(task.part_of, name);
      return before === undefined ? [] : [`  ${before} --> ${ids.get(task)}`];
    }),
  );
  // A job is its box where it has one, and else its task.
  const jobId = (name: string) => {
    const group = groups.findIndex((one) => one === name || one.startsWith(`${name} / `));
    return group === -1 ? idOf(null, name) : `g${group}`;
  };
  const outer = [...after].flatMap(([name, befores]) =>
    befores.flatMap((before) => {
      const ends = [jobId(before), jobId(name)];
      return ends.includes(undefined) ? [] : [`  ${ends.join(' --> ')}`];
    }),
  );
  return [
    '```mermaid',
    'flowchart LR',
    ...boxes,
    ...tasks.filter(({ part_of }) => part_of === null).map((task) => `  ${node(task)}`),
    ...inner,
    ...outer,
    ...classDefinitions(),
    '```',
  ].join('\n');
}

function describeNode({ task, result, duration }: RunTask): string {
  const time = duration === null ? '' : ` · ${formatDuration(duration)}`;
  return `${escapeMermaid(task)}<br>${STATES[result]}${result === 'skipped' ? '' : time}`;
}
