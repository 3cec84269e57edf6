import { z } from 'zod';

/**
 * How Redshift lays a table out. `distribution` says on which node a row lies: Redshift's own choice, the
 * rows in turn, a copy on every node, or by a column's value. `sort_key` is Redshift's own choice or the
 * columns by which the rows are sorted, the first one first (developer guide, Distribution styles, Sort keys).
 */
const layout = z.strictObject({
  distribution: z.union([z.enum(['auto', 'even', 'all']), z.strictObject({ key: z.string() })], {
    error: 'must be auto, even, all or a key, as in { key: title_key }',
  }),
  sort_key: z.union([z.literal('auto'), z.array(z.string()).min(1)], {
    error: 'must be auto or a list of columns',
  }),
});

/** How Redshift lays a table out, in the words of a contract. */
export type Layout = z.infer<typeof layout>;

/** A layout for each size of the warehouse. */
export const layoutsSchema = z.strictObject({ small: layout, standard: layout, x100: layout });

/** One of the sizes that a contract has a layout for. */
export type LayoutSize = keyof z.infer<typeof layoutsSchema>;

/** The columns that the layouts name, each with its path in the contract. */
export function columnsOfLayouts(
  layouts: z.infer<typeof layoutsSchema>,
): readonly { readonly column: string; readonly path: readonly (string | number)[] }[] {
  return Object.entries(layouts).flatMap(([size, { distribution, sort_key: sortKey }]) => [
    ...(typeof distribution === 'string'
      ? []
      : [{ column: distribution.key, path: ['layout', size, 'distribution', 'key'] }]),
    ...(sortKey === 'auto'
      ? []
      : sortKey.map((column, index) => ({ column, path: ['layout', size, 'sort_key', index] }))),
  ]);
}
