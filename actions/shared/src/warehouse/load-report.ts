import type { PublishMode } from './publish.ts';

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
