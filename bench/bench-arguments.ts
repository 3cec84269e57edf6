import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What `npm run bench` is asked for. */
export interface BenchOptions {
  readonly titles: number;
  readonly rounds: number;
  /** The folder that keeps the generated data from run to run. */
  readonly data: string;
  /** The file for every measurement as JSON; null when none is wanted. */
  readonly json: string | null;
}

/** The command's help. */
export const USAGE =
  'usage: npm run bench -- [--titles NUMBER] [--rounds NUMBER] [--data DIRECTORY] [--json FILE]';

/**
 * Parses the arguments.
 *
 * @throws Error when an option is unknown or its value is not valid.
 */
export function readBenchOptions(programArguments: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...programArguments],
    options: {
      titles: { type: 'string', default: '1200000' },
      rounds: { type: 'string', default: '3' },
      data: { type: 'string', default: join(tmpdir(), 'imdb-titles-bench') },
      json: { type: 'string' },
    },
  });
  return {
    titles: wholeNumber('titles', values.titles),
    rounds: wholeNumber('rounds', values.rounds),
    data: values.data,
    json: values.json ?? null,
  };
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (/^[0-9]+$/.test(value) && Number.isSafeInteger(number) && number >= 1) return number;
  throw new Error(`--${name} is ${JSON.stringify(value)}; it must be a whole number of at least 1`);
}
