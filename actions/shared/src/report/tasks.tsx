import type { JSX } from 'preact';
import type { TaskReport } from '../tasks.ts';
import { DataText, Nothing, Section, Status, type Tone } from './elements.tsx';
import { formatCounted, formatDuration } from './format.ts';
import type { RunReport } from './run-report.ts';

const TONES: Readonly<Record<TaskReport['state'], Tone>> = {
  succeeded: 'good',
  failed: 'bad',
  skipped: 'quiet',
};

/** What ran, each task with its time as a bar against the whole run. */
export function Tasks({ report }: { readonly report: RunReport }): JSX.Element {
  const { tasks } = report;
  if (tasks.length === 0) {
    return (
      <Section id="tasks" title="What ran">
        <Nothing>No task ran.</Nothing>
      </Section>
    );
  }
  return (
    <Section
      id="tasks"
      title="What ran"
      note={`${formatCounted(tasks.length, 'task')} in ${formatDuration(report.seconds)}`}
    >
      <ol class="tasks">
        {tasks.map((task) => (
          <Task key={task.name} task={task} total={report.seconds} />
        ))}
      </ol>
    </Section>
  );
}

function Task({ task, total }: { readonly task: TaskReport; readonly total: number }): JSX.Element {
  return (
    <li class={task.state}>
      <Status tone={TONES[task.state]} word={task.state} />
      <span class="task">
        <b>
          <DataText>{task.name}</DataText>
        </b>{' '}
        <span class="detail">
          <DataText>{task.detail}</DataText>
        </span>
      </span>
      <span class="seconds">{task.state === 'skipped' ? '' : formatDuration(task.seconds)}</span>
      <span class="timing" aria-hidden="true">
        {task.seconds > 0 ? <i style={{ width: toWidth(task.seconds, total) }} /> : null}
      </span>
    </li>
  );
}

/** The part of the run as a CSS width. Clocks disagree by a little: never more than the whole. */
function toWidth(seconds: number, total: number): string {
  const part = total > 0 ? seconds / total : 0;
  return `${(Math.min(1, Math.max(0, part)) * 100).toFixed(2)}%`;
}
