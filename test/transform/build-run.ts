import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { createRunId, fingerprintOf, runFolderOf } from '../../actions/shared/src/lake/run-id.ts';
import { auditSources } from '../../actions/shared/src/sources/audit-sources.ts';
import { readDatasets } from '../../actions/shared/src/sources/datasets.ts';
import { duckdbEngine } from '../../actions/shared/src/transform/duckdb-engine.ts';
import { ensurePythonEnvironment } from '../../actions/shared/src/transform/python-environment.ts';
import { sparkEngine } from '../../actions/shared/src/transform/spark-engine.ts';
import type { TransformEngine } from '../../actions/shared/src/transform/transform.ts';
import { files } from '../project.ts';

const log = { info: () => {}, progress: () => {} };

/** The two engines as the command line wires them. */
export const engines: Readonly<Record<'duckdb' | 'spark', TransformEngine>> = {
  duckdb: duckdbEngine({ transformFile: files.transform, macrosFile: files.macros }),
  spark: sparkEngine({
    script: files.sparkScript,
    environment: () => ensurePythonEnvironment(files.pythonEnvironment, [files.sparkRequirements], log),
  }),
};

/** Audits the folder's files and lets the engine write a run of them below the output folder. */
export async function buildRun(
  engine: keyof typeof engines,
  inputFolder: string,
  outputFolder: string,
): Promise<FinishedRun> {
  const workFolder = join(outputFolder, `work-${engine}`);
  const tableFolder = join(outputFolder, `lake-${engine}`);
  await mkdir(workFolder, { recursive: true });
  const rejectsFile = join(workFolder, 'rejects.jsonl');
  const { sources } = await auditSources(inputFolder, await readDatasets(files.datasets), rejectsFile, log);
  const fingerprint = fingerprintOf(sources, 'test');
  const now = () => new Date();
  const runId = createRunId(now(), fingerprint);
  const manifest = await engines[engine]({
    sources,
    inputFolder,
    tableFolder,
    workFolder,
    rejectsFile,
    table: 'imdb_titles',
    runId,
    fingerprint,
    now,
    log,
  });
  return { folder: runFolderOf(tableFolder, runId), manifest };
}
