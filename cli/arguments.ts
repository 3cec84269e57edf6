import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PipelineError } from '../actions/shared/src/errors.ts';
import { PUBLISH_MODES, type PublishMode } from '../actions/shared/src/warehouse/publish.ts';

/** The engines that run the transform on this machine. */
export const ENGINES = ['duckdb', 'spark'] as const;

/** What the command line asks for. */
export interface CommandLine {
  /** The folder that holds the four files. */
  readonly input: string;
  /** The folder that the lake, the warehouse and the report are written to. */
  readonly output: string;
  readonly engine: (typeof ENGINES)[number];
  readonly mode: PublishMode;
  readonly checks: string;
  readonly quiet: boolean;
}

/** The paths that stand for options not given. */
export interface CommandLineDefaults {
  readonly input: string;
  readonly output: string;
  readonly checks: string;
}

const DATASETS = 'title.basics, title.crew, title.ratings, name.basics';

/**
 * Parses the command line's arguments, without the program's own name.
 *
 * @returns null when help was asked for, and shown.
 * @throws PipelineError `bad-input` when an option is unknown or its value is not valid.
 */
export function parseArguments(
  programArguments: readonly string[],
  defaults: CommandLineDefaults,
  write: (text: string) => void,
): CommandLine | null {
  const command = new Command('npm start --')
    .description(
      "Builds the table imdb_titles from IMDb's four files and publishes it to a DuckDB warehouse:\n" +
        'reads, transforms, stages, checks, publishes, answers the example questions, writes a report.',
    )
    .addOption(
      new Option('--input <dir>', `folder with ${DATASETS}, each .tsv or .tsv.gz`)
        .default(defaults.input, 'the sample')
        .argParser(notEmpty),
    )
    .addOption(
      new Option('--output <dir>', 'folder for the Parquet files, the warehouse and the report')
        .default(defaults.output, 'out')
        .argParser(notEmpty),
    )
    .addOption(new Option('--engine <engine>', 'what runs the transform').choices(ENGINES).default('duckdb'))
    .addOption(
      new Option('--mode <mode>', 'how the table changes: replace all, merge new and changed, append new')
        .choices(PUBLISH_MODES)
        .default('replace'),
    )
    .addOption(
      new Option('--checks <file>', 'checks that a load must pass')
        .default(defaults.checks, 'sql/imdb_titles.checks.yml')
        .argParser(notEmpty),
    )
    .addOption(new Option('--quiet', 'print only a failure').default(false))
    .helpOption('--help', 'show this help')
    .addHelpText(
      'after',
      '\nExit code: 0 published or already loaded, 1 the data failed its checks,\n' +
        '2 bad usage or unreadable input, 3 anything else. Only 0 changes the table.',
    )
    .configureHelp({ helpWidth: 80 })
    .configureOutput({ writeOut: write, writeErr: () => {}, outputError: () => {} })
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse(programArguments, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new PipelineError(
      {
        kind: 'bad-input',
        what: 'The command line is not valid',
        where: ['npm start --', ...programArguments].join(' '),
        why: error.message.replace(/^error: /, ''),
        done: 'Nothing was started.',
        next: 'See npm start -- --help',
      },
      { cause: error },
    );
  }
  return command.opts<CommandLine & Record<string, unknown>>();
}

function notEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.');
  return value;
}
