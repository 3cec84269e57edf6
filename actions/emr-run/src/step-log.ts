import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { pause } from '../../shared/src/action/stop.ts';
import { isTransient } from '../../shared/src/aws/transient.ts';
import { untilStopped } from '../../shared/src/aws/until-stopped.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { readFailureLine } from '../../shared/src/spark/failure-line.ts';
import { findFailure } from '../../shared/src/spark/root-exception.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { readLogTail } from './log-tail.ts';
import { parseS3Address, type S3Address } from './s3-address.ts';

const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 15;
const GROWTH = 1.5;
/** EMR sends a step's logs one after the other; so long the others are waited for once one is there. */
const OTHERS_SECONDS = 2;
const READ_MILLISECONDS = 60_000;

/** Where a step's logs are and how long they are waited for. */
export interface StepLogRequest {
  /** The step's folder of logs, see {@link stepLogFolder}. */
  readonly folder: string;
  /** When the step ended; a log that was written later holds all of it. */
  readonly endedAt: Date | null;
  readonly waitSeconds: number;
}

/** What a step's logs hold: their last lines, as they are; empty where there are none. */
export interface StepLog {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Why there are none; null when there are any. */
  readonly missing: string | null;
}

/** Where EMR puts the logs of a step (EMR Management Guide, view log files archived to Amazon S3). */
export function stepLogFolder(logUri: string, clusterId: string, stepId: string): string {
  return `${logUri.replace(/\/+$/, '')}/${clusterId}/steps/${stepId}/`;
}

/**
 * Reads a failed step's logs. They come to S3 every 5 minutes and when the cluster ends, so they are
 * waited for, until they tell why the step failed or have been written after its end.
 *
 * @throws the signal's reason when it is a cancellation; nothing else: neither a log that cannot be read
 *   nor the end of the job's time must hide the failure.
 */
export async function readStepLog(
  { folder, endedAt, waitSeconds }: StepLogRequest,
  s3: S3Client,
  signal: AbortSignal,
  log: TaskLog,
): Promise<StepLog> {
  const address = parseS3Address(folder);
  if (address === null) return nothing(`${folder} is no S3 address`);
  const found: Found = { seen: { stdout: [], stderr: [], whole: 0, refused: null } };
  try {
    await waitForLog(address, { endedAt, folder, waitSeconds }, found, s3, signal, log);
  } catch (error) {
    // The step had failed before the time was over, and that is what is to be told.
    if (!isTimeOver(signal)) throw error;
  }
  const { seen } = found;
  const { stdout, stderr, refused } = seen;
  const isEmpty = stdout.length === 0 && stderr.length === 0;
  const late = isTimeOver(signal) ? "before the job's time was over" : `within ${waitSeconds} s`;
  const noLog = seen.whole > 0 ? 'they are empty' : `they did not come ${late}`;
  return { stdout, stderr, missing: isEmpty ? (refused ?? noLog) : null };
}

/** What has been seen of a step's logs so far. */
interface Found {
  seen: Look;
}

async function waitForLog(
  address: S3Address,
  { endedAt, folder, waitSeconds }: StepLogRequest,
  found: Found,
  s3: S3Client,
  signal: AbortSignal,
  log: TaskLog,
): Promise<void> {
  const giveUp = performance.now() + waitSeconds * 1000;
  let seconds = 0;
  for (;;) {
    try {
      found.seen = await untilStopped(look(address, endedAt, s3, signal), signal, 0);
    } catch (error) {
      signal.throwIfAborted();
      found.seen = { ...found.seen, refused: messageOf(error) };
      if (!isTransient(error)) break;
    }
    const { seen } = found;
    const tellsWhy = readFailureLine(seen.stdout) !== null;
    if (tellsWhy || seen.whole === LOGS.length) break;
    // A log of before the step's end may hold an exception that the job survived.
    const isNearlyThere = seen.whole > 0 || (endedAt === null && findFailure(seen).exception !== null);
    const left = (giveUp - performance.now()) / 1000;
    if (left <= 0) break;
    if (seconds === 0 && !isNearlyThere) {
      log.info(
        `Waiting for the step's logs in ${folder}, for ${Math.ceil(waitSeconds / 60)} minutes at most.`,
      );
    }
    seconds = Math.min(LONGEST_PAUSE_SECONDS, Math.max(FIRST_PAUSE_SECONDS, seconds * GROWTH));
    await pause(Math.min(left, isNearlyThere ? OTHERS_SECONDS : seconds), signal);
    if (isNearlyThere) {
      found.seen = await untilStopped(look(address, endedAt, s3, signal), signal, 0).catch(() => seen);
      signal.throwIfAborted();
      break;
    }
  }
}

function isTimeOver({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof PipelineError && reason.failure.kind === 'timed-out';
}

const LOGS = ['controller', 'stderr', 'stdout'] as const;

interface Look {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** How many of the logs were written after the step's end. */
  readonly whole: number;
  readonly refused: string | null;
}

async function look(
  { bucket, key }: S3Address,
  endedAt: Date | null,
  s3: S3Client,
  signal: AbortSignal,
): Promise<Look> {
  const options = { abortSignal: signal };
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key }), options);
  const found = new Map((listed.Contents ?? []).map((one) => [one.Key?.slice(key.length), one.LastModified]));
  // S3 tells whole seconds.
  const end = endedAt === null ? Number.POSITIVE_INFINITY : Math.floor(endedAt.getTime() / 1000) * 1000;
  const isWhole = (name: string) => (found.get(`${name}.gz`)?.getTime() ?? 0) >= end;
  const read = async (name: string): Promise<string[]> => {
    if (!found.has(`${name}.gz`)) return [];
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: `${key}${name}.gz` }),
      options,
    );
    if (Body === undefined) return [];
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_MILLISECONDS)]);
    return readLogTail(Body.transformToWebStream(), limit);
  };
  return {
    stdout: await read('stdout'),
    stderr: await read('stderr'),
    whole: LOGS.filter((name) => isWhole(name)).length,
    refused: null,
  };
}

function nothing(missing: string): StepLog {
  return { stdout: [], stderr: [], missing };
}
