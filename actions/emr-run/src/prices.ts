import { z } from 'zod';
import {
  type HourlyPrice,
  priceDate,
  priceFileParts,
  priceIn,
  unknownPrice,
  usd,
} from '../../shared/src/aws/prices.ts';
import { readYaml } from '../../shared/src/read-yaml.ts';

const share = z.number().min(0).max(1);

const priceFile = z.strictObject({
  ...priceFileParts,
  /** EMR's fee, a share of the price on demand. */
  emr: z.strictObject({ share, source: z.string() }),
  spot: z.strictObject({ share, date: priceDate, source: z.string() }),
  'on-demand': z.record(z.string(), z.record(z.string(), usd)),
});

/** The prices of a price file. */
export interface Prices extends Readonly<z.output<typeof priceFile>> {
  /** The file they are from. */
  readonly file: string;
}

/**
 * Reads a price file: the action's own `prices.yml` or the one of the input `price-file`, in the same form.
 *
 * @throws PipelineError `bad-input` with line and column.
 */
export async function readPrices(path: string): Promise<Prices> {
  return { ...(await readYaml(path, priceFile)), file: path };
}

/** EC2's price of an instance type on demand, without EMR's fee; null when the file does not tell. */
export function findPrice(prices: Prices, type: string, region: string): HourlyPrice | null {
  return priceIn(prices, prices['on-demand'], region, (list) => list[type]);
}

/**
 * The price of an instance type in a region.
 *
 * @throws PipelineError `bad-input` when the file does not tell.
 */
export function priceOf(prices: Prices, type: string, region: string): HourlyPrice {
  const price = findPrice(prices, type, region);
  if (price === null) throw unknownPrice(type, prices.file, region);
  return price;
}
