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
  whenGiven,
  wholeNumber,
  yesOrNo,
} from '../../shared/src/action/inputs.ts';
import { DRIFT_POLICIES } from './drift.ts';

/** What the action can see to, in the order in which it does. */
export const PARTS = ['warehouse', 'table', 'access'] as const;

/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** Sizes with a preset. */
export const SIZES = ['small', 'standard', 'x100'] as const;

/** One of {@link SIZES}. */
export type Size = (typeof SIZES)[number];

/** RPUs: 4, or a multiple of 8 up to 1024 (Redshift Management Guide, serverless-capacity). */
const capacity = z
  .string()
  .refine(
    (text) => /^\d{1,4}$/.test(text) && (text === '4' || isMultiple(Number(text))),
    'must be 4 or a multiple of 8 up to 1024',
  )
  .transform(Number);

function isMultiple(units: number): boolean {
  return units >= 8 && units <= 1024 && units % 8 === 0;
}

/**
 * The stricter of the rules for the names of workgroups, namespaces (API_CreateWorkgroup: 3 to 64 small
 * letters, digits, hyphens) and clusters (API_CreateCluster: 63, a letter first, no two hyphens in a row,
 * none last).
 */
const IDENTIFIER = /^(?!.*--)[a-z][a-z0-9-]{1,61}[a-z0-9]$/;

const schema = z
  .strictObject({
    ensure: lines
      .refine((parts) => parts.length > 0, 'must name one or more of warehouse, table, access')
      .pipe(z.array(oneOf(PARTS))),
    engine: oneOf(['redshift', 'duckdb']),
    'warehouse-file': optionalText,
    kind: oneOf(['serverless', 'cluster']),
    identifier: whenGiven(
      z
        .string()
        .regex(IDENTIFIER, 'must be 3 to 63 small letters, digits and single hyphens, a letter first'),
    ),
    database: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,63}$/, 'must be a name of small letters, digits and underscores'),
    size: oneOf(SIZES),
    'base-capacity': whenGiven(capacity),
    'max-capacity': whenGiven(capacity),
    'daily-rpu-hours': whenGiven(wholeNumber(1, 999_999)),
    'node-type': whenGiven(oneOf(['ra3.large', 'ra3.xlplus', 'ra3.4xlarge', 'ra3.16xlarge'])),
    'number-of-nodes': whenGiven(wholeNumber(1, 128)),
    'concurrency-scaling-minutes': wholeNumber(1, 14_400),
    'breach-action': oneOf(['log', 'emit-metric', 'deactivate']),
    'iam-role': whenGiven(roleArn),
    subnets: lines,
    'subnet-group': optionalText,
    'security-groups': lines,
    'publicly-accessible': yesOrNo,
    'on-drift': oneOf(DRIFT_POLICIES),
    contract: requiredText,
    'access-file': requiredText,
    after: oneOf(['keep', 'pause', 'delete']),
    'snapshot-before-delete': yesOrNo,
    'timeout-minutes': wholeNumber(1, LONGEST_JOB_MINUTES),
    'max-cost-eur': whenGiven(amount),
    'price-file': optionalText,
    'role-to-assume': whenGiven(roleArn),
  })
  .superRefine((inputs, context) => {
    const refuse = (name: keyof typeof inputs, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (inputs.engine === 'duckdb') {
      if (inputs['warehouse-file'] === null) {
        refuse('warehouse-file', 'must be given when the engine is duckdb');
      }
      return;
    }
    if (inputs.identifier === null) refuse('identifier', 'must be given when the engine is redshift');
    if (inputs.after !== 'keep' && !inputs.ensure.includes('warehouse')) {
      refuse('after', 'must be keep when `ensure` does not name the warehouse');
    }
    const { 'base-capacity': base, 'max-capacity': most } = inputs;
    if (base !== null && most !== null && most < base)
      refuse('max-capacity', 'must not be below base-capacity');
    const foreign = inputs.kind === 'serverless' ? OF_CLUSTERS : OF_SERVERLESS;
    for (const name of foreign) {
      if (isGiven(inputs[name])) {
        refuse(name, `must not be given when the kind is ${inputs.kind}`);
      }
    }
  });

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}

const OF_CLUSTERS = ['node-type', 'number-of-nodes', 'subnet-group'] as const;
const OF_SERVERLESS = ['base-capacity', 'max-capacity', 'daily-rpu-hours', 'subnets'] as const;

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
