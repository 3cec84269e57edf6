import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as DuckdbModule from '@duckdb/node-api';
import { messageOf, PipelineError } from './errors.ts';
import { errorCode, exists } from './files.ts';
import type { TaskLog } from './task-log.ts';

const run = promisify(execFile);
/** In a variable, so that no bundler follows it: DuckDB is a native library, which no bundle can hold. */
const packageName = '@duckdb/node-api';
/** The version of package.json; a test holds the two together, for a bundle has no package.json beside it. */
export const DUCKDB_VERSION = '1.5.5-r.5';

/** DuckDB's package for Node. */
export type Duckdb = typeof DuckdbModule;

/**
 * DuckDB, from where this program's packages are, else from where {@link installDuckdb} puts it.
 *
 * @throws PipelineError `failed-infra` when it is in neither place.
 */
export function loadDuckdb(): Duckdb {
  return loadFrom(import.meta.url) ?? loadInstalled(duckdbFolder()) ?? refuseMissing();
}

/**
 * Sees to it that {@link loadDuckdb} finds DuckDB: installs it with npm when this program has come without
 * its packages, as a bundled action does. Done once for a machine that keeps its tool cache.
 *
 * @returns the folder that it is in; null when it is among this program's packages.
 * @throws PipelineError `failed-infra` when npm cannot install it.
 */
export async function installDuckdb(
  log: TaskLog,
  signal: AbortSignal,
  { beside = import.meta.url, folder = duckdbFolder() } = {},
): Promise<string | null> {
  if (canResolve(beside)) return null;
  if (await exists(folder)) return folder;
  log.info(`Installing ${packageName} ${DUCKDB_VERSION} into ${folder}; this is done once.`);
  const parent = join(folder, '..');
  await mkdir(parent, { recursive: true });
  // Installed aside and then renamed: another job may install it at the same time, or npm may break off.
  const aside = await mkdtemp(join(parent, 'install-'));
  try {
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    const wanted = `${packageName}@${DUCKDB_VERSION}`;
    await run('npm', ['install', ...options, '--prefix', aside, wanted], { signal });
    await rename(aside, folder);
  } catch (error) {
    signal.throwIfAborted();
    // The folder is there by now: another job was faster, and its DuckDB is the same.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw refuseInstall(folder, error);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return folder;
}

/** Where a bundled action's DuckDB is: in the runner's tool cache, else with what a job needs meanwhile. */
function duckdbFolder(): string {
  const { RUNNER_TOOL_CACHE: cache = '', RUNNER_TEMP: temporary = '' } = process.env;
  const parent = [cache, temporary].find((folder) => folder !== '') ?? tmpdir();
  return join(parent, 'imdb-titles', `duckdb-${DUCKDB_VERSION}-${process.platform}-${process.arch}`);
}

function loadInstalled(folder: string): Duckdb | null {
  return loadFrom(join(folder, 'package.json'));
}

/** The package as a file at that place would find it; null when it would find none. */
function loadFrom(place: string): Duckdb | null {
  if (!canResolve(place)) return null;
  const load: (name: string) => Duckdb = createRequire(place);
  return load(packageName);
}

function canResolve(place: string): boolean {
  try {
    createRequire(place).resolve(packageName);
    return true;
  } catch (error) {
    if (errorCode(error) === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}

function refuseMissing(): never {
  throw new PipelineError({
    kind: 'failed-infra',
    what: 'DuckDB is not installed',
    where: duckdbFolder(),
    why: `the package ${packageName} is not in reach`,
    done: 'Nothing was started.',
    next: `Run npm install --prefix ${duckdbFolder()} ${packageName}@${DUCKDB_VERSION}.`,
  });
}

function refuseInstall(folder: string, error: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: 'DuckDB could not be installed',
      where: folder,
      why: messageOf(error).trim(),
      done: 'Nothing was started.',
      next: 'See that npm is on the PATH and reaches its registry, and run again; or take the engine spark.',
    },
    { cause: error },
  );
}
