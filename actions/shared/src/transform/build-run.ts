import { rm } from 'node:fs/promises';
import { PipelineError } from '../errors.ts';
import type { Manifest } from '../lake/manifest.ts';
import type { FinishedRun } from '../lake/run.ts';
import { runFolderOf } from '../lake/run-id.ts';
import type { AuditedSource } from '../sources/audit-source.ts';
import { auditSources, refuseChangedSources, type SourcesAudit } from '../sources/audit-sources.ts';
import { readDatasets } from '../sources/datasets.ts';
import type { TaskLog } from '../task-log.ts';
import type { TaskResult } from '../tasks.ts';
import type { TransformEngine, TransformRequest } from './transform.ts';

/** The files to be audited, and where the refused records go. */
export interface AuditRequest {
  readonly inputFolder: string;
  /** The JSON file of the datasets' names and columns. */
  readonly datasetsFile: string;
  readonly rejectsFile: string;
}

/**
 * Audits the four files before anything is built from them.
 *
 * @throws PipelineError `bad-input` when one is missing or cannot be used.
 */
export async function auditInput(
  { inputFolder, datasetsFile, rejectsFile }: AuditRequest,
  log: TaskLog,
): Promise<TaskResult<SourcesAudit>> {
  const audit = await auditSources(inputFolder, await readDatasets(datasetsFile), rejectsFile, log);
  const records = audit.sources.reduce((sum, { rows }) => sum + rows, 0);
  return { value: audit, detail: `${records} records in 4 files, ${audit.rejects.total} rejected` };
}

/**
 * Has the engine build one run, and makes sure that it is of the files that were audited. A run that fails
 * leaves no folder behind.
 *
 * @throws PipelineError what the engine throws; `bad-input` when a file was changed meanwhile; `failed-infra`
 *   when audit and engine saw different records.
 */
export async function buildRun(
  engine: TransformEngine,
  request: TransformRequest,
): Promise<TaskResult<FinishedRun>> {
  const folder = runFolderOf(request.tableFolder, request.runId);
  try {
    const manifest = await engine(request);
    await refuseChangedSources(request.sources);
    refuseDisagreement(manifest, request.sources);
    const fileCount = manifest.files.length === 1 ? '1 file' : `${manifest.files.length} files`;
    return { value: { folder, manifest }, detail: `${manifest.rows} titles in ${fileCount}` };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Audit and engine read the same files by different means; they must have seen the same records. */
function refuseDisagreement({ sources: seenSources }: Manifest, sources: readonly AuditedSource[]): void {
  for (const audited of sources) {
    const seen = seenSources.find(({ dataset }) => dataset === audited.dataset);
    if (seen?.rows === audited.rows && seen.rejects === audited.rejects) continue;
    throw new PipelineError({
      kind: 'failed-infra',
      what: `${audited.dataset} was read in two ways`,
      where: audited.path,
      why: `the audit saw ${audited.rows} records and ${audited.rejects} rejects, the engine ${seen?.rows} and ${seen?.rejects}`,
      done: 'The run was removed; nothing was published.',
      next: 'Run again; if it stays so, report this as a defect.',
    });
  }
}
