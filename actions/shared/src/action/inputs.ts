import { z } from 'zod';
import { PipelineError } from '../errors.ts';

/**
 * Reads the inputs of an action and parses them, so that what returns is whole and typed. The shape's
 * keys are the names in action.yml, which alone holds the defaults: an input without a value is ''.
 *
 * @param read gives an input's text by its name, as `getInput` of @actions/core does.
 * @throws PipelineError `bad-input` that names every unusable input, its value and what it may be.
 */
export function parseInputs<Schema extends z.ZodObject>(
  schema: Schema,
  read: (name: string) => string,
): z.output<Schema> {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, read(name)]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return given[name] === ''
      ? `${name} is not given; it ${message}`
      : `${name} is "${given[name]}"; it ${message}`;
  });
  throw new PipelineError({
    kind: 'bad-input',
    what: problems.length === 1 ? 'An input is not usable' : `${problems.length} inputs are not usable`,
    where: parsed.error.issues.map(({ path }) => `input ${String(path[0])}`).join(', '),
    why: problems.join('; '),
    done: 'Nothing was started.',
    next: 'Change the inputs under `with:` of the step and run again.',
  });
}

/** Any text but none. */
export const requiredText = z.string().min(1, 'must be given');

/** What the schema makes of a text, or null when it is not given. */
export function whenGiven<Schema extends z.ZodType<unknown, string>>(schema: Schema) {
  return z.string().transform((text, context): z.output<Schema> | null => {
    if (text === '') return null;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** A text, or null when it is not given. */
export const optionalText = whenGiven(z.string());

/** One of the words. */
export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** `true` or `false`, nothing else: a misspelt `ture` is no silent false. */
export const yesOrNo = oneOf(['true', 'false']).transform((word) => word === 'true');

/** A whole number within the bounds, both included. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((number) => number >= least && number <= most, `must be a whole number from ${least} to ${most}`);
}

/** An amount of money or a share; it is not negative. */
export const amount = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a number such as 2 or 0.50, with no unit')
  .transform(Number);

/** A list, one entry a line; spaces around an entry and empty lines do not count. */
export const lines = z.string().transform((text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
);

/** `s3://bucket/key`, the key may be empty. Bucket names as S3's user guide has them (bucketnamingrules). */
export const s3Uri = z
  .string()
  .regex(
    /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/,
    'must be an S3 address such as s3://bucket/folder',
  );

/** An IAM role. */
export const roleArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'must be the ARN of an IAM role');

/** A secret of Secrets Manager. */
export const secretArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:secretsmanager:.+$/, 'must be the ARN of a secret');

/** The longest a job on GitHub's runners may take is 6 hours, on others 5 days. */
export const LONGEST_JOB_MINUTES = 5 * 24 * 60;
