import { readFile } from 'node:fs/promises';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, PipelineError } from './errors.ts';

/** A YAML document that fits its schema. */
export interface ParsedYaml<Value> {
  readonly value: Value;
  /** The line in which the value at the path begins; lines count from 1. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/**
 * Reads a YAML file and parses it with the schema, so that what returns is whole and typed.
 *
 * @throws PipelineError `bad-input`, naming line and column, when the file cannot be read, is not YAML,
 *   or does not fit the schema. The position is that of the value that does not fit, or of the key that is
 *   unknown; of a key that is missing, that of the map it is missing from.
 */
export async function readYaml<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  return (await readYamlLines(path, schema)).value;
}

/** As {@link readYaml}, with the lines in which the values stand. */
export async function readYamlLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<ParsedYaml<z.output<Schema>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw refusal(path, messageOf(error), error);
  }
  return parseLines(text, path, schema);
}

/**
 * Parses YAML text with the schema.
 *
 * @param where the file or the input that it is from, for the message.
 * @throws PipelineError `bad-input`, naming line and column, when it is not YAML or does not fit the schema.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  where: string,
  schema: Schema,
): z.output<Schema> {
  return parseLines(text, where, schema).value;
}

function parseLines<Schema extends z.ZodType>(
  text: string,
  where: string,
  schema: Schema,
): ParsedYaml<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw refusal(where, document.errors.map((error) => error.message).join('; '));
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias without an anchor, or too many of them, shows only here.
    throw refusal(where, messageOf(error), error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return { value: parsed.data, lineOf: (path) => lines.linePos(offsetOfValue(document, path)).line };
  }

  const problems = parsed.error.issues.flatMap((issue) => problemsOf(document, issue));
  const told = problems.map(({ path, message, offset }) => {
    const { line, col } = lines.linePos(offset);
    const at = path.length > 0 ? `${path.join('.')}: ` : '';
    return `line ${line}, column ${col}: ${at}${message}`;
  });
  throw refusal(where, told.join('; '));
}

type Document = ReturnType<typeof parseDocument>;

/** What does not fit. */
interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Where it begins in the document, in characters. */
  readonly offset: number;
}

/** Keys that are unknown come as one issue of their map; each is a problem of its own, at its own place. */
function problemsOf(document: Document, issue: z.core.$ZodIssue): readonly Problem[] {
  const { path, message } = issue;
  if (issue.code !== 'unrecognized_keys') return [{ path, message, offset: offsetOfValue(document, path) }];
  return issue.keys.map((name) => ({
    path,
    message: `Unrecognized key: "${name}"`,
    offset: offsetOfKey(document, path, name) ?? offsetOfValue(document, path),
  }));
}

function offsetOfValue(document: Document, path: readonly PropertyKey[]): number {
  const node: unknown = document.getIn(nearestPath(document, path), true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** Undefined where the key itself stands elsewhere, at the anchor of an alias. */
function offsetOfKey(document: Document, path: readonly PropertyKey[], name: string): number | undefined {
  const map: unknown = document.getIn(path, true);
  const keys = isMap(map) ? map.items.map(({ key }) => key) : [];
  return keys.filter(isScalar).find(({ value }) => String(value) === name)?.range?.[0];
}

function refusal(where: string, why: string, cause?: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'bad-input',
      what: 'A configuration is not usable',
      where,
      why,
      done: 'Nothing was started.',
      next: 'Mend it and run again.',
    },
    { cause },
  );
}

/** The longest beginning of the path that stands in the document: a missing key has no position. */
function nearestPath(document: Document, path: readonly PropertyKey[]): unknown[] {
  const nearest = [...path];
  while (nearest.length > 0 && !document.hasIn(nearest)) nearest.pop();
  return nearest;
}
