const FORM = /^(?<operator><=|>=|!=|<|>|=)\s*(?<limit>\d+(?:\.\d+)?)\s*(?<unit>%?)$/;

/** The form of a threshold as a regular expression for the JSON Schema, spaces around it allowed. */
export const THRESHOLD_PATTERN = String.raw`^\s*(<=|>=|!=|<|>|=)\s*\d+(\.\d+)?\s*%?\s*$`;

const COMPARISONS: Readonly<Record<string, (measured: number, limit: number) => boolean>> = {
  '<': (measured, limit) => measured < limit,
  '<=': (measured, limit) => measured <= limit,
  '>': (measured, limit) => measured > limit,
  '>=': (measured, limit) => measured >= limit,
  '=': (measured, limit) => measured === limit,
  '!=': (measured, limit) => measured !== limit,
};

/** What a check counted, and what the count is a share of. */
export interface Measure {
  readonly count: number;
  readonly base: number;
}

/** A threshold such as `> 0` or `>= 1.5%`. */
export interface Threshold {
  /** As the checks file writes it. */
  readonly text: string;
  readonly isShare: boolean;
  /** Whether a number, a share as a percentage where the threshold is one, reaches it. */
  readonly isReached: (value: number) => boolean;
  /** Whether the measure reaches the threshold. */
  readonly reachedBy: (measure: Measure) => boolean;
}

/** Parses a threshold; null when the text is none. */
export function parseThreshold(text: string): Threshold | null {
  const { operator, limit, unit } = FORM.exec(text.trim())?.groups ?? {};
  const compare = COMPARISONS[operator ?? ''];
  if (compare === undefined) return null;
  const isShare = unit === '%';
  const isReached = (value: number) => compare(value, Number(limit));
  return {
    text,
    isShare,
    isReached,
    reachedBy: (measure) => isReached(isShare ? shareOf(measure) : measure.count),
  };
}

/** The measure as a percentage of its base; none of nothing is 0 %, some of nothing more than any share. */
export function shareOf({ count, base }: Measure): number {
  return count === 0 ? 0 : (100 * count) / base;
}
