import { HeadObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { explainAwsError } from '../../shared/src/aws/refusal.ts';
import { PipelineError } from '../../shared/src/errors.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { patiently } from './cluster-state.ts';
import { parseS3Address } from './s3-address.ts';
import { type JobFile, readJobFile } from './steps.ts';

/** How often a write is begun that met another one (S3 API Reference, PutObject: 409 is to be sent again). */
const ATTEMPTS = 3;

/**
 * Uploads the files that are not there yet. The address holds the content's hash, so what is there is
 * right, and nothing is ever overwritten.
 *
 * @returns how many were uploaded and how many had been there.
 * @throws PipelineError that names the file and tells S3's own words, or the signal's reason.
 */
export async function uploadFiles(
  files: readonly JobFile[],
  s3: S3Client,
  signal: AbortSignal,
  log: TaskLog,
): Promise<{ uploaded: number; present: number }> {
  let uploaded = 0;
  for (const file of files) {
    const body = await readJobFile(file.path, 'the upload');
    const isNew = await putOnce(file, body, s3, signal, log);
    log.info(`${file.uri} ${isNew ? 'uploaded' : 'is there already'}`);
    if (isNew) uploaded += 1;
  }
  return { uploaded, present: files.length - uploaded };
}

/** Whether it had to be uploaded. */
async function putOnce(
  file: JobFile,
  body: Buffer,
  s3: S3Client,
  signal: AbortSignal,
  log: TaskLog,
): Promise<boolean> {
  const at = addressOf(file.uri);
  const asking = { signal, log, random: Math.random };
  try {
    if (await isThere(at, body.length, s3, asking)) return false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await patiently(asking, (options) =>
          s3.send(new PutObjectCommand({ ...at, Body: body, IfNoneMatch: '*' }), options),
        );
        return true;
      } catch (error) {
        // An answer that was lost is asked for again by the client; the second one says that the first had worked.
        if (nameOf(error) === 'PreconditionFailed') {
          if (await isThere(at, body.length, s3, asking)) return true;
        } else if (nameOf(error) !== 'ConditionalRequestConflict' || attempt === ATTEMPTS) {
          throw error;
        }
        if (attempt === ATTEMPTS) throw error;
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(file, error);
  }
}

interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

function addressOf(uri: string): ObjectAddress {
  const address = parseS3Address(uri);
  if (address === null) throw new TypeError(`${uri} is no address of S3`);
  return { Bucket: address.bucket, Key: address.key };
}

/** Whether the object is there, whole. Without the right to list, S3 answers 403 where there is none. */
async function isThere(
  at: ObjectAddress,
  bytes: number,
  s3: S3Client,
  asking: Parameters<typeof patiently>[0],
): Promise<boolean> {
  try {
    const { ContentLength } = await patiently(asking, (options) =>
      s3.send(new HeadObjectCommand(at), options),
    );
    return ContentLength === bytes;
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 404 || status === 403) return false;
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function failureOf({ path, uri }: JobFile, error: unknown): PipelineError {
  const isNoBucket = nameOf(error) === 'NoSuchBucket';
  const { why, next } = explainAwsError(error, { action: 's3:PutObject', resource: uri });
  return new PipelineError(
    {
      kind: isNoBucket ? 'bad-input' : 'failed-infra',
      what: 'A file of the job cannot be uploaded',
      where: `${path} to ${uri}`,
      why,
      done: 'No cluster was started.',
      next: isNoBucket ? 'Create the bucket, or name another one in the input bucket, and run again.' : next,
    },
    { cause: error },
  );
}
