import { readFile } from 'node:fs/promises';
import { format } from 'node:util';
import { parse } from '@swc/core';

/** A part of a program as the parser gives it. */
interface Node {
  readonly type: string;
  readonly [name: string]: unknown;
}

/**
 * The full titles of the tests in a file, as the test runner prints them: the names of the groups around a
 * test and its own, with a space between. A test of a table gives a title for each row whose values stand in
 * the file as literals, and one with its placeholders as they are. Skipped tests do not count.
 */
export async function testTitles(file: string): Promise<ReadonlySet<string>> {
  const program = await parse(await readFile(file, 'utf8'), { syntax: 'typescript', target: 'es2022' });
  const titles = new Set<string>();
  collect(program, [], titles);
  return titles;
}

function collect(part: unknown, groups: readonly string[], titles: Set<string>): void {
  if (Array.isArray(part)) for (const element of part) collect(element, groups, titles);
  if (!isNode(part) && !isPlain(part)) return;
  const call = isNode(part) ? calledTest(part) : undefined;
  if (call === undefined)
    return Object.values(part).forEach((value) => {
      collect(value, groups, titles);
    });
  const places = call.title.match(/%[a-z]/g)?.length ?? 0;
  const names = [call.title, ...call.rows.map((values) => format(call.title, ...values.slice(0, places)))];
  if (call.callee === 'describe') return collect(call.body, [...groups, call.title], titles);
  for (const name of names) titles.add([...groups, name].join(' '));
}

interface TestCall {
  readonly callee: 'describe' | 'test';
  readonly title: string;
  readonly rows: readonly (readonly unknown[])[];
  readonly body: unknown;
}

/** What a call of `describe`, `test` or `test.each(rows)` says; nothing for any other part. */
function calledTest(part: Node): TestCall | undefined {
  if (part.type !== 'CallExpression') return undefined;
  const [title, body] = argumentsOf(part);
  const text = literal(title);
  const callee = part['callee'] as Node;
  if (typeof text !== 'string') return undefined;
  if (callee.type === 'Identifier' && (callee['value'] === 'describe' || callee['value'] === 'test'))
    return { callee: callee['value'], title: text, rows: [], body };
  if (callee.type !== 'CallExpression') return undefined;
  const member = callee['callee'] as Node;
  const isTable =
    member.type === 'MemberExpression' &&
    (member['object'] as Node)['value'] === 'test' &&
    (member['property'] as Node)['value'] === 'each';
  return isTable ? { callee: 'test', title: text, rows: rowsOf(argumentsOf(callee)[0]), body } : undefined;
}

function rowsOf(table: Node | undefined): readonly (readonly unknown[])[] {
  return elementsOf(table).map((row) => {
    const isRow = row.type === 'ArrayExpression';
    return isRow ? elementsOf(row).map(literal) : [literal(row)];
  });
}

function argumentsOf(call: Node): readonly (Node | undefined)[] {
  return (call['arguments'] as readonly { readonly expression: Node }[]).map(({ expression }) => expression);
}

function elementsOf(list: Node | undefined): readonly Node[] {
  if (list?.type === 'TsConstAssertion') return elementsOf(list['expression'] as Node);
  if (list?.type !== 'ArrayExpression') return [];
  return (list['elements'] as readonly ({ readonly expression: Node } | null)[]).flatMap((element) =>
    element === null ? [] : [element.expression],
  );
}

/** The value of a literal; nothing for what has to be worked out. */
function literal(part: Node | undefined): unknown {
  return part !== undefined && /^(String|Numeric|Boolean)Literal$/.test(part.type)
    ? part['value']
    : undefined;
}

function isNode(part: unknown): part is Node {
  return isPlain(part) && typeof part['type'] === 'string';
}

function isPlain(part: unknown): part is Record<string, unknown> {
  return typeof part === 'object' && part !== null;
}
