import { formatBytes, formatCounted } from '../../shared/src/report/format.ts';
import { findPublishedLoad } from '../../shared/src/warehouse/ledger.ts';
import { preflight } from '../../shared/src/warehouse/preflight.ts';
import { compareLiveTable } from './compare-live-table.ts';
import type { OpenedLoad, Transfer } from './copy-engine.ts';
import { COPY_TASKS, tasksOf } from './copy-tasks.ts';
import { firstLoadIdOf, loadIdAfter } from './load-id.ts';
import { publish, stage, validate } from './load-parts.ts';
import { refuseShrinking } from './refuse-shrinking.ts';

/**
 * Loads the run, or does the half of it that the phase says, unless it is published already.
 *
 * @throws PipelineError for whatever refuses it; the published table is as it was then.
 */
export async function runTransfer(transfer: Transfer): Promise<void> {
  const { inputs, tasks, facts, checks, engine } = transfer;
  const load = await prepare(transfer);
  const [, ...others] = tasksOf(inputs);
  const ended = () => new Set(tasks.reports.map(({ name }) => name));
  const parts = [
    ...(inputs.phase === 'publish' ? [] : [() => stage(transfer, load)]),
    ...(checks === null ? [] : [() => validate(transfer, load, checks)]),
    ...(inputs.phase === 'stage' ? [] : [() => publish(transfer, load)]),
  ];
  for (const part of parts) {
    // Another process may have published the same load while this one was at it.
    if (facts.load !== null) break;
    await part();
  }
  const unneeded = others.filter((name) => !ended().has(name));
  tasks.skip(unneeded, `already loaded: ${facts.load?.load_id}`);
  if (unneeded.length === 0) await engine.keep();
}

/** Reads the run, opens the warehouse, and sees that the one fits into the other; nothing is written yet. */
function prepare(transfer: Transfer): Promise<OpenedLoad> {
  const { inputs, contract, tasks, facts, engine } = transfer;
  const { phase, mode, engine: engineName, 'delete-missing': deleteMissing } = inputs;
  return tasks.run(COPY_TASKS.preflight, async (log) => {
    facts.table = contract.table;
    const run = await engine.readRun(log);
    const { fingerprint, files, rows } = run.manifest;
    const firstId = firstLoadIdOf(contract, run.manifest, inputs);
    facts.loadId = firstId;
    facts.rowsInManifest = rows;
    facts.bytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const first = await engine.open(run, firstId);
    facts.warehouse = first.description;
    const loadId = await loadIdAfter(first, contract, firstId);
    facts.loadId = loadId;
    log.info(`load ${loadId}: run ${run.manifest.run_id}, source of ${run.manifest.source_date}`);
    const warehouse = loadId === firstId ? first : await engine.open(run, loadId);
    const opened = { warehouse, request: { contract, run, mode, deleteMissing, loadId } };

    facts.load = await findPublishedLoad(warehouse, contract, { loadId, fingerprint, mode, deleteMissing });
    if (facts.load !== null) return { value: opened, detail: `already loaded: ${facts.load.load_id}` };
    if (loadId !== firstId) log.info('It was loaded before, and others since: it is loaded again.');
    await compareLiveTable(warehouse, engineName, contract);
    if (phase !== 'publish') {
      await preflight(run, contract, engine.openParquet);
      await refuseShrinking(warehouse, contract, run.manifest, inputs['min-rows-ratio']);
    }
    const size = `${formatCounted(rows, 'row')} in ${formatCounted(files.length, 'file')}`;
    return { value: opened, detail: `${size}, ${formatBytes(facts.bytes)}` };
  });
}
