import { z } from 'zod';
import { PipelineError } from '../errors.ts';

/** A positive amount in US dollars, in which AWS lists its prices. */
export const usd = z.number().positive();

/** A day, so that a price or rate can be seen to be old. */
export const priceDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-11-23');

/** What every price file has, beside the prices themselves. */
export const priceFileParts = {
  date: priceDate,
  sources: z.array(z.string()).min(1),
  euro: z.strictObject({ 'per-usd': usd, date: priceDate, source: z.string() }),
  /** A region that the file does not list costs what the region `as` does, so many times. */
  'other-regions': z.strictObject({ as: z.string(), times: usd, reason: z.string() }),
  'left-out': z.array(z.string()),
};

/** What something costs. */
export interface HourlyPrice {
  /** USD an hour, as listed: fees and shares come on top. */
  readonly usd: number;
  /** Whether the file has no such region and the price is the other region's times a factor. */
  readonly isAssumed: boolean;
}

/**
 * The price in a region, from that region's list or, when the file has none, from that of another region.
 *
 * @param regions the lists, by region.
 * @param listed what the list of a region says; undefined when it does not tell.
 * @returns null when the file does not tell.
 */
export function priceIn<List>(
  {
    'other-regions': { as, times },
  }: { readonly 'other-regions': { readonly as: string; readonly times: number } },
  regions: Readonly<Record<string, List>>,
  region: string,
  listed: (list: List) => number | undefined,
): HourlyPrice | null {
  const isAssumed = regions[region] === undefined;
  const list = regions[isAssumed ? as : region];
  const found = list === undefined ? undefined : listed(list);
  return found === undefined ? null : { usd: isAssumed ? found * times : found, isAssumed };
}

/** The error for a price that a price file does not tell. */
export function unknownPrice(subject: string, file: string, region: string): PipelineError {
  return new PipelineError({
    kind: 'bad-input',
    what: `The price of ${subject} is not known`,
    where: `${file}, region ${region}`,
    why: 'without it nothing can be said about what this may cost',
    done: 'Nothing was started.',
    next: 'Add it in a copy of the price file, name that in the input price-file, and run again.',
  });
}
