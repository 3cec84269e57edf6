import { metricsOf } from '../../shared/src/checks/check-metrics.ts';
import { readSubject } from '../../shared/src/checks/check-subject.ts';
import type { Check } from '../../shared/src/checks/checks-file.ts';
import { refuseFailedChecks } from '../../shared/src/checks/refuse-failed-checks.ts';
import { runChecks } from '../../shared/src/checks/run-checks.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { formatCounted } from '../../shared/src/report/format.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskResult } from '../../shared/src/tasks.ts';
import { readLedger } from '../../shared/src/warehouse/ledger.ts';
import { publishStaged, refuseOtherRows, stageRun, stagingTableOf } from '../../shared/src/warehouse/load.ts';
import type { LoadReport } from '../../shared/src/warehouse/load-report.ts';
import type { Metric } from '../../shared/src/warehouse/metrics.ts';
import type { OpenedLoad, Transfer } from './copy-engine.ts';
import { COPY_TASKS } from './copy-tasks.ts';
import { refuseOtherTable } from './measured-table.ts';

/** Copies the run into its staging table. */
export function stage(transfer: Transfer, load: OpenedLoad): Promise<void> {
  const { contract, facts, engine } = transfer;
  const { warehouse, request } = load;
  return runPart(transfer, load, COPY_TASKS.stage, async (log) => {
    await warehouse.ensureTable(contract);
    facts.stagingTable = stagingTableOf(contract, request.loadId);
    log.info(`copying to ${facts.stagingTable}`);
    await stageRun(warehouse, request, () => engine.sweep(warehouse, log));
    facts.rowsStaged = request.run.manifest.rows;
    return `${formatCounted(facts.rowsStaged, 'row')} in ${facts.stagingTable}`;
  });
}

/**
 * Runs the checks on the staging table.
 *
 * @throws PipelineError when they refuse it; see `refuseFailedChecks`.
 */
export function validate(transfer: Transfer, load: OpenedLoad, checks: readonly Check[]): Promise<void> {
  const { contract, facts, now } = transfer;
  const { warehouse, request } = load;
  return runPart(transfer, load, COPY_TASKS.validate, async (log) => {
    const staged = {
      table: stagingTableOf(contract, request.loadId),
      manifest: request.run.manifest,
      now: now(),
    };
    const subject = await readSubject(warehouse, contract, staged, checks);
    facts.checks = await runChecks(warehouse, subject, checks);
    for (const { name, status, measured } of facts.checks) log.info(`${status} ${name}: ${measured}`);
    refuseFailedChecks(facts.checks, contract.table);
    const passed = facts.checks.filter(({ status }) => status === 'pass').length;
    return `${passed} of ${facts.checks.length} checks passed`;
  });
}

/** Publishes the staged run in one transaction. */
export function publish(transfer: Transfer, load: OpenedLoad): Promise<void> {
  const { inputs, contract, facts, now } = transfer;
  const { warehouse, request } = load;
  return runPart(transfer, load, COPY_TASKS.publish, async (log) => {
    const table = stagingTableOf(contract, request.loadId);
    facts.stagingTable = table;
    if (inputs.phase === 'publish') {
      await refuseMissing(load, table);
      await refuseOtherRows(warehouse, request.run, table);
      facts.rowsStaged = request.run.manifest.rows;
    }
    const metrics = metricsToKeep(transfer, table);
    log.info(`publishing ${table} as ${contract.table}, ${request.mode}`);
    facts.load = await publishStaged(warehouse, request, { table, publishedAt: now(), metrics });
    await analyze(transfer, load, log);
    return describeChanges(facts.load);
  });
}

/** Brings the statistics up to date. The load is published, and Redshift does it by itself before long. */
async function analyze(
  { contract, facts }: Transfer,
  { warehouse }: OpenedLoad,
  log: TaskLog,
): Promise<void> {
  try {
    await warehouse.analyze(contract.table);
  } catch (error) {
    facts.warning = `ANALYZE failed, the load is published all the same: ${messageOf(error)}`;
    log.info(facts.warning);
  }
}

/** What was measured on the staging table, by this step or by data-validate. */
function metricsToKeep({ facts, checks, measured }: Transfer, table: string): readonly Metric[] {
  if (measured === null) return metricsOf(facts.checks, checks ?? []);
  refuseOtherTable(measured, table);
  return measured.metrics;
}

/**
 * Runs a part as a task. When it fails because another process of the same load has published it
 * meanwhile, and dropped its staging table, the load is done all the same.
 */
function runPart(
  { contract, tasks, facts }: Transfer,
  { warehouse, request }: OpenedLoad,
  name: string,
  work: (log: TaskLog) => Promise<string>,
): Promise<void> {
  return tasks.run(name, async (log): Promise<TaskResult<void>> => {
    try {
      return { value: undefined, detail: await work(log) };
    } catch (error) {
      // Whatever keeps the ledger from being read, the part's own failure counts.
      const published = await readLedger(warehouse, contract, request.loadId).catch(() => null);
      if (published === null || facts.load !== null) throw error;
      facts.load = { ...published, already_loaded: true };
      return { value: undefined, detail: `published meanwhile by another process of ${request.loadId}` };
    }
  });
}

async function refuseMissing({ warehouse, request }: OpenedLoad, table: string): Promise<void> {
  if ((await warehouse.listTables(table)).includes(table)) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: 'There is no staging table to publish',
    where: `${table} in ${warehouse.description}`,
    why: `phase stage has not staged the run ${request.run.manifest.run_id} in mode ${request.mode}`,
    done: 'Nothing was published; the table is as it was.',
    next: 'Run phase stage with the same contract, manifest, mode and delete-missing before.',
  });
}

function describeChanges(load: LoadReport): string {
  const { mode, rows_inserted, rows_updated, rows_deleted, rows_stale, rows_vanished } = load;
  return [
    `${rows_inserted} new`,
    ...(mode === 'append' ? [`${rows_stale} changed but left`] : [`${rows_updated} changed`]),
    `${rows_deleted} removed`,
    ...(rows_vanished > rows_deleted ? [`${rows_vanished - rows_deleted} vanished but left`] : []),
  ].join(', ');
}
