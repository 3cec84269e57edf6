import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMoto } from './moto.ts';
import { startPostgres } from './postgres.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

/** How fast time goes in the bed. */
export interface TestBedOptions {
  /** How long each state of a cluster or workgroup lasts. */
  readonly stateSeconds?: number;
  /** How long after a step's end its logs reach their place. */
  readonly logDelaySeconds?: number;
}

/** What stands in for AWS in the tests, on loopback. */
export interface TestBed {
  /** Where all services but S3 answer. */
  readonly endpoint: string;
  readonly s3: Omit<S3Server, 'stop'>;
  /** The database server behind redshift-data, for a look at what a load left there. */
  readonly postgresUri: string;
  /** The variables that lead AWS's clients here. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder of the services' logs and scratch files. */
  readonly work: string;
  /** The last that the services wrote, for a test that fails. */
  readonly output: () => string;
  /** Ends everything and removes its files; may be called again. */
  readonly stop: () => Promise<void>;
}

interface Stoppable {
  readonly stop: () => Promise<void>;
}

/** Starts the bed: S3 and PostgreSQL side by side, then what needs to know where they are. */
export async function startTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const folder = await mkdtemp(join(tmpdir(), 'imdb-titles-bed-'));
  const work = join(folder, 'work');
  await mkdir(work);
  const started: Stoppable[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopAll(started, folder);
    return stopping;
  };
  const keep = async <T extends Stoppable>(service: Promise<T>): Promise<T> => {
    started.push(await service);
    return service;
  };

  try {
    const both = [
      keep(startS3Server(join(folder, 's3'))),
      keep(startPostgres(join(folder, 'postgres'))),
    ] as const;
    // When one fails the other has to be there before it can be ended.
    await Promise.allSettled(both);
    const [{ stop: _, ...s3 }, postgres] = await Promise.all(both);
    const moto = await keep(startMoto({ s3, postgresUri: postgres.uri, work, ...options }));
    return {
      endpoint: moto.endpoint,
      s3,
      postgresUri: postgres.uri,
      environment: environmentOf(moto.endpoint, s3, folder),
      work,
      output: moto.output,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf(
  endpoint: string,
  s3: Omit<S3Server, 'stop'>,
  folder: string,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_DEFAULT_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    // A developer's own profiles and a machine's own role stay out of the tests.
    AWS_CONFIG_FILE: join(folder, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

async function stopAll(started: readonly Stoppable[], folder: string): Promise<void> {
  await Promise.all(started.map((service) => service.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
