import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Reject } from '../lake/manifest.ts';
import type { TaskLog } from '../task-log.ts';
import { type AuditedSource, auditSource } from './audit-source.ts';
import type { Dataset } from './datasets.ts';
import { badInput, findSources, isoTime } from './find-sources.ts';

const SHOWN_REJECTS = 20;

/** The audited sources, and the first of the records that were refused. */
export interface SourcesAudit {
  readonly sources: readonly AuditedSource[];
  readonly rejects: { readonly total: number; readonly first: readonly Reject[] };
}

/**
 * Finds and audits the datasets' files in a folder, all at once; the refused records go to a file, one
 * JSON object a line, those of one dataset in the file's order.
 *
 * @throws PipelineError `bad-input` when a file is missing or cannot be used.
 */
export async function auditSources(
  folder: string,
  datasets: readonly Dataset[],
  rejectsFile: string,
  log: TaskLog,
): Promise<SourcesAudit> {
  const found = await findSources(folder, datasets);
  const rejectsOf = new Map<string, Reject[]>(found.map(({ dataset }) => [dataset.name, []]));
  const first: Reject[] = [];
  const output = createWriteStream(rejectsFile);
  const written = finished(output);
  written.catch(() => {});
  let done = 0;
  const sources = await Promise.all(
    found.map(async (source) => {
      const audited = await auditSource(source, (reject) => {
        output.write(`${JSON.stringify(reject)}\n`);
        const shown = rejectsOf.get(source.dataset.name);
        if (shown !== undefined && shown.length < SHOWN_REJECTS) shown.push(reject);
      });
      done++;
      log.progress(`${done} of ${found.length} files`);
      return audited;
    }),
  ).finally(() => output.end());
  await written;
  for (const rejects of rejectsOf.values()) first.push(...rejects);
  return {
    sources,
    rejects: {
      total: sources.reduce((sum, source) => sum + source.rejects, 0),
      first: first.slice(0, SHOWN_REJECTS),
    },
  };
}

/**
 * Makes sure that the files are still those that were audited.
 *
 * @throws PipelineError `bad-input` when one was changed meanwhile.
 */
export async function refuseChangedSources(sources: readonly AuditedSource[]): Promise<void> {
  for (const { dataset, path, bytes, modified } of sources) {
    const now = await stat(path);
    if (now.size === bytes && isoTime(now.mtimeMs) === modified) continue;
    throw badInput(
      `${dataset} changed while it was read`,
      path,
      `it had ${bytes} bytes of ${modified}, now it has ${now.size} bytes of ${isoTime(now.mtimeMs)}`,
      'Wait until the file is complete, then run again.',
    );
  }
}
