import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readChecks } from '../actions/shared/src/checks/checks-file.ts';
import { type Contract, readContract } from '../actions/shared/src/contract/contract.ts';
import { asFailure, type PipelineFailure } from '../actions/shared/src/errors.ts';
import { type FinishedRun, findFinishedRun, removeUnfinishedRuns } from '../actions/shared/src/lake/run.ts';
import { createRunId, fingerprintOf, transformVersion } from '../actions/shared/src/lake/run-id.ts';
import { withWorkFolder } from '../actions/shared/src/lake/work-folder.ts';
import type { RunReport } from '../actions/shared/src/report/run-report.ts';
import type { SourcesAudit } from '../actions/shared/src/sources/audit-sources.ts';
import { createTaskRunner, type RunDisplay, type TaskRunner } from '../actions/shared/src/tasks.ts';
import { auditInput, buildRun } from '../actions/shared/src/transform/build-run.ts';
import type { TransformEngine } from '../actions/shared/src/transform/transform.ts';
import type { CommandLine } from './arguments.ts';
import { loadRun } from './load-run.ts';
import type { ProjectFiles } from './project-files.ts';
import type { RunFacts } from './run-facts.ts';

/** The tasks of a run, in order. */
export const TASKS = [
  'audit_sources',
  'transform_titles',
  'stage_titles',
  'validate_titles',
  'publish_titles',
  'describe_titles',
] as const;

/** What the pipeline works with; nothing else of the outside is touched. */
export interface PipelineDependencies {
  readonly files: ProjectFiles;
  readonly engine: TransformEngine;
  readonly display: RunDisplay;
  readonly now: () => Date;
}

/**
 * Runs the whole pipeline on this machine: audit, transform, stage, validate, publish, describe. A
 * failure is part of the report; it never throws.
 */
export async function runPipeline(
  options: CommandLine,
  dependencies: PipelineDependencies,
): Promise<RunReport> {
  const startedAt = dependencies.now();
  const started = performance.now();
  const tasks = createTaskRunner(dependencies.display, () => performance.now() / 1000);
  const facts: RunFacts = {
    table: 'imdb_titles',
    run_id: null,
    sources: [],
    rejects: { total: 0, first: [] },
    lake: null,
    load: null,
    checks: [],
    freshness: null,
    profile: [],
    examples: [],
  };
  let failure: PipelineFailure | null = null;
  try {
    await buildAndLoad(options, dependencies, tasks, facts);
  } catch (error) {
    const done =
      facts.load === null
        ? 'Nothing was published; the table is as it was.'
        : 'The table is published; what comes after that is missing.';
    failure = asFailure(error, tasks.current, done);
    tasks.skipUnreached(TASKS);
  }
  return {
    report_version: 1,
    outcome: failure?.kind ?? (facts.load?.already_loaded ? 'already-loaded' : 'published'),
    failure,
    engine: options.engine,
    mode: options.mode,
    started_at: startedAt.toISOString(),
    seconds: (performance.now() - started) / 1000,
    tasks: tasks.reports,
    ...facts,
  };
}

async function buildAndLoad(
  options: CommandLine,
  dependencies: PipelineDependencies,
  tasks: TaskRunner,
  facts: RunFacts,
): Promise<void> {
  const { files, now } = dependencies;
  const contract = await readContract(files.contract);
  const checks = await readChecks(options.checks);
  facts.table = contract.table;
  const run = await withWorkFolder(join(options.output, '.work'), now(), async (workFolder) => {
    const rejectsFile = join(workFolder, 'rejects.jsonl');
    const audited = { inputFolder: options.input, datasetsFile: files.datasets, rejectsFile };
    const audit = await tasks.run('audit_sources', (log) => auditInput(audited, log));
    facts.rejects = audit.rejects;
    facts.sources = audit.sources.map(({ dataset, path, bytes, modified, rows, rejects }) => ({
      dataset,
      path,
      bytes,
      modified,
      rows_in: rows,
      rows_rejected: rejects,
    }));
    return transformTask(options, dependencies, contract, { audit, workFolder, rejectsFile }, tasks);
  });
  facts.run_id = run.manifest.run_id;
  facts.lake = { path: run.folder, rows: run.manifest.rows, files: run.manifest.files };

  const warehouseFile = join(options.output, 'warehouse.duckdb');
  await loadRun({ warehouseFile, contract, run, mode: options.mode, checks, files, now }, tasks, facts);
}

function transformTask(
  options: CommandLine,
  { files, engine, now }: PipelineDependencies,
  { table }: Contract,
  prepared: { readonly audit: SourcesAudit; readonly workFolder: string; readonly rejectsFile: string },
  tasks: TaskRunner,
): Promise<FinishedRun> {
  const { sources } = prepared.audit;
  const { workFolder, rejectsFile } = prepared;
  const tableFolder = join(options.output, table);
  return tasks.run('transform_titles', async (log) => {
    for (const name of await removeUnfinishedRuns(tableFolder, now()))
      log.info(`Removed the unfinished ${name}.`);
    const fingerprint = fingerprintOf(sources, transformVersion(await readFile(files.transform, 'utf8')));
    const finished = await findFinishedRun(tableFolder, { fingerprint, engine: options.engine });
    if (finished !== null) {
      return { value: finished, detail: `reused the run ${finished.manifest.run_id}` };
    }
    const runId = createRunId(now(), fingerprint);
    const inputFolder = options.input;
    const given = { sources, inputFolder, tableFolder, workFolder, rejectsFile };
    return buildRun(engine, { ...given, table, runId, fingerprint, now, log });
  });
}
