import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exists } from '../../../shared/src/files.ts';
import { installDuckdb } from '../../../shared/src/load-duckdb.ts';
import type { TaskLog } from '../../../shared/src/task-log.ts';
import { openDuckdbWarehouse } from '../../../shared/src/warehouse/duckdb-warehouse.ts';
import type { Warehouse } from '../../../shared/src/warehouse/warehouse.ts';
import type { ProvisionFacts } from '../provision-access.ts';

/** Another job on the machine may have the file open for a moment. */
const PATIENCE = { attempts: 30, pauseMs: 1000 };

/**
 * Opens the file that stands in for the warehouse; makes it where there is none. It is the caller's to close.
 *
 * @throws PipelineError `failed-infra` when DuckDB or the file cannot be had.
 */
export async function ensureDuckdb(
  path: string,
  facts: ProvisionFacts,
  log: TaskLog,
  signal: AbortSignal,
): Promise<Warehouse> {
  await installDuckdb(log, signal);
  const isThere = await exists(path);
  await mkdir(dirname(path), { recursive: true });
  const warehouse = await openDuckdbWarehouse(path, PATIENCE);
  if (!isThere) facts.changed.push(`file ${path} created`);
  facts.endpoint = path;
  return warehouse;
}
