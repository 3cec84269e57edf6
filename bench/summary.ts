import { CONTENDERS, type Contender, LABELS } from './contenders.ts';
import type { Measurement } from './measure.ts';

/** Rounds of all contenders, in the order they were run. */
export type Rounds = readonly (readonly Measurement[])[];

/** Whatever the plan, it must read and write. */
const FLOORS: readonly Contender[] = ['parse', 'write'];
const MEGABYTE = 1_000_000;
const COLUMNS = [22, 10, 17, 12, 10, 9] as const;

/** What is wanted at 12 M titles: one contender's time against another's or the floor's. */
const TARGETS = [
  ['duckdb', 'polars', 0.6],
  ['duckdb', 'floor', 2],
  ['spark', 'naive', 1 / 3],
] as const;

/** The middle of the numbers; of an even count the mean of the middle two. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function secondsOf(round: readonly Measurement[], name: Contender | 'floor'): number {
  const contenders: readonly Contender[] = name === 'floor' ? FLOORS : [name];
  return round
    .filter(({ contender }) => contenders.includes(contender))
    .reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The median, over the rounds, of one time divided by another of the same round. */
export function medianRatio(rounds: Rounds, one: Contender | 'floor', other: Contender | 'floor'): number {
  return median(rounds.map((round) => secondsOf(round, one) / secondsOf(round, other)));
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => {
      const width = COLUMNS[index] ?? 0;
      return index === 0 ? cell.padEnd(width) : cell.padStart(width);
    })
    .join('')
    .trimEnd();
}

function contenderRow(rounds: Rounds, contender: Contender): string {
  const runs = rounds.flat().filter((measurement) => measurement.contender === contender);
  const seconds = runs.map((measurement) => measurement.seconds);
  return row([
    LABELS[contender],
    median(seconds).toFixed(2),
    `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`,
    median(runs.map(({ processorSeconds }) => processorSeconds)).toFixed(2),
    medianRatio(rounds, contender, 'duckdb').toFixed(2),
    (Math.max(...runs.map(({ peakBytes }) => peakBytes)) / MEGABYTE).toFixed(0),
  ]);
}

/** The measured times as a table of 80 columns, the DuckDB engine's steps, and the ratios with a target. */
export function summaryLines(rounds: Rounds): readonly string[] {
  const engine = rounds.flat().filter(({ contender }) => contender === 'duckdb');
  const steps = Object.keys(engine[0]?.steps ?? {}).map(
    (step) => `${step} ${median(engine.map((measurement) => measurement.steps[step] ?? 0)).toFixed(2)}`,
  );
  const measured = CONTENDERS.filter((name) => rounds.flat().some(({ contender }) => contender === name));
  const known = TARGETS.filter(([one, other]) =>
    [one, ...(other === 'floor' ? FLOORS : [other])].every((name) => measured.includes(name)),
  );
  const ratios = known.map(([one, other, most]) => {
    const label = other === 'floor' ? 'the floor' : LABELS[other];
    const ratio = medianRatio(rounds, one, other).toFixed(2);
    return `${LABELS[one]} / ${label}: ${ratio} (wanted at 12 M titles: at most ${most.toFixed(2)})`;
  });
  return [
    row(['median of the rounds', 'seconds', 'least to most', 'CPU seconds', 'to DuckDB', 'peak MB']),
    '-'.repeat(COLUMNS.reduce((sum, width) => sum + width, 0)),
    ...measured.map((contender) => contenderRow(rounds, contender)),
    '',
    'Steps of the DuckDB engine, in seconds:',
    `  ${steps.join(', ')}`,
    ...ratios,
  ];
}
