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
  /** What was counted: rows that fail the check, rows of the table, or a metric of the manifest. */
  readonly measured: number | null;
  /** The count as a percentage of its base; null where no threshold is a share. */
  readonly share: number | null;
  /** The thresholds as the checks file states them, for example `> 0` or `> 1%`. */
  readonly warn: string | null;
  readonly error: string | null;
  /** Keys of up to 20 rows that failed; empty where the check passed or has no rows to show. */
  readonly sample_keys: readonly string[];
  /** Why the check could not run, or had nothing to compare with; null when it was measured. */
  readonly reason: string | null;
}
