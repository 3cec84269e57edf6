import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMRClient } from '@aws-sdk/client-emr';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll } from '@jest/globals';
import { files, root } from '../project.ts';

/** How long each state of a cluster lasts in these tests. */
export const stateSeconds = 0.15;

/** The bucket that the bed's tests write to. */
export const bucket = 'bed';

const credentials = { accessKeyId: 'bed', secretAccessKey: 'bed-secret' };
const common = { region: 'eu-west-1', credentials };

/** A running bed. */
export interface Bed {
  readonly process: ChildProcess;
  readonly endpoint: string;
  readonly emr: EMRClient;
  readonly s3: S3Client;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('No free port');
  return address.port;
}

/** Ends a process and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Starts a Python program that serves HTTP, and waits until it answers; it is ended after the tests. */
async function startPython(args: string[], endpoint: string): Promise<ChildProcess> {
  const child = spawn(join(files.pythonEnvironment, 'bin', 'python'), args, {
    cwd: join(root, 'test', 'aws'),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  afterAll(() => end(child));
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server has ended: ${said}`);
    const answer = await fetch(`${endpoint}/moto-api/`).catch(() => null);
    if (answer?.ok) return child;
    await sleep(50);
  }
  throw new Error(`The server does not answer: ${said}`);
}

/** Starts the bed, and beside it an S3 server. */
export async function startBed(work: string): Promise<Bed> {
  const [port, s3Port] = [await freePort(), await freePort()];
  const [endpoint, s3Endpoint] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${s3Port}`];
  const options = {
    port: String(port),
    's3-endpoint': s3Endpoint,
    'access-key-id': credentials.accessKeyId,
    'secret-access-key': credentials.secretAccessKey,
    'postgres-uri': 'postgresql://127.0.0.1:1/none',
    work,
    'state-seconds': String(stateSeconds),
    'log-delay-seconds': '0.1',
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const [child] = await Promise.all([
    startPython(['-m', 'aws_bed', ...words], endpoint),
    startPython(['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(s3Port)], s3Endpoint),
  ]);
  const s3 = new S3Client({ ...common, endpoint: s3Endpoint, forcePathStyle: true });
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  return { process: child, endpoint, emr: new EMRClient({ ...common, endpoint }), s3 };
}
