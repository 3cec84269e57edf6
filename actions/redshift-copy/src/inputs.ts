import { z } from 'zod';
import {
  amount,
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
import { PUBLISH_MODES } from '../../shared/src/warehouse/publish.ts';

/** The longest a statement of the Data API may run is 24 hours; staging tables are kept as long. */
const LONGEST_MINUTES = 24 * 60;

const schema = z
  .strictObject({
    phase: oneOf(['load', 'stage', 'publish', 'sweep']),
    mode: oneOf(PUBLISH_MODES),
    'delete-missing': yesOrNo,
    engine: oneOf(['redshift', 'duckdb']),
    'warehouse-file': optionalText,
    kind: oneOf(['serverless', 'cluster']),
    identifier: optionalText,
    database: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,63}$/, 'must be a name of small letters, digits and underscores'),
    'secret-arn': whenGiven(secretArn),
    'db-user': optionalText,
    'iam-role': whenGiven(roleArn),
    manifest: whenGiven(
      z
        .string()
        .regex(
          /^(?!s3:\/\/)|^s3:\/\/[^/]+\/(.+\/)?manifest\.json$/,
          'must be a path, or an address such as s3://bucket/folder/manifest.json',
        ),
    ),
    contract: requiredText,
    checks: optionalText,
    'validation-report': optionalText,
    'min-rows-ratio': amount.refine((ratio) => ratio <= 1, 'must be a share from 0 to 1'),
    'timeout-minutes': wholeNumber(1, LONGEST_MINUTES),
    'role-to-assume': whenGiven(roleArn),
  })
  .superRefine((inputs, context) => {
    const refuse = (name: keyof typeof inputs, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (inputs['delete-missing'] && inputs.mode !== 'merge') {
      refuse('delete-missing', 'must be false when the mode is not merge');
    }
    if (inputs.checks !== null && inputs.phase !== 'load') {
      refuse('checks', 'must not be given when the phase is not load: a step between the phases checks');
    }
    if (inputs['validation-report'] !== null && inputs.phase !== 'publish') {
      refuse('validation-report', 'must not be given when the phase is not publish');
    }
    const sweeps = inputs.phase === 'sweep';
    if (inputs.manifest === null && !sweeps) refuse('manifest', 'must be given');
    if (inputs.manifest !== null && sweeps) {
      refuse('manifest', 'must not be given when the phase is sweep');
    }
    const isInS3 = inputs.manifest?.startsWith('s3://') ?? null;
    if (inputs.engine === 'duckdb') {
      if (sweeps) {
        refuse('phase', 'must not be sweep when the engine is duckdb: the next load drops what is left');
      }
      if (inputs['warehouse-file'] === null) {
        refuse('warehouse-file', 'must be given when the engine is duckdb');
      }
      if (isInS3 === true) refuse('manifest', 'must be a path when the engine is duckdb');
      return;
    }
    if (isInS3 === false) refuse('manifest', 'must be an S3 address when the engine is redshift');
    if (inputs.identifier === null) refuse('identifier', 'must be given when the engine is redshift');
    if (inputs['iam-role'] === null && inputs.phase !== 'publish' && !sweeps) {
      refuse('iam-role', 'must be given when the engine is redshift');
    }
    const { 'secret-arn': secret, 'db-user': user } = inputs;
    if (inputs.kind === 'serverless' && user !== null) {
      refuse('db-user', 'must not be given when the kind is serverless');
    }
    if (inputs.kind === 'cluster' && (secret === null) === (user === null)) {
      refuse('secret-arn', 'must be given when the kind is cluster, or `db-user`, and not both');
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

/** The manifest of a phase that has one. */
export function manifestOf({ manifest }: Inputs): string {
  if (manifest === null) throw new TypeError('readInputs sees to it that a load has a manifest');
  return manifest;
}

/** The names of the inputs. */
export const INPUT_NAMES: readonly string[] = Object.keys(schema.shape);
