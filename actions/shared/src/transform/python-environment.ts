import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, PipelineError } from '../errors.ts';
import type { TaskLog } from '../task-log.ts';

const run = promisify(execFile);
const OLDEST_PYTHON = [3, 11] as const;

/** A Python virtual environment that is ready for use. */
export interface PythonEnvironment {
  /** The folder of its programs. */
  readonly programs: string;
  /** The environment variables of this process, with the environment's programs first on the path. */
  readonly variables: NodeJS.ProcessEnv;
}

/**
 * Makes the virtual environment with the packages of the requirements files, or does nothing when it
 * is there and they have not changed since.
 *
 * @throws PipelineError `failed-infra` when there is no Python of at least 3.11 or a package cannot be installed.
 */
export async function ensurePythonEnvironment(
  folder: string,
  requirementsFiles: readonly string[],
  log: TaskLog,
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
    await run(await findPython(), ['-m', 'venv', folder]).catch(refuse(`${folder} could not be made`));
    await run(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', file]).catch(
      refuse(`the packages of ${file} could not be installed`),
    );
    await writeFile(stamp, '');
  }
  const path = [programs, process.env.PATH ?? ''].join(delimiter);
  return { programs, variables: { ...process.env, PATH: path, VIRTUAL_ENV: folder } };
}

async function findPython(): Promise<string> {
  const tried: string[] = [];
  for (const command of ['python3', 'python']) {
    try {
      const { stdout } = await run(command, ['-c', 'import sys; print(*sys.version_info[:2])']);
      const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
      if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return command;
      tried.push(`${command} is ${major}.${minor}`);
    } catch (error) {
      tried.push(`${command}: ${messageOf(error)}`);
    }
  }
  throw refusal(`Python ${OLDEST_PYTHON.join('.')} or newer is needed`, tried.join('; '));
}

function refuse(what: string): (error: unknown) => never {
  return (error) => {
    throw refusal(what, messageOf(error), error);
  };
}

function refusal(what: string, why: string, cause?: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: 'The Python environment is not ready',
      where: what,
      why,
      done: 'Nothing was published.',
      next: 'Install Python 3.11 or newer with its venv module, or run with --engine duckdb.',
    },
    { cause },
  );
}
