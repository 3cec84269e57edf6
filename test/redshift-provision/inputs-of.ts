import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Inputs, readInputs } from '../../actions/redshift-provision/src/inputs.ts';
import { root } from '../project.ts';

const actionFile = z.object({ inputs: z.record(z.string(), z.object({ default: z.string() })) });
const folder = join(root, 'actions', 'redshift-provision');

/** The inputs in action.yml and their defaults. */
export const DEFAULTS: ReadonlyMap<string, string> = new Map(
  Object.entries(actionFile.parse(parse(readFileSync(join(folder, 'action.yml'), 'utf8'))).inputs).map(
    ([name, { default: value }]) => [name, value],
  ),
);

/** What is given under `with:`, on top of action.yml's defaults, as the runner hands it to the action. */
export function inputsOf(given: Readonly<Record<string, string>>): Inputs {
  // The runner takes spaces off both ends, as `getInput` of @actions/core does.
  return readInputs((name) => (given[name] ?? DEFAULTS.get(name) ?? '').trim());
}
