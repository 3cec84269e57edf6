import { readFile } from 'node:fs/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { explainAwsError } from '../../shared/src/aws/refusal.ts';
import { untilStopped } from '../../shared/src/aws/until-stopped.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { errorCode } from '../../shared/src/files.ts';
import { parseS3Address, type S3Address } from './s3-address.ts';

/** What of a manifest concerns this action; the rest is between the job and its readers. */
const manifestSchema = z.looseObject({ rows: z.int().nonnegative().nullish() });

/** What a job says that it wrote. */
export interface OutputManifest {
  /** Null when the manifest does not tell. */
  readonly rows: number | null;
}

/**
 * Reads the manifest that a job writes last.
 *
 * @param address an S3 address, or a path of this machine.
 * @param s3 null where there is no AWS.
 * @throws PipelineError `failed-data` when it is missing or is no JSON object with, if any, a count `rows`;
 *   `bad-input` for an S3 address without AWS; `failed-infra` when S3 refuses it.
 */
export async function readOutputManifest(
  address: string,
  s3: S3Client | null,
  signal: AbortSignal,
): Promise<OutputManifest> {
  const object = parseS3Address(address);
  const text = object === null ? await readLocal(address) : await readObject(address, object, s3, signal);
  try {
    return { rows: manifestSchema.parse(JSON.parse(text)).rows ?? null };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw unusable('failed-data', "The job's manifest is not usable", address, why, error);
  }
}

async function readLocal(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw missing(path, 'there is no such file', error);
    throw unusable('failed-data', "The job's manifest cannot be read", path, messageOf(error), error);
  }
}

async function readObject(
  address: string,
  { bucket, key }: S3Address,
  s3: S3Client | null,
  signal: AbortSignal,
): Promise<string> {
  if (s3 === null) {
    const why = 'the job ran on this machine, the manifest is an S3 address';
    throw unusable('bad-input', "The job's manifest cannot be read", address, why, null);
  }
  try {
    return await untilStopped(readText(s3, { bucket, key }, signal), signal, 0);
  } catch (error) {
    signal.throwIfAborted();
    const name = error instanceof Error ? error.name : '';
    if (['NoSuchKey', 'NotFound', 'NoSuchBucket'].includes(name))
      throw missing(address, messageOf(error), error);
    const hint =
      name === 'AccessDenied' ? ' (S3 says so of a missing object too, without s3:ListBucket)' : '';
    const { why, next } = explainAwsError(error, { action: 's3:GetObject', resource: address });
    throw unusable(
      'failed-infra',
      "The job's manifest cannot be read",
      address,
      `${why}${hint}`,
      error,
      next,
    );
  }
}

async function readText(s3: S3Client, { bucket, key }: S3Address, abortSignal: AbortSignal): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
  return (await Body?.transformToString()) ?? '';
}

function missing(where: string, why: string, cause: unknown): PipelineError {
  return unusable('failed-data', 'The job ended without its manifest', where, why, cause);
}

function unusable(
  kind: 'bad-input' | 'failed-data' | 'failed-infra',
  what: string,
  where: string,
  why: string,
  cause: unknown,
  next = 'See that the job writes it last and that the input manifest names it; then run again.',
): PipelineError {
  return new PipelineError(
    { kind, what, where, why, done: 'The job has run; whether its output is whole is not known.', next },
    { cause },
  );
}
