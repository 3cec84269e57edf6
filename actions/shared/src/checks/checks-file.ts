import { z } from 'zod';
import { readYaml, readYamlLines } from '../read-yaml.ts';
import { parseThreshold, THRESHOLD_PATTERN, type Threshold } from './threshold.ts';

const threshold = z
  .string()
  .meta({
    description: 'An operator and a number or share, as in "> 0" or "> 1%".',
    pattern: THRESHOLD_PATTERN,
  })
  .transform((text, context): Threshold => {
    const parsed = parseThreshold(text);
    if (parsed !== null) return parsed;
    context.addIssue({
      code: 'custom',
      message: `"${text}" is not a threshold; write an operator (<, <=, >, >=, =, !=) and a number or share, as in "> 0" or "> 1%"`,
    });
    return z.NEVER;
  })
  .optional();

const common = {
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'must be a snake_case name')
    .describe('Tells the check apart, in reports and in the history of measures.'),
  description: z.string().describe('What is true of good rows, as one sentence.'),
  warn: threshold,
  error: threshold,
};
const where = z
  .string()
  .describe(
    'SQL condition: the check looks at these rows alone, and cannot run where there are none. It runs as it stands, so trust its author.',
  )
  .optional();
const column = z.string().describe('A column of the table.');
const onRows = { ...common, where };
const onColumn = { ...onRows, column };

const rowCount = z
  .strictObject({ ...onRows, kind: z.literal('row_count') })
  .describe('Counts rows; a share is of all rows.');
const rowCountChange = z
  .strictObject({ ...common, kind: z.literal('row_count_change') })
  .describe('Counts rows; a share is of the rows after the last load.');
const notNull = z.strictObject({ ...onColumn, kind: z.literal('not_null') }).describe('Counts nulls.');
const unique = z
  .strictObject({ ...onColumn, kind: z.literal('unique') })
  .describe('Counts values that stand in another row already.');
const range = z
  .strictObject({
    ...onColumn,
    kind: z.literal('range'),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .describe('Counts values below min or above max.');
const acceptedValues = z
  .strictObject({
    ...onColumn,
    kind: z.literal('accepted_values'),
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  })
  .describe('Counts values that are none of these.');
const pattern = z
  .strictObject({ ...onColumn, kind: z.literal('pattern'), pattern: z.string() })
  .describe('Counts values that the regular expression does not match anywhere.');
const maxBytes = z
  .strictObject({ ...onColumn, kind: z.literal('max_bytes'), max: z.int().nonnegative() })
  .describe('Counts texts of more bytes of UTF-8.');
const columnComparison = z
  .strictObject({
    ...onColumn,
    kind: z.literal('column_comparison'),
    operator: z.enum(['<', '<=', '=', '!=', '>=', '>']),
    other_column: column,
  })
  .describe('Counts rows in which the comparison of the two columns is false.');
const expression = z
  .strictObject({ ...onRows, kind: z.literal('expression'), expression: z.string() })
  .describe('Counts rows in which the SQL expression is false. It runs as it stands, so trust its author.');
const freshness = z
  .strictObject({ ...common, kind: z.literal('freshness'), column: column.optional() })
  .describe('Hours since the source date, or since the newest value of a timestamp column in UTC.');
const drift = z
  .strictObject({
    ...onColumn,
    kind: z.literal('drift'),
    metric: z.enum(['null_share', 'mean', 'distinct_count']),
    loads: z.int().positive().default(1).describe('How many of the last loads to compare with the mean of.'),
  })
  .describe("How far a column's metric lies from the last loads': absolute, or as a share of theirs.");
const manifestMetric = z
  .strictObject({ ...common, kind: z.literal('manifest_metric'), metric: z.string(), of: z.string() })
  .describe("Compares two counts of the run's manifest.");

const check = z
  .discriminatedUnion('kind', [
    rowCount,
    rowCountChange,
    notNull,
    unique,
    range,
    acceptedValues,
    pattern,
    maxBytes,
    columnComparison,
    expression,
    freshness,
    drift,
    manifestMetric,
  ])
  .refine(({ warn, error }) => warn !== undefined || error !== undefined, {
    message: 'a check needs a threshold: warn, error or both',
  })
  .refine((parsed) => parsed.kind !== 'range' || parsed.min !== undefined || parsed.max !== undefined, {
    message: 'a range needs min, max or both',
  })
  .refine(({ kind, warn, error }) => kind !== 'freshness' || !(warn?.isShare || error?.isShare), {
    message: 'freshness is told in hours, of which there is no share',
  })
  .meta({ anyOf: [{ required: ['warn'] }, { required: ['error'] }] });

/** A checks file as zod reads it; its JSON Schema is published beside the file. */
export const checksFileSchema = z
  .strictObject({ checks: z.array(check).min(1) })
  .superRefine(({ checks }, context) => {
    const seen = new Set<string>();
    checks.forEach(({ name }, index) => {
      if (seen.has(name)) {
        context.addIssue({
          code: 'custom',
          path: ['checks', index, 'name'],
          message: `"${name}" stands twice`,
        });
      }
      seen.add(name);
    });
  });

/** One check of a checks file, with its thresholds parsed. */
export type Check = z.infer<typeof check>;

/**
 * Reads a checks file, for example `sql/imdb_titles.checks.yml`.
 *
 * @throws PipelineError `bad-input` with line and column when the file is not one.
 */
export async function readChecks(path: string): Promise<readonly Check[]> {
  return (await readYaml(path, checksFileSchema)).checks;
}

/** As {@link readChecks}, with the line in which each check begins, by its name. */
export async function readCheckLines(
  path: string,
): Promise<{ readonly checks: readonly Check[]; readonly lines: ReadonlyMap<string, number> }> {
  const { value, lineOf } = await readYamlLines(path, checksFileSchema);
  const lines = new Map(value.checks.map(({ name }, index) => [name, lineOf(['checks', index])]));
  return { checks: value.checks, lines };
}
