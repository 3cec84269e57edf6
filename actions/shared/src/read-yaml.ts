import { readFile } from 'node:fs/promises';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, PipelineError } from './errors.ts';

/**
 * Reads a YAML file and parses it with the schema, so that what returns is whole and typed.
 *
 * @throws PipelineError `bad-input`, naming line and column, when the file cannot be read, is not YAML,
 *   or does not fit the schema.
 */
export async function readYaml<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const refuse = (why: string, cause?: unknown) =>
    new PipelineError(
      {
        kind: 'bad-input',
        what: 'A configuration file is not usable',
        where: path,
        why,
        done: 'Nothing was started.',
        next: 'Mend the file and run again.',
      },
      { cause },
    );

  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw refuse(document.errors.map((error) => error.message).join('; '));
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias without an anchor, or too many of them, shows only here.
    throw refuse(messageOf(error), error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;

  const problems = parsed.error.issues.map((issue) => {
    const node = document.getIn(nearestPath(document, issue.path), true);
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    const { line, col } = lines.linePos(offset);
    const at = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    return `line ${line}, column ${col}: ${at}${issue.message}`;
  });
  throw refuse(problems.join('; '));
}

/** The longest beginning of the path that stands in the document: a missing key has no position. */
function nearestPath(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): unknown[] {
  const nearest = [...path];
  while (nearest.length > 0 && !document.hasIn(nearest)) nearest.pop();
  return nearest;
}
