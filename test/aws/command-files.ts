import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../actions/shared/src/errors.ts';

const NAMES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const;

/** The files that a step leaves its results in, by the variables that name them. */
export type CommandFiles = Readonly<Record<(typeof NAMES)[number], string>>;

/** What a step left in its files. */
export interface CommandFileContents {
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** The variables that it set for the steps after it. */
  readonly variables: Readonly<Record<string, string>>;
  /** The folders that it put before the path, the last one first. */
  readonly path: readonly string[];
  readonly summary: string;
  /** Why a file could not be read; any of them fails the step. */
  readonly errors: readonly string[];
}

/** Makes a step's files, empty, in a new folder below `temp` of the given one. */
export async function makeCommandFiles(work: string): Promise<CommandFiles> {
  await mkdir(join(work, 'temp'), { recursive: true });
  const folder = await mkdtemp(join(work, 'temp', 'step-'));
  const made = await Promise.all(
    NAMES.map(async (name) => {
      const file = join(folder, name.toLowerCase());
      await writeFile(file, '');
      return [name, file] as const;
    }),
  );
  return Object.fromEntries(made) as unknown as CommandFiles;
}

/** Reads what a step left in its files. */
export async function readCommandFiles(files: CommandFiles): Promise<CommandFileContents> {
  const [outputs = '', state = '', variables = '', path = '', summary = ''] = await Promise.all(
    NAMES.map((name) => readFile(files[name], 'utf8')),
  );
  const errors: string[] = [];
  const read = (content: string): Record<string, string> => {
    try {
      return parseCommandFile(content);
    } catch (error) {
      errors.push(messageOf(error));
      return {};
    }
  };
  return {
    variables: read(variables),
    outputs: read(outputs),
    state: read(state),
    path: path
      .split('\n')
      .filter((line) => line !== '')
      .toReversed(),
    summary,
    errors,
  };
}

/**
 * Reads the form of GITHUB_OUTPUT and its like: `name=value`, or `name<<mark`, lines, and the mark.
 *
 * @throws Error on anything else, as the runner does.
 */
export function parseCommandFile(content: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = content.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const [, name, operator, rest = ''] = /^(.+?)(=|<<)(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`Invalid format '${line}'`);
    if (operator === '=') {
      values[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest, index + 1);
    if (rest === '' || end === -1) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
    values[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return values;
}
