/** How a check ended. `not-run` means it could not be measured; it never counts as passed. */
export type CheckStatus = 'pass' | 'warn' | 'error' | 'not-run';

/** One check of the checks file, measured. */
export interface CheckResult {
  readonly name: string;
  /** The kind of check, for example `not_null`. */
  readonly kind: string;
  readonly description: string;
  readonly column: string | null;
  readonly status: CheckStatus;
  /**
   * What was measured: rows that fail the check, rows of the table, a metric of the manifest or of a
   * column, or for freshness hours.
   */
  readonly measured: number | null;
  /**
   * The measure as a percentage of its base, or for a drift how far it lies from the base, as a percentage
   * of that; null where no threshold is a share, and where the base is 0, of which there is no share.
   */
  readonly share: number | null;
  /**
   * What the measure is compared with: the rows looked at, those of the last load, a metric of the manifest
   * or the column's metric in the last loads; null where there is none.
   */
  readonly base: number | null;
  /** The thresholds as the checks file states them, for example `> 0` or `> 1%`. */
  readonly warn: string | null;
  readonly error: string | null;
  /** Keys of up to 20 rows that failed; empty where the check passed or has no rows to show. */
  readonly sample_keys: readonly string[];
  /** Why the check could not run, had nothing to compare with, or has no row to show; else null. */
  readonly reason: string | null;
}
