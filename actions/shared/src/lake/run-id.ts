import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SourceFile } from './manifest.ts';

/** What identifies the transform: 12 hexadecimal digits of its text's SHA-256. */
export function transformVersion(transform: string): string {
  return createHash('sha256').update(transform).digest('hex').slice(0, 12);
}

/** What identifies a run's content: the revision of each source and the transform's version. */
export function fingerprintOf(sources: readonly SourceFile[], version: string): string {
  const revisions = sources.map(({ dataset, etag }) => `${dataset}=${etag}`).toSorted();
  return createHash('sha256')
    .update([version, ...revisions].join('\n'))
    .digest('hex')
    .slice(0, 12);
}

/** A run's id: when it started, then what it is made of, so that runs of the same content are found by name. */
export function createRunId(startedAt: Date, fingerprint: string): string {
  return `${startedAt.toISOString().replaceAll(/[-:.]/g, '')}-${fingerprint}`;
}

/** The folder of a run below the table's folder. */
export function runFolderOf(tableFolder: string, runId: string): string {
  return join(tableFolder, `run=${runId}`);
}
