import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../actions/shared/src/read-yaml.ts';

const actionFile = z.object({
  name: z.string(),
  description: z.string().min(1),
  inputs: z.record(z.string(), z.object({ description: z.string().min(1), default: z.string() })),
  outputs: z.record(z.string(), z.object({ description: z.string().min(1) })),
});

const typed = z.object({
  type: z.enum(['string', 'boolean', 'integer', 'float', 'list', 'enum']),
  'allowed-values': z.array(z.string()).optional(),
});

const typesFile = z.object({ inputs: z.record(z.string(), typed), outputs: z.record(z.string(), typed) });

/** What an action takes and gives, as tables in Markdown. */
export interface ActionReference {
  readonly inputs: string;
  readonly outputs: string;
}

/**
 * The tables of an action's README, from its action.yml and action-types.yml.
 *
 * @throws Error when the two files do not name the same inputs and outputs.
 */
export async function actionReference(folder: string): Promise<ActionReference> {
  const action = await readYaml(join(folder, 'action.yml'), actionFile);
  const types = await readYaml(join(folder, 'action-types.yml'), typesFile);
  refuseDifference(action.name, 'inputs', Object.keys(action.inputs), Object.keys(types.inputs));
  refuseDifference(action.name, 'outputs', Object.keys(action.outputs), Object.keys(types.outputs));
  return {
    inputs: [
      '| input | type | default | |',
      '| --- | --- | --- | --- |',
      ...Object.entries(action.inputs).map(
        ([name, { description, default: value }]) =>
          `| \`${name}\` | ${typeOf(types.inputs[name])} | ${inCode(value)} | ${inCell(description)} |`,
      ),
    ].join('\n'),
    outputs: [
      '| output | type | |',
      '| --- | --- | --- |',
      ...Object.entries(action.outputs).map(
        ([name, { description }]) =>
          `| \`${name}\` | ${typeOf(types.outputs[name])} | ${inCell(description)} |`,
      ),
    ].join('\n'),
  };
}

function typeOf(type: z.infer<typeof typed> | undefined): string {
  if (type?.type === 'enum') return (type['allowed-values'] ?? []).map((value) => `\`${value}\``).join(', ');
  return type?.type ?? '';
}

/** A default; of a list each line by itself. */
function inCode(value: string): string {
  const lines = value.split('\n').filter((line) => line !== '');
  return lines.map((line) => `\`${line}\``).join(', ');
}

function inCell(text: string): string {
  return text
    .trim()
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

function refuseDifference(action: string, what: string, one: readonly string[], other: readonly string[]) {
  if (one.join(' ') === other.join(' ')) return;
  throw new Error(
    `the ${what} of ${action} are not the same in action.yml (${one.join(', ')}) and action-types.yml (${other.join(', ')})`,
  );
}
