import { z } from 'zod';
import {
  LONGEST_JOB_MINUTES,
  lines,
  optionalText,
  parseInputs,
  requiredText,
  whenGiven,
  wholeNumber,
} from '../../shared/src/action/inputs.ts';

const schema = z
  .strictObject({
    title: requiredText,
    needs: requiredText,
    graph: lines,
    details: lines,
    contracts: lines.refine(
      ({ length }) => length === 0 || length === 2,
      'must be two files, one a line: the contract as it was, and as it is',
    ),
    issue: optionalText,
    // GitHub's labels have at most 50 characters; a comma would be two of them to its search.
    'issue-label': z
      .string()
      .regex(/^[^,\n]{1,50}$/, 'must be a label of 1 to 50 characters without a comma'),
    comment: whenGiven(z.string().regex(/^[a-z0-9_]+(-[a-z0-9_]+)*$/, 'must be a name such as imdb-dry-run')),
    'github-token': optionalText,
    'timeout-minutes': wholeNumber(1, LONGEST_JOB_MINUTES),
  })
  .superRefine((inputs, context) => {
    if ((inputs.issue === null && inputs.comment === null) || inputs['github-token'] !== null) return;
    context.addIssue({
      code: 'custom',
      path: ['github-token'],
      message: 'must be given with `issue` or `comment`',
    });
  });

/** The action's inputs, by their names in action.yml; an optional one that is not given is null. */
export type Inputs = Readonly<z.output<typeof schema>>;

/**
 * Reads the action's inputs.
 *
 * @throws PipelineError `bad-input` that names each unusable input.
 */
export function readInputs(read: (name: string) => string): Inputs {
  return parseInputs(schema, read);
}

/** The names of the inputs. */
export const INPUT_NAMES: readonly string[] = Object.keys(schema.shape);
