import { delimiter, join } from 'node:path';
import { files, root } from '../project.ts';
import { freePort, startService } from './processes.ts';
import type { S3Server } from './s3-server.ts';

/** What the services of the bed need around them. */
export interface MotoOptions {
  readonly s3: Omit<S3Server, 'stop'>;
  readonly postgresUri: string;
  /** A folder for logs and scratch files. */
  readonly work: string;
  /** How long each state of a cluster or workgroup lasts. */
  readonly stateSeconds?: number;
  /** How long after a step's end its logs reach their place. */
  readonly logDelaySeconds?: number;
}

/** A server that speaks the protocols of AWS's services. */
export interface MotoServer {
  readonly endpoint: string;
  /** The last it wrote: what went wrong inside it is told there. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts moto with this project's services in it. */
export async function startMoto(options: MotoOptions): Promise<MotoServer> {
  const { s3, postgresUri, work, stateSeconds, logDelaySeconds } = options;
  const flags: Record<string, string | number | undefined> = {
    's3-endpoint': s3.endpoint,
    'access-key-id': s3.accessKeyId,
    'secret-access-key': s3.secretAccessKey,
    region: s3.region,
    'postgres-uri': postgresUri,
    work,
    'state-seconds': stateSeconds,
    'log-delay-seconds': logDelaySeconds,
  };
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
  return startMotoProgram(['-m', 'aws_bed', ...given]);
}

/** Starts moto as it is published, for tests of what stands in front of it. */
export async function startPlainMoto(): Promise<MotoServer> {
  return startMotoProgram(['-m', 'moto.server', '--host=127.0.0.1']);
}

async function startMotoProgram(programArguments: readonly string[]): Promise<MotoServer> {
  const programs = join(files.pythonEnvironment, 'bin');
  const port = await freePort();
  const service = await startService({
    name: 'moto',
    command: join(programs, 'python'),
    programArguments: [...programArguments, `--port=${port}`],
    folder: join(root, 'test', 'aws'),
    environment: {
      ...withoutAws(process.env),
      PATH: [programs, process.env.PATH ?? ''].join(delimiter),
      VIRTUAL_ENV: files.pythonEnvironment,
      PYTHONUNBUFFERED: '1',
    },
    ready: { port },
  });
  return { endpoint: `http://127.0.0.1:${port}`, output: service.output, stop: service.stop };
}

/** A developer's own AWS settings would lead the services, or the steps they run, elsewhere. */
function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
