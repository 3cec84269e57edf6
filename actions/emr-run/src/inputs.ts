import { z } from 'zod';
import {
  amount,
  LONGEST_JOB_MINUTES,
  lines,
  oneOf,
  optionalText,
  parseInputs,
  requiredText,
  roleArn,
  s3Uri,
  whenGiven,
  wholeNumber,
  yesOrNo,
} from '../../shared/src/action/inputs.ts';
import { parseS3Address } from './s3-address.ts';

/** Cluster sizes with a preset. */
export const SIZES = ['small', 'standard', 'x100'] as const;

/** One of {@link SIZES}. */
export type Size = (typeof SIZES)[number];

const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of an S3 bucket, without s3://');

const schema = z
  .strictObject({
    mode: oneOf(['run', 'sweep', 'terminate']),
    engine: oneOf(['emr', 'spark', 'duckdb']),
    script: optionalText,
    files: lines,
    'script-args': lines,
    steps: optionalText,
    manifest: optionalText,
    bucket: whenGiven(bucketName),
    prefix: requiredText.transform((prefix) => prefix.replaceAll(/^\/+|\/+$/g, '')),
    release: z.string().regex(/^emr-\d+\.\d+\.\d+$/, 'must be an EMR release such as emr-7.13.0'),
    size: oneOf(SIZES),
    configuration: optionalText,
    'service-role': requiredText,
    'job-role': requiredText,
    subnets: lines,
    'log-uri': whenGiven(s3Uri),
    'idle-timeout': wholeNumber(60, 604_800),
    'step-concurrency': wholeNumber(1, 256),
    'timeout-minutes': wholeNumber(1, LONGEST_JOB_MINUTES),
    'max-cost-eur': whenGiven(amount),
    reattach: yesOrNo,
    'role-to-assume': whenGiven(roleArn),
    'price-file': optionalText,
    'github-token': optionalText,
  })
  .superRefine((inputs, context) => {
    const refuse = (name: keyof typeof inputs, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (inputs.mode !== 'run') return;
    if (inputs.script === null && inputs.steps === null) refuse('script', 'must be given, or `steps`');
    if (inputs.script !== null && inputs.steps !== null) refuse('steps', 'must not stand beside `script`');
    if (inputs.steps !== null) {
      const instead = 'must not stand beside `steps`, each of which has its own';
      if (inputs.files.length > 0) refuse('files', instead);
      if (inputs['script-args'].length > 0) refuse('script-args', instead);
    }
    // Found out only after the job, this would have cost it.
    if (inputs.manifest !== null) {
      const object = parseS3Address(inputs.manifest);
      if (inputs.engine !== 'emr' && object !== null) {
        refuse('manifest', `must be a path of this machine when the engine is ${inputs.engine}`);
      }
      if (inputs.engine === 'emr' && (object === null || object.key === '')) {
        refuse('manifest', 'must be an S3 address such as s3://bucket/manifest.json when the engine is emr');
      }
    }
    if (inputs.engine === 'emr' && inputs.bucket === null) {
      refuse('bucket', 'must be given when the engine is emr');
    }
    if (inputs.engine === 'duckdb' && inputs.script === null) {
      refuse('engine', 'must be emr or spark when `steps` are given');
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
