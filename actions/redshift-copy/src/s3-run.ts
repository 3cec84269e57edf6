import { GetObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { manifestSchema } from '../../shared/src/lake/manifest.ts';
import type { FinishedRun } from '../../shared/src/lake/run.ts';
import type { OpenParquet } from '../../shared/src/warehouse/preflight.ts';

const MISSING = new Set(['NoSuchKey', 'NotFound', 'NoSuchBucket']);

/**
 * Reads a run's manifest from S3.
 *
 * @param address `s3://bucket/folder/manifest.json`; the run's files lie in its folder.
 * @throws PipelineError `failed-data` when it is not there or is not one, `failed-infra` when S3 refuses it.
 */
export async function readS3Run(address: string, s3: S3Client, signal: AbortSignal): Promise<FinishedRun> {
  let text: string;
  try {
    const { Body } = await s3.send(new GetObjectCommand(placeOf(address)), { abortSignal: signal });
    text = (await Body?.transformToString()) ?? '';
  } catch (error) {
    signal.throwIfAborted();
    throw isMissing(error) ? unusable(address, messageOf(error), error) : refused(address, error);
  }
  try {
    const manifest = manifestSchema.parse(JSON.parse(text));
    return { folder: address.slice(0, address.lastIndexOf('/')), manifest };
  } catch (error) {
    throw unusable(address, messageOf(error), error);
  }
}

/** Opens Parquet files in S3, of which only the ranges that are asked for are read. */
export function openInS3(s3: S3Client, signal: AbortSignal): OpenParquet {
  return async (address) => {
    const place = placeOf(address);
    const options = { abortSignal: signal };
    const asked = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
      try {
        return await answer;
      } catch (error) {
        signal.throwIfAborted();
        if (isMissing(error)) throw new Error('the manifest names it, and it is not there', { cause: error });
        throw refused(address, error);
      }
    };
    const { ContentLength: bytes = 0, ETag } = await asked(s3.send(new HeadObjectCommand(place), options));
    // What is written over between two ranges is refused: nothing of a run is ever written twice.
    const same = ETag === undefined ? {} : { IfMatch: ETag };
    const slice = async (start: number, end: number = bytes) => {
      const command = new GetObjectCommand({ ...place, ...same, Range: `bytes=${start}-${end - 1}` });
      const { Body } = await asked(s3.send(command, options));
      const read = await asked(Body?.transformToByteArray() ?? Promise.reject(new Error('no body')));
      return read.slice().buffer;
    };
    return {
      bytes,
      etag: ETag?.replaceAll('"', '') ?? null,
      content: () => Promise.resolve({ byteLength: bytes, slice }),
    };
  };
}

function placeOf(address: string): { readonly Bucket: string; readonly Key: string } {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  return { Bucket, Key };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && MISSING.has(error.name);
}

function isDenied(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403;
}

function unusable(where: string, why: string, cause: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'failed-data',
      what: "The run's manifest is not usable",
      where,
      why,
      done: 'Nothing was copied, nothing was published.',
      next: 'See that the job that writes the run ended well and that the input manifest names it; then run again.',
    },
    { cause },
  );
}

function refused(where: string, cause: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: 'The run cannot be read',
      where,
      why: messageOf(cause),
      done: 'Nothing was copied, nothing was published.',
      next: isDenied(cause)
        ? "Allow the workflow's role s3:GetObject and s3:ListBucket there, and run again."
        : 'Run again; if it is refused again, see whether S3 says more.',
    },
    { cause },
  );
}
