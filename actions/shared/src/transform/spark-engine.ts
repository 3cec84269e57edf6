import { readManifest } from '../lake/run.ts';
import { runFolderOf } from '../lake/run-id.ts';
import { submitSpark, withJava } from '../spark/spark-submit.ts';
import type { TaskLog } from '../task-log.ts';
import type { PythonEnvironment } from './python-environment.ts';
import type { TransformEngine } from './transform.ts';

/** The Spark job and the environment that has spark-submit and a Java. */
export interface SparkEngineOptions {
  readonly script: string;
  readonly environment: (log: TaskLog, signal: AbortSignal) => Promise<PythonEnvironment>;
}

/** The engine that runs the Spark job on this machine, by spark-submit. */
export function sparkEngine(options: SparkEngineOptions): TransformEngine {
  return async (request) => {
    const { signal = new AbortController().signal } = request;
    const variables = await withJava(await options.environment(request.log, signal), signal);
    await submitSpark(
      {
        arguments: [
          options.script,
          ...['--input', request.inputFolder, '--output', request.tableFolder],
          ...['--run-id', request.runId, '--fingerprint', request.fingerprint],
          ...request.sources.flatMap(({ dataset, etag }) => ['--etag', `${dataset}=${etag}`]),
        ],
        workFolder: request.workFolder,
        variables: { ...variables, SPARK_LOCAL_IP: '127.0.0.1' },
        signal,
        onLine: () => {},
      },
      {
        what: 'Spark did not finish',
        where: 'spark-submit on this machine',
        done: 'Nothing was published.',
        next: 'Mend what the exception names and run again, or run with --engine duckdb.',
      },
    );
    return readManifest(runFolderOf(request.tableFolder, request.runId));
  };
}
