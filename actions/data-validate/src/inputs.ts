import { z } from 'zod';
import {
  LONGEST_JOB_MINUTES,
  lines,
  oneOf,
  optionalText,
  parseInputs,
  requiredText,
  roleArn,
  secretArn,
  whenGiven,
  wholeNumber,
  yesOrNo,
} from '../../shared/src/action/inputs.ts';

const schema = z
  .strictObject({
    table: optionalText,
    contract: requiredText,
    checks: requiredText,
    engine: oneOf(['redshift', 'duckdb', 'files']),
    'warehouse-file': optionalText,
    files: lines,
    manifest: optionalText,
    difference: yesOrNo,
    kind: oneOf(['serverless', 'cluster']),
    identifier: optionalText,
    database: requiredText,
    'secret-arn': whenGiven(secretArn),
    'fail-on': oneOf(['error', 'warn', 'never']),
    'report-folder': requiredText,
    'timeout-minutes': wholeNumber(1, LONGEST_JOB_MINUTES),
    'role-to-assume': whenGiven(roleArn),
  })
  .superRefine((inputs, context) => {
    const refuse = (name: keyof typeof inputs, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    const { engine } = inputs;
    if (engine === 'duckdb' && inputs['warehouse-file'] === null) {
      refuse('warehouse-file', 'must be given when the engine is duckdb');
    }
    if (engine === 'files') {
      if (inputs.files.length === 0 && inputs.manifest === null) {
        refuse('files', 'must be given, or `manifest`, when the engine is files');
      }
      if (inputs.files.length === 0 && inputs.manifest?.startsWith('s3://') === true) {
        refuse('files', 'must be given when the manifest is in S3: its files are not on this machine');
      }
      if (inputs.difference) refuse('difference', 'must be false when the engine is files: there is no load');
    } else if (inputs.files.length > 0) refuse('files', 'must not be given unless the engine is files');
    if (engine !== 'redshift') return;
    if (inputs.identifier === null) refuse('identifier', 'must be given when the engine is redshift');
    if (inputs.kind === 'cluster' && inputs['secret-arn'] === null) {
      refuse('secret-arn', 'must be given when the kind is cluster');
    }
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
