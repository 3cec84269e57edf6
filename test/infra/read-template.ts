import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CollectionTag, parse, type ScalarTag } from 'yaml';
import { root } from '../project.ts';

/** The template that makes what the workflows need in an account. */
export const TEMPLATE = join(root, 'infra', 'imdb-titles.yml');

/** What a template holds: texts, numbers, lists, and maps, of which functions are one. */
export type Part = string | number | boolean | readonly Part[] | { readonly [key: string]: Part };

/** A template with its functions in the long form, as JSON has them. */
export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string | number }>>;
  readonly Conditions: Readonly<Record<string, Part>>;
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Condition?: string; readonly Properties: Part }>
  >;
  readonly Outputs: Part;
}

/** Reads the template. */
export async function readTemplate(): Promise<Template> {
  const text = await readFile(TEMPLATE, 'utf8');
  return parse(text, { customTags: [...scalarTags(), ...collectionTags()] }) as Template;
}

/**
 * The template as these parameters make it, without conditions: what is not wanted is left out, `Fn::If` is
 * what it comes to. Other functions stay.
 */
export function settleConditions(template: Template, parameters: Readonly<Record<string, string>>): object {
  const given = new Map<string, Part>(Object.entries(parameters));
  for (const [name, { Default = '' }] of Object.entries(template.Parameters))
    if (!given.has(name)) given.set(name, Default);
  const isSo = (part: Part | undefined): boolean => {
    const [[name, argument] = ['', '']] = Object.entries(part ?? {}) as [string, Part][];
    const several = argument as readonly Part[];
    if (name === 'Fn::Not') return !isSo(several[0]);
    if (name === 'Fn::Equals') return valueOf(several[0]) === valueOf(several[1]);
    throw new TypeError(`no condition: ${JSON.stringify(part)}`);
  };
  const valueOf = (part: Part | undefined): Part | undefined =>
    typeof part === 'object' && 'Ref' in part ? given.get(part.Ref as string) : part;
  const holds = (condition: string) => isSo(template.Conditions[condition]);
  const settle = (part: Part): Part | undefined => {
    if (Array.isArray(part)) return part.map(settle).filter((one) => one !== undefined);
    if (typeof part !== 'object') return part;
    const map = part as { readonly [key: string]: Part };
    if (map.Ref === 'AWS::NoValue') return undefined;
    if (map['Fn::If'] !== undefined) {
      const [condition, yes, no] = map['Fn::If'] as readonly [string, Part, Part];
      return settle(holds(condition) ? yes : no);
    }
    const entries = Object.entries(map).map(([key, value]) => [key, settle(value)] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Part;
  };
  const wanted = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || holds(Condition),
  );
  const settled = wanted.map(([name, { Condition: _, ...resource }]) => [name, settle(resource)]);
  const Resources = Object.fromEntries(settled) as Readonly<Record<string, Part>>;
  const { Conditions: _conditions, ...rest } = template;
  return { ...rest, Resources, Outputs: settle(template.Outputs) };
}

const FUNCTIONS = ['If', 'Equals', 'Not', 'And', 'Or', 'Select', 'Sub', 'GetAZs'];

function scalarTags(): ScalarTag[] {
  const tags = ['Sub', 'GetAZs'].map((name) => ({
    tag: `!${name}`,
    resolve: (text: string) => ({ [`Fn::${name}`]: text }),
  }));
  return [
    ...tags,
    { tag: '!Ref', resolve: (text) => ({ Ref: text }) },
    { tag: '!GetAtt', resolve: (text) => ({ 'Fn::GetAtt': text.split('.') }) },
  ];
}

function collectionTags(): CollectionTag[] {
  return FUNCTIONS.map((name) => ({
    tag: `!${name}`,
    collection: 'seq' as const,
    resolve: (items) => ({ [`Fn::${name}`]: (items as { toJSON: () => unknown }).toJSON() }),
  }));
}
