import { readFile } from 'node:fs/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { type Manifest, manifestSchema } from '../../shared/src/lake/manifest.ts';

const S3_ADDRESS = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/;

/**
 * Reads the manifest of the run that the rows come from.
 *
 * @param address an S3 address, or a path of this machine.
 * @param openS3 gives the client; called for an S3 address alone.
 * @throws PipelineError `failed-infra` when it cannot be read, `bad-input` when it is no manifest.
 */
export async function readRunManifest(
  address: string,
  openS3: () => S3Client,
  signal: AbortSignal,
): Promise<Manifest> {
  let text: string;
  try {
    const { bucket, key } = S3_ADDRESS.exec(address)?.groups ?? {};
    text =
      bucket === undefined || key === undefined
        ? await readFile(address, 'utf8')
        : await readObject(openS3(), { Bucket: bucket, Key: key }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PipelineError) throw error;
    const next = 'See that the run has ended and that the input manifest names it; then run again.';
    throw unusable('failed-infra', 'The manifest cannot be read', address, error, next);
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const next = 'Name the manifest.json of a run.';
    throw unusable('bad-input', 'The manifest is not one', address, error, next);
  }
}

async function readObject(
  s3: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  signal: AbortSignal,
): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(object), { abortSignal: signal });
  return (await Body?.transformToString()) ?? '';
}

function unusable(
  kind: 'bad-input' | 'failed-infra',
  what: string,
  where: string,
  error: unknown,
  next: string,
): PipelineError {
  const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
  return new PipelineError({ kind, what, where, why, done: 'Nothing was checked.', next }, { cause: error });
}
