import { mkdir } from 'node:fs/promises';
import { buildGoProgram } from '../go-program.ts';
import { freePort, startService } from './processes.ts';

/** The server, which exists as Go source only. */
export const S3_SERVER = {
  source: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
  purpose: "the tests' S3 server",
};

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
  const program = await buildGoProgram(S3_SERVER);
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
