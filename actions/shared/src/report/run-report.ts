import type { CheckResult } from '../checks/check-result.ts';
import type { FailureKind, PipelineFailure } from '../errors.ts';
import type { OutputFile, Reject } from '../lake/manifest.ts';
import type { TaskReport } from '../tasks.ts';
import type { FreshnessReport, LoadReport } from '../warehouse/load-report.ts';
import type { PublishMode } from '../warehouse/publish.ts';
import type { QueryReport } from '../warehouse/query-report.ts';

/** How a run ended. `published` and `already-loaded` are successes. */
export type RunOutcome = 'published' | 'already-loaded' | FailureKind;

/** One of the four source files as it was read. */
export interface SourceReport {
  /** The dataset, for example `title.basics`. */
  readonly dataset: string;
  /** The file's path as given. */
  readonly path: string;
  readonly bytes: number;
  /** When the file was last modified, ISO 8601. */
  readonly modified: string;
  /** Records in the file, the header not counted. */
  readonly rows_in: number;
  readonly rows_rejected: number;
}

/** Everything a run reports: the content of `report.json` and the source of `report.html`. */
export interface RunReport {
  readonly report_version: 1;
  readonly outcome: RunOutcome;
  /** Present exactly when the outcome is a failure. */
  readonly failure: PipelineFailure | null;
  readonly table: string;
  readonly run_id: string | null;
  readonly engine: string;
  readonly mode: PublishMode;
  readonly started_at: string;
  readonly seconds: number;
  readonly tasks: readonly TaskReport[];
  readonly sources: readonly SourceReport[];
  readonly rejects: { readonly total: number; readonly first: readonly Reject[] };
  readonly lake: {
    readonly path: string;
    readonly rows: number;
    readonly files: readonly OutputFile[];
  } | null;
  readonly load: LoadReport | null;
  readonly checks: readonly CheckResult[];
  readonly freshness: FreshnessReport | null;
  /** Queries that describe the published table, drawn as charts. */
  readonly profile: readonly QueryReport[];
  readonly examples: readonly QueryReport[];
}
