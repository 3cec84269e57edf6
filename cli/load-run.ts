import type { Check } from '../actions/shared/src/checks/checks-file.ts';
import { refuseFailedChecks, runChecks } from '../actions/shared/src/checks/run-checks.ts';
import { createRunId } from '../actions/shared/src/lake/run.ts';
import type { LoadReport } from '../actions/shared/src/report/run-report.ts';
import type { TaskRunner } from '../actions/shared/src/tasks.ts';
import {
  dropStaging,
  findPublishedLoad,
  type LoadRequest,
  lastRowsTotal,
  publishStaged,
  readFreshness,
  stageRun,
} from '../actions/shared/src/warehouse/load.ts';
import { preflight } from '../actions/shared/src/warehouse/preflight.ts';
import { runQueryFiles } from '../actions/shared/src/warehouse/query-files.ts';
import type { Warehouse } from '../actions/shared/src/warehouse/warehouse.ts';
import type { RunFacts } from './pipeline.ts';
import type { ProjectFiles } from './project-files.ts';

/** A finished run, the warehouse it goes into, and how. */
export interface LoadOptions extends Omit<LoadRequest, 'loadId'> {
  readonly warehouse: Warehouse;
  readonly checks: readonly Check[];
  readonly files: ProjectFiles;
  readonly now: () => Date;
}

/** Stages, validates and publishes the run, unless it is published already, then describes the table. */
export async function loadRun(options: LoadOptions, tasks: TaskRunner, facts: RunFacts): Promise<void> {
  const { warehouse, contract, run, mode, now } = options;
  await warehouse.ensureTable(contract);
  facts.freshness = await readFreshness(warehouse, contract);

  const loadId = createRunId(now(), run.manifest.fingerprint);
  const published = await findPublishedLoad(warehouse, contract, {
    loadId,
    fingerprint: run.manifest.fingerprint,
    mode,
  });
  if (published !== null) {
    facts.load = published;
    tasks.skip(['stage_titles', 'validate_titles', 'publish_titles'], `already loaded: ${published.load_id}`);
  } else {
    facts.load = await stageValidatePublish({ ...options, loadId }, tasks, facts);
    facts.freshness = await readFreshness(warehouse, contract);
  }

  await tasks.run('describe_titles', async () => {
    facts.profile = await runQueryFiles(warehouse, options.files.profile);
    facts.examples = await runQueryFiles(warehouse, options.files.examples);
    return { value: undefined, detail: `${facts.examples.length} example questions answered` };
  });
}

async function stageValidatePublish(
  options: LoadOptions & LoadRequest,
  tasks: TaskRunner,
  facts: RunFacts,
): Promise<LoadReport> {
  const { warehouse, contract, run, checks, now } = options;
  try {
    const table = await tasks.run('stage_titles', async () => {
      await preflight(run, contract);
      const staged = await stageRun(warehouse, options);
      return { value: staged, detail: `${run.manifest.rows} rows copied` };
    });
    await tasks.run('validate_titles', async () => {
      const lastRows = await lastRowsTotal(warehouse, contract);
      const subject = { table, key: contract.key, manifest: run.manifest, lastRows };
      facts.checks = await runChecks(warehouse, subject, checks);
      refuseFailedChecks(facts.checks, contract.table);
      const passed = facts.checks.filter(({ status }) => status === 'pass').length;
      return { value: undefined, detail: `${passed} of ${checks.length} checks passed` };
    });
    return await tasks.run('publish_titles', async () => {
      const load = await publishStaged(warehouse, options, { table, publishedAt: now() });
      await warehouse.analyze(contract.table);
      const changes = `${load.rows_inserted} new, ${load.rows_updated} changed, ${load.rows_deleted} removed`;
      return { value: load, detail: changes };
    });
  } finally {
    await dropStaging(warehouse, contract);
  }
}
