import { z } from 'zod';
import { type HourlyPrice, priceFileParts, priceIn, unknownPrice, usd } from '../../shared/src/aws/prices.ts';
import { readYaml } from '../../shared/src/read-yaml.ts';

const priceFile = z.strictObject({
  ...priceFileParts,
  regions: z.record(z.string(), z.strictObject({ rpu: usd, nodes: z.record(z.string(), usd) })),
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

/**
 * The price of an RPU, or of a node of a type, in a region.
 *
 * @throws PipelineError `bad-input` when the file does not tell.
 */
export function priceOf(
  prices: Prices,
  of: 'rpu' | { readonly nodeType: string },
  region: string,
): HourlyPrice {
  const price = priceIn(prices, prices.regions, region, ({ rpu, nodes }) =>
    of === 'rpu' ? rpu : nodes[of.nodeType],
  );
  if (price === null) throw unknownPrice(of === 'rpu' ? 'an RPU' : of.nodeType, prices.file, region);
  return price;
}
