import { dirname } from 'node:path';
import type { Contract } from '../../shared/src/contract/contract.ts';
import { exists } from '../../shared/src/files.ts';
import { readManifest } from '../../shared/src/lake/run.ts';
import { installDuckdb } from '../../shared/src/load-duckdb.ts';
import { openDuckdbWarehouse } from '../../shared/src/warehouse/duckdb-warehouse.ts';
import { dropStaging } from '../../shared/src/warehouse/load.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import { createWorkingCopy, type WorkingCopy } from '../../shared/src/warehouse/working-copy.ts';
import type { CopyEngine } from './copy-engine.ts';

/** How long another process that is writing to the warehouse is waited for: half a minute. */
const LOCK_PATIENCE = { attempts: 60, pauseMs: 500 };

/** What a load into a DuckDB file works with. */
export interface DuckdbEngine {
  /** Absolute. */
  readonly warehouseFile: string;
  /** Absolute. */
  readonly manifest: string;
  readonly contract: Contract;
  readonly signal: AbortSignal;
}

/** Loads into a copy of a DuckDB file, which takes the file's place at the end; see {@link createWorkingCopy}. */
export function duckdbEngine(context: DuckdbEngine): CopyEngine & { close(): Promise<void> } {
  const { warehouseFile, manifest, contract, signal } = context;
  let copy: WorkingCopy | null = null;
  let warehouse: Warehouse | null = null;
  return {
    readRun: async (log) => {
      await installDuckdb(log, signal);
      const folder = dirname(manifest);
      return { folder, manifest: await readManifest(folder) };
    },
    open: async () => {
      copy ??= await copyWarehouse(warehouseFile);
      warehouse ??= await openDuckdbWarehouse(copy.path, LOCK_PATIENCE, 'READ_WRITE', signal);
      return { ...warehouse, description: `the DuckDB file ${warehouseFile}` };
    },
    sweep: (opened) => dropStaging(opened, contract),
    keep: async () => {
      signal.throwIfAborted();
      await warehouse?.close();
      await copy?.publish();
    },
    close: async () => {
      await warehouse?.close();
      await copy?.discard();
    },
  };
}

/** The file is open for reading meanwhile, so that no other process can write to it. */
async function copyWarehouse(file: string): Promise<WorkingCopy> {
  if (!(await exists(file))) return createWorkingCopy(file);
  const live = await openDuckdbWarehouse(file, LOCK_PATIENCE, 'READ_ONLY');
  try {
    return await createWorkingCopy(file);
  } finally {
    await live.close();
  }
}
