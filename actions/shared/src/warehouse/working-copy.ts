import { constants, copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PipelineError } from '../errors.ts';
import { errorCode, exists, fileVersion, flushFile } from '../files.ts';

const KEPT_FOR_MS = 24 * 60 * 60 * 1000;

/** A copy of a warehouse file that is changed in the file's stead and then takes its place. */
export interface WorkingCopy {
  readonly path: string;
  /**
   * Puts the copy in the file's place, at once for every reader; those that have the old file open
   * go on reading it.
   *
   * @throws PipelineError `failed-infra` when the copy was not closed whole, or another process changed the
   *   file meanwhile.
   */
  publish(): Promise<void>;
  /** Removes the copy, unless it was published. */
  discard(): Promise<void>;
}

/**
 * Copies a DuckDB file, so that it is never changed in place: a kill or a full disk in the middle of a
 * write harms the copy alone, and readers of the file neither wait for the load nor hold it up. A file
 * that is not there yet gets a copy that starts empty. Whoever calls must keep writers away while it
 * copies, by having the file open for reading.
 */
export async function createWorkingCopy(file: string): Promise<WorkingCopy> {
  await sweepDeadCopies(file);
  const path = `${file}.next-${hostname()}-${process.pid}`;
  const before = await fileVersion(file);
  // A clone shares its blocks with the file where the file system can do that.
  for (const part of ['', '.wal']) {
    if (await exists(file + part)) {
      await copyFile(file + part, path + part, constants.COPYFILE_FICLONE);
    }
  }
  return {
    path,
    publish: async () => {
      if (await exists(`${path}.wal`)) throw refusal(file, 'the copy was not written whole');
      await flushFile(path);
      if ((await fileVersion(file)) !== before)
        throw refusal(file, 'another process has changed the file meanwhile');
      // What a log beside the old file held, the copy has taken in; the new file must not meet it.
      await rm(`${file}.wal`, { force: true });
      await rename(path, file);
    },
    discard: () => removeCopy(path),
  };
}

/** Removes copies of processes of this machine that are dead, and those of over a day ago. */
async function sweepDeadCopies(file: string): Promise<void> {
  const prefix = `${basename(file)}.next-`;
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(prefix) || name.endsWith('.wal')) continue;
    const path = join(dirname(file), name);
    const ownPrefix = `${prefix}${hostname()}-`;
    const isDead = name.startsWith(ownPrefix) && !isRunning(Number(name.slice(ownPrefix.length)));
    const { mtimeMs } = await stat(path);
    if (isDead || Date.now() - mtimeMs > KEPT_FOR_MS) await removeCopy(path);
  }
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    return errorCode(error) === 'EPERM';
  }
}

async function removeCopy(path: string): Promise<void> {
  for (const part of ['', '.wal', '.tmp']) await rm(path + part, { recursive: true, force: true });
}

function refusal(file: string, why: string): PipelineError {
  return new PipelineError({
    kind: 'failed-infra',
    what: 'The warehouse was not replaced',
    where: file,
    why,
    done: 'Nothing was published; the table is as it was.',
    next: 'Run again.',
  });
}
