import { z } from 'zod';
import { readYaml } from '../read-yaml.ts';
import { parseThreshold, type Threshold } from './threshold.ts';

const threshold = z
  .string()
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
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be a snake_case name'),
  description: z.string(),
  warn: threshold,
  error: threshold,
};
const onColumn = { ...common, column: z.string() };

const check = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...common, kind: z.literal('row_count') }),
    z.strictObject({ ...common, kind: z.literal('row_count_change') }),
    z.strictObject({ ...onColumn, kind: z.literal('not_null') }),
    z.strictObject({ ...onColumn, kind: z.literal('unique') }),
    z.strictObject({
      ...onColumn,
      kind: z.literal('range'),
      min: z.number().optional(),
      max: z.number().optional(),
    }),
    z.strictObject({ ...onColumn, kind: z.literal('pattern'), pattern: z.string() }),
    z.strictObject({ ...common, kind: z.literal('expression'), expression: z.string() }),
    z.strictObject({ ...common, kind: z.literal('manifest_metric'), metric: z.string(), of: z.string() }),
  ])
  .refine(({ warn, error }) => warn !== undefined || error !== undefined, {
    message: 'a check needs a threshold: warn, error or both',
  })
  .refine((parsed) => parsed.kind !== 'range' || parsed.min !== undefined || parsed.max !== undefined, {
    message: 'a range needs min, max or both',
  });

const checksFile = z.strictObject({ checks: z.array(check).min(1) }).superRefine(({ checks }, context) => {
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
  return (await readYaml(path, checksFile)).checks;
}
