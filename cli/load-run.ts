import { metricsOf } from '../actions/shared/src/checks/check-metrics.ts';
import { readSubject } from '../actions/shared/src/checks/check-subject.ts';
import type { Check } from '../actions/shared/src/checks/checks-file.ts';
import { refuseFailedChecks } from '../actions/shared/src/checks/refuse-failed-checks.ts';
import { runChecks } from '../actions/shared/src/checks/run-checks.ts';
import { exists } from '../actions/shared/src/files.ts';
import { createRunId } from '../actions/shared/src/lake/run-id.ts';
import type { TaskRunner } from '../actions/shared/src/tasks.ts';
import { openDuckdbWarehouse } from '../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { findPublishedLoad, readFreshness } from '../actions/shared/src/warehouse/ledger.ts';
import { type LoadRequest, publishStaged, stageRun } from '../actions/shared/src/warehouse/load.ts';
import type { LoadReport } from '../actions/shared/src/warehouse/load-report.ts';
import { preflight } from '../actions/shared/src/warehouse/preflight.ts';
import { runQueryFiles } from '../actions/shared/src/warehouse/query-files.ts';
import type { Warehouse } from '../actions/shared/src/warehouse/warehouse.ts';
import { createWorkingCopy, type WorkingCopy } from '../actions/shared/src/warehouse/working-copy.ts';
import type { ProjectFiles } from './project-files.ts';
import type { RunFacts } from './run-facts.ts';

/** How long another process that is writing to the warehouse is waited for: half a minute. */
const LOCK_PATIENCE = { attempts: 60, pauseMs: 500 };

/** A finished run, the warehouse file it goes into, and how. */
export interface LoadOptions extends Omit<LoadRequest, 'loadId'> {
  readonly warehouseFile: string;
  readonly checks: readonly Check[];
  readonly files: ProjectFiles;
  readonly now: () => Date;
}

/** Stages, validates and publishes the run, unless it is published already, then describes the table. */
export async function loadRun(options: LoadOptions, tasks: TaskRunner, facts: RunFacts): Promise<void> {
  const { warehouseFile, contract, run, mode, files, now } = options;
  const { fingerprint } = run.manifest;
  const loadId = createRunId(now(), fingerprint);

  const copy = await readWarehouse(warehouseFile, async (live) => {
    if (live === null) return createWorkingCopy(warehouseFile);
    facts.freshness = await readFreshness(live, contract);
    facts.load = await findPublishedLoad(live, contract, { loadId, fingerprint, mode });
    return facts.load === null ? createWorkingCopy(warehouseFile) : null;
  });
  if (copy === null) {
    const reason = `already loaded: ${facts.load?.load_id}`;
    tasks.skip(['stage_titles', 'validate_titles', 'publish_titles'], reason);
  } else {
    try {
      facts.load = await stageValidatePublish(copy, { ...options, loadId }, tasks, facts);
    } finally {
      await copy.discard();
    }
  }

  await tasks.run('describe_titles', () =>
    readWarehouse(warehouseFile, async (live) => {
      if (live === null) throw new Error(`${warehouseFile} was removed by another process`);
      facts.freshness = await readFreshness(live, contract);
      facts.profile = await runQueryFiles(live, files.profile);
      facts.examples = await runQueryFiles(live, files.examples);
      return { value: undefined, detail: `${facts.examples.length} example questions answered` };
    }),
  );
}

async function stageValidatePublish(
  copy: WorkingCopy,
  options: LoadOptions & LoadRequest,
  tasks: TaskRunner,
  facts: RunFacts,
): Promise<LoadReport> {
  const { contract, run, checks, now } = options;
  const warehouse = await openDuckdbWarehouse(copy.path, LOCK_PATIENCE);
  try {
    const table = await tasks.run('stage_titles', async () => {
      await preflight(run, contract);
      await warehouse.ensureTable(contract);
      const staged = await stageRun(warehouse, options);
      return { value: staged, detail: `${run.manifest.rows} rows staged` };
    });
    await tasks.run('validate_titles', async () => {
      const staged = { table, manifest: run.manifest, now: now() };
      const subject = await readSubject(warehouse, contract, staged, checks);
      facts.checks = await runChecks(warehouse, subject, checks);
      refuseFailedChecks(facts.checks, contract.table);
      const passed = facts.checks.filter(({ status }) => status === 'pass').length;
      return { value: undefined, detail: `${passed} of ${checks.length} checks passed` };
    });
    return await tasks.run('publish_titles', async () => {
      const metrics = metricsOf(facts.checks, checks);
      const load = await publishStaged(warehouse, options, { table, publishedAt: now(), metrics });
      await warehouse.analyze(contract.table);
      await warehouse.close();
      await copy.publish();
      const changes = `${load.rows_inserted} new, ${load.rows_updated} changed, ${load.rows_deleted} removed`;
      return { value: load, detail: changes };
    });
  } finally {
    await warehouse.close();
  }
}

/** Opens the warehouse for reading, if it is there; meanwhile no other process can write to it. */
async function readWarehouse<T>(file: string, work: (live: Warehouse | null) => Promise<T>): Promise<T> {
  if (!(await exists(file))) return work(null);
  const live = await openDuckdbWarehouse(file, LOCK_PATIENCE, 'READ_ONLY');
  try {
    return await work(live);
  } finally {
    await live.close();
  }
}
