import type { CheckResult } from '../checks/check-result.ts';
import type { PipelineFailure } from '../errors.ts';
import type { OutputFile, Reject } from '../lake/manifest.ts';
import type { PublishMode } from '../warehouse/publish.ts';

/** How a run ended. `published` and `already-loaded` are successes. */
export type RunOutcome = 'published' | 'already-loaded' | 'failed-data' | 'bad-input' | 'failed-infra';

/** One task of the run: its name, how it ended, and how long it took. */
export interface TaskReport {
  readonly name: string;
  readonly state: 'succeeded' | 'failed' | 'skipped';
  readonly seconds: number;
  /** One line about what the task did, for example `412 rows in 1 file`. */
  readonly detail: string;
}

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

/** What a load did to the table; counts of titles. */
export interface LoadReport {
  readonly load_id: string;
  readonly mode: PublishMode;
  readonly already_loaded: boolean;
  readonly rows_staged: number;
  readonly rows_inserted: number;
  readonly rows_updated: number;
  readonly rows_deleted: number;
  readonly rows_unchanged: number;
  /** Titles whose row differs from the source's but was left as it was (mode `append`). */
  readonly rows_stale: number;
  /** Titles of the live table that the source no longer has; mode `replace` removes them. */
  readonly rows_vanished: number;
  /** Rows of the table after the load. */
  readonly rows_total: number;
}

/** How fresh the published table is; the row of the view `imdb_titles_freshness`. */
export interface FreshnessReport {
  /** The newest modification time among the source files, ISO 8601. */
  readonly source_date: string;
  /** When the table was published, ISO 8601. */
  readonly published_at: string;
  readonly run_id: string;
  readonly rows_total: number;
}

/** An answered question: the SQL and what it returned. */
export interface QueryReport {
  /** The file's name without its extension, for example `who_wrote_ozark`. */
  readonly name: string;
  /** The question in words, the first comment of the SQL file. */
  readonly question: string;
  readonly sql: string;
  readonly columns: readonly string[];
  /** All rows that the query returned, in order. */
  readonly rows: readonly (readonly QueryValue[])[];
  readonly seconds: number;
}

/** A value of a query's result as JSON holds it; decimal numbers and times come as text. */
export type QueryValue = string | number | boolean | null;

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
