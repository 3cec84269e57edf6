import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { PipelineError, type PipelineFailure } from '../errors.ts';
import { runProgram } from '../spark/run-program.ts';
import type { TaskLog } from '../task-log.ts';

const OLDEST_PYTHON = [3, 11] as const;
const SHOWN_LINES = 10;

/** A Python virtual environment that is ready for use. */
export interface PythonEnvironment {
  /** The folder of its programs. */
  readonly programs: string;
  /** The environment variables of this process, with the environment's programs first on the path. */
  readonly variables: NodeJS.ProcessEnv;
}

/** What a failure says beside the reason, which the caller knows. */
type PythonWords = Pick<PipelineFailure, 'done' | 'next'>;

/** What the caller knows of it. */
export interface PythonOptions {
  /** Ends the installing; without it nothing does. */
  readonly signal?: AbortSignal;
  readonly words?: PythonWords;
}

const WORDS: PythonWords = {
  done: 'Nothing was started.',
  next: `Install Python ${OLDEST_PYTHON.join('.')} or newer with its venv module, and run again.`,
};

/**
 * Makes the virtual environment with the packages of the requirements files, or does nothing when it
 * is there and they have not changed since.
 *
 * @throws the signal's reason; PipelineError `failed-infra` when there is no Python of at least 3.11 or a package cannot be installed.
 */
export async function ensurePythonEnvironment(
  folder: string,
  requirementsFiles: readonly string[],
  log: TaskLog,
  { signal = new AbortController().signal, words = WORDS }: PythonOptions = {},
): Promise<PythonEnvironment> {
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  for (const file of requirementsFiles) {
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    const stamp = join(folder, `${basename(file)}-${digest.slice(0, 12)}.installed`);
    if (
      await readFile(stamp).then(
        () => true,
        () => false,
      )
    )
      continue;
    const name = join(basename(dirname(file)), basename(file));
    log.info(`Installing the Python packages of ${name} into ${folder}; this is done once.`);
    const install = async (where: string, command: string, ...others: readonly string[]) => {
      const { failure } = await run(command, others, signal);
      if (failure !== null) throw refusal(where, failure, words);
    };
    const python = await findPython(signal, words);
    await install(`${folder} could not be made`, python, '-m', 'venv', folder);
    const pip = [join(programs, 'python'), '-m', 'pip', 'install', '--quiet'] as const;
    await install(`the packages of ${file} could not be installed`, ...pip, '--requirement', file);
    await writeFile(stamp, '');
  }
  const path = [programs, process.env.PATH ?? ''].join(delimiter);
  return { programs, variables: { ...process.env, PATH: path, VIRTUAL_ENV: folder } };
}

async function findPython(signal: AbortSignal, words: PythonWords): Promise<string> {
  const tried: string[] = [];
  for (const command of ['python3', 'python']) {
    const { stdout, failure } = await run(
      command,
      ['-c', 'import sys; print(*sys.version_info[:2])'],
      signal,
    );
    const [major = 0, minor = 0] = (stdout[0] ?? '').split(' ').map(Number);
    if (failure === null && major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return command;
    tried.push(failure === null ? `${command} is ${major}.${minor}` : `${command}: ${failure}`);
  }
  throw refusal(`Python ${OLDEST_PYTHON.join('.')} or newer is needed`, tried.join('; '), words);
}

/** Runs a program; `failure` tells how it failed, null when it did not. */
async function run(
  command: string,
  programArguments: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly stdout: readonly string[]; readonly failure: string | null }> {
  const program = { command, arguments: programArguments, variables: process.env, onLine: () => {} };
  try {
    const { code, endedBy, stdout, stderr } = await runProgram({ ...program, signal });
    if (code === 0) return { stdout, failure: null };
    const how = code === null ? `was ended by ${endedBy}` : `ended with code ${code}`;
    return { stdout, failure: [`it ${how}`, ...stderr.slice(-SHOWN_LINES)].join('\n         ') };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipelineError)) throw error;
    return { stdout: [], failure: error.failure.why };
  }
}

function refusal(where: string, why: string, words: PythonWords): PipelineError {
  return new PipelineError({
    kind: 'failed-infra',
    what: 'The Python environment is not ready',
    where,
    why,
    ...words,
  });
}
