import { z } from 'zod';
import { readYaml } from '../read-yaml.ts';
import { columnsOfLayouts, layoutsSchema } from './layout.ts';

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'must be a snake_case name of lower-case letters, digits and underscores');

const columnSchema = z
  .strictObject({
    name: identifier,
    specified_as: z.string(),
    type: z.enum(['varchar', 'boolean', 'integer', 'double']),
    /** The widest value in bytes of UTF-8; of a varchar only. */
    max_bytes: z.int().positive().max(65_535).optional(),
    nullable: z.boolean(),
    description: z.string(),
  })
  .refine((column) => (column.type === 'varchar') === (column.max_bytes !== undefined), {
    message: 'max_bytes belongs to every varchar and to no other type',
  });

const contractSchema = z
  .strictObject({
    table: identifier,
    description: z.string(),
    key: identifier,
    /** How Redshift lays the table out, by the warehouse's size; without it Redshift decides. */
    layout: layoutsSchema.optional(),
    columns: z.array(columnSchema).min(1),
  })
  .refine((contract) => contract.columns.some((column) => column.name === contract.key), {
    message: 'key must name one of the columns',
    path: ['key'],
  })
  .refine(
    (contract) => new Set(contract.columns.map((column) => column.name)).size === contract.columns.length,
    {
      message: 'a column stands twice',
      path: ['columns'],
    },
  )
  .superRefine(({ layout, columns }, context) => {
    for (const { column, path } of layout === undefined ? [] : columnsOfLayouts(layout)) {
      if (columns.some(({ name }) => name === column)) continue;
      context.addIssue({ code: 'custom', path: [...path], message: `"${column}" is not one of the columns` });
    }
  });

/** What a table holds: its columns in order, their types, widths and nullability, and its key. */
export type Contract = z.infer<typeof contractSchema>;

/** One column of a {@link Contract}. */
export type ContractColumn = Contract['columns'][number];

/** The column types a contract knows; every engine and warehouse has its own name for each. */
export type ContractType = ContractColumn['type'];

/**
 * Reads a contract, for example `sql/imdb_titles.contract.yml`.
 *
 * @throws PipelineError `bad-input` with line and column when the file is not a contract.
 */
export function readContract(path: string): Promise<Contract> {
  return readYaml(path, contractSchema);
}
