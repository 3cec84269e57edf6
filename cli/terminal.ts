import Table from 'cli-table3';
import ora from 'ora';
import stringWidth from 'string-width';
import type { SqlValue } from '../actions/shared/src/duckdb.ts';
import type { RunReport } from '../actions/shared/src/report/run-report.ts';
import type { RunDisplay, TaskReport } from '../actions/shared/src/tasks.ts';
import type { QueryReport } from '../actions/shared/src/warehouse/query-report.ts';

const SHOWN_ROWS = 10;
const NARROWEST_COLUMN = 8;

const SYMBOLS: Readonly<Record<TaskReport['state'], string>> = { succeeded: '✔', failed: '✖', skipped: '-' };

/** Where lines are written, and whether a person watches them come. */
export interface TerminalStream {
  readonly stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
}

/** Shows the tasks of a run: a spinner with the elapsed time on a terminal, plain lines elsewhere. */
export function createTerminalDisplay({ stream, isTerminal }: TerminalStream): RunDisplay {
  const write = (line: string) => stream.write(`${line}\n`);
  let stopSpinner = () => {};
  return {
    taskStarted(name) {
      const line = isTerminal ? startSpinner(name, stream) : null;
      if (line === null) write(`${name} ...`);
      stopSpinner = () => line?.stop();
      return {
        info(text) {
          line?.clear();
          write(`  ${text}`);
        },
        progress: (text) => line?.progress(text),
      };
    },
    taskEnded({ name, state, seconds, detail }) {
      stopSpinner();
      stopSpinner = () => {};
      const time = state === 'skipped' ? '' : `${seconds.toFixed(1)} s`;
      write(`${SYMBOLS[state]} ${name.padEnd(18)}${time.padStart(8)}  ${detail}`.trimEnd());
    },
  };
}

interface SpinnerLine {
  progress(text: string): void;
  clear(): void;
  stop(): void;
}

function startSpinner(name: string, stream: NodeJS.WriteStream): SpinnerLine {
  const started = performance.now();
  let progress = '';
  const spinner = ora({ text: name, stream, discardStdin: false }).start();
  const update = () => {
    const seconds = Math.floor((performance.now() - started) / 1000);
    spinner.text = `${name.padEnd(18)}${`${seconds} s`.padStart(8)}  ${progress}`.trimEnd();
  };
  update();
  const timer = setInterval(update, 1000);
  return {
    progress(text) {
      progress = text;
      update();
    },
    clear: () => spinner.clear(),
    stop() {
      clearInterval(timer);
      spinner.stop();
    },
  };
}

/** A display that shows nothing. */
export const silentDisplay: RunDisplay = {
  taskStarted: () => ({ info: () => {}, progress: () => {} }),
  taskEnded: () => {},
};

/** The example questions with their answers as tables, no line wider than the width. */
export function formatExamples({ examples }: RunReport, width: number): string {
  return examples.map((example) => formatAnswer(example, width)).join('\n');
}

function formatAnswer({ question, columns, rows }: QueryReport, width: number): string {
  const decimals = columns.map((_, index) =>
    Math.max(0, ...rows.map((row) => decimalsOf(row[index] ?? null))),
  );
  const shown = rows
    .slice(0, SHOWN_ROWS)
    .map((row) => row.map((value, i) => formatValue(value, decimals[i] ?? 0)));
  const table = new Table({
    head: [...columns],
    colWidths: columnWidths([columns, ...shown], width),
    colAligns: columns.map((_, index) =>
      rows.every((row) => typeof row[index] !== 'string') ? 'right' : 'left',
    ),
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  });
  table.push(...shown);
  const more = rows.length - shown.length;
  return [question, table.toString(), ...(more > 0 ? [`... and ${more} more in report.html`] : []), ''].join(
    '\n',
  );
}

function decimalsOf(value: SqlValue): number {
  return typeof value === 'number' ? (String(value).split('.')[1]?.length ?? 0) : 0;
}

/** A number with as many decimals as its column has, so that the points stand below each other. */
function formatValue(value: SqlValue, decimals: number): string {
  if (value === null) return '';
  return typeof value === 'number' ? value.toFixed(decimals) : String(value);
}

/** Each column as wide as its widest value, the widest ones made narrower until all fit. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const padding = 2;
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => stringWidth(row[index] ?? '') + padding)),
  );
  const borders = widths.length + 1;
  for (;;) {
    const widest = Math.max(...widths);
    const excess = widths.reduce((sum, each) => sum + each, borders) - width;
    if (excess <= 0 || widest <= NARROWEST_COLUMN) return widths;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}
