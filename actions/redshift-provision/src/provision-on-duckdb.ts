import type { TaskLog } from '../../shared/src/task-log.ts';
import { ensureTableAndAccess, type Provision, runPart } from './provision-tasks.ts';
import { ensureDuckdb } from './warehouse/ensure-duckdb.ts';

/** Sees to the file, its table, and that the rights could be given. */
export async function provisionOnDuckdb(provision: Provision): Promise<void> {
  const { inputs, facts, resolve, signal } = provision;
  const file = inputs['warehouse-file'];
  if (file === null) throw new TypeError('readInputs sees to it that DuckDB has a file');
  const silent = { info: () => {}, progress: () => {} };
  const open = (log: TaskLog) => ensureDuckdb(resolve(file), facts, log, signal);
  const warehouse = (await runPart(provision, 'warehouse', open)) ?? (await open(silent));
  try {
    await ensureTableAndAccess(provision, { ...warehouse, engine: 'duckdb' });
  } finally {
    await warehouse.close();
  }
}
