import type { Manifest } from '../lake/manifest.ts';
import type { AuditedSource } from '../sources/audit-source.ts';
import type { TaskLog } from '../task-log.ts';

/** What an engine is given: audited sources, and where to write. */
export interface TransformRequest {
  readonly sources: readonly AuditedSource[];
  /** The folder that the sources lie in. */
  readonly inputFolder: string;
  /** The folder of the table's runs; the run's own folder is made below it. */
  readonly tableFolder: string;
  /** A folder for what is only needed while the transform runs. */
  readonly workFolder: string;
  /** The refused records, one JSON object a line, that the audit has written. */
  readonly rejectsFile: string;
  readonly table: string;
  readonly runId: string;
  readonly fingerprint: string;
  readonly now: () => Date;
  readonly log: TaskLog;
  /** Stops the engine, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Builds the table from the sources and writes one run, its manifest last; the manifest returns. */
export type TransformEngine = (request: TransformRequest) => Promise<Manifest>;
