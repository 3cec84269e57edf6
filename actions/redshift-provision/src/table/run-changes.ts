import { PipelineError } from '../../../shared/src/errors.ts';
import { transactBatches } from '../../../shared/src/warehouse/transact-batches.ts';
import type { TableTarget } from './table-target.ts';

/** A statement, and what it changes as a person reads it; null where another statement's line tells of it. */
export interface Change {
  readonly sql: string;
  readonly what: string | null;
}

/**
 * Runs the changes in order, see {@link transactBatches}.
 *
 * @param changed told each line once, when what it tells of is committed: what follows may fail.
 */
export async function runChanges(
  target: TableTarget,
  changes: readonly Change[],
  changed: (line: string) => void,
): Promise<void> {
  let first = 0;
  await transactBatches(
    target,
    changes.map(({ sql }) => ({ sql })),
    (done) => {
      const lines = changes.slice(first, done).map(({ what }) => what);
      first = done;
      for (const line of new Set(lines)) if (line !== null) changed(line);
    },
  );
}

/**
 * Brings about what is missing; and, when Redshift refuses a statement, looks once more and brings about what
 * is missing then: another that provisions the same at the same time may have been the faster one.
 */
export async function onceMore<Result>(ensure: () => Promise<Result>): Promise<Result> {
  try {
    return await ensure();
  } catch (error) {
    if (!(error instanceof PipelineError) || error.failure.kind !== 'failed-infra') throw error;
    return ensure();
  }
}
