/* oxlint-disable max-lines -- the runner and the log it reads belong together */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../../actions/shared/src/errors.ts';
import { endGroupOnDeath, signalGroup } from './processes.ts';

/** How long a cancelled step gets after SIGINT, and then after SIGTERM, before it is killed. */
export const cancelTimes = { interruptMilliseconds: 7500, terminateMilliseconds: 2500 } as const;

/** A step that uses an action. */
export interface ActionStep {
  /** The folder of its action.yml. */
  readonly folder: string;
  /** A folder for the step's files; it serves as the workspace too. */
  readonly work: string;
  /** The step's `with`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The job's variables; of this process's own only the path and the home folder get through. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What `saveState` of an earlier phase left. */
  readonly state?: Readonly<Record<string, string>>;
  /** Values that the job's earlier steps had masked. */
  readonly masks?: readonly string[];
  readonly times?: { readonly interruptMilliseconds: number; readonly terminateMilliseconds: number };
}

/** How a phase of a step ended and what it left. */
export interface ActionResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** What it set for the steps after it, the path included if it added to it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
  /** Its output as the log shows it, masked. */
  readonly log: string;
}

/** A phase that runs. */
export interface RunningAction {
  readonly result: Promise<ActionResult>;
  /** Waits until a line of the log holds the text; false when the phase ended without one. */
  readonly logged: (text: string) => Promise<boolean>;
  /** Cancels it as the runner does: SIGINT, SIGTERM, and then the whole tree is killed. */
  readonly cancel: () => Promise<ActionResult>;
}

const inputDefinition = z
  .object({ default: z.union([z.string(), z.number(), z.boolean()]).optional() })
  .nullable();
const actionDefinition = z.object({
  inputs: z.record(z.string(), inputDefinition).default({}),
  runs: z.object({
    using: z.string().regex(/^node\d+$/),
    main: z.string(),
    pre: z.string().optional(),
    post: z.string().optional(),
  }),
});

/** Starts a phase of an action in a process of its own; its files are new ones. */
export async function startAction(
  step: ActionStep,
  phase: 'pre' | 'main' | 'post' = 'main',
): Promise<RunningAction> {
  const definition = actionDefinition.parse(parse(await readFile(join(step.folder, 'action.yml'), 'utf8')));
  const script = definition.runs[phase];
  if (script === undefined) throw new Error(`the action in ${step.folder} has no ${phase}`);
  const commandFiles = await makeCommandFiles(step.work);
  const times = step.times ?? cancelTimes;
  const log = new StepLog(step.masks);
  for (const name of Object.keys(step.inputs ?? {}))
    if (!Object.hasOwn(definition.inputs, name))
      log.annotate({ level: 'warning', message: `Unexpected input(s) '${name}'` });

  const child = spawn(process.execPath, [join(step.folder, script)], {
    cwd: step.work,
    env: {
      ...runnerVariables(step.work),
      ...step.environment,
      ...commandFiles,
      ...inputVariables(definition.inputs, step.inputs ?? {}),
      ...prefixed('STATE_', step.state ?? {}),
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} could not be started`);
  const disarm = endGroupOnDeath(pid);
  child.stdout.setEncoding('utf8').on('data', log.writer());
  child.stderr.setEncoding('utf8').on('data', log.writer());
  const exited = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('exit', (code, signal) => resolve([code, signal])),
  );
  const closed = new Promise((resolve) => child.once('close', resolve));

  const finish = async (): Promise<ActionResult> => {
    const [exitCode, signal] = await exited;
    // What it left running would keep its outputs open; GitHub ends that with the job.
    await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
    signalGroup(pid, 'SIGKILL');
    await closed;
    disarm();
    log.end();
    const { isReadable, ...left } = await readCommandFiles(commandFiles, step, log);
    return { exitCode: exitCode === 0 && !isReadable ? 1 : exitCode, signal, ...left };
  };
  const result = finish();
  const isOverAfter = (milliseconds: number) =>
    Promise.race([exited.then(() => true), sleep(milliseconds, false, { ref: false })]);

  return {
    result,
    logged: async (text) => {
      for (;;) {
        if (log.text().includes(text)) return true;
        if (await isOverAfter(10)) return (await result).log.includes(text);
      }
    },
    cancel: async () => {
      // The first two signals go to the entry process alone.
      child.kill('SIGINT');
      if (await isOverAfter(times.interruptMilliseconds)) return result;
      child.kill('SIGTERM');
      if (!(await isOverAfter(times.terminateMilliseconds))) signalGroup(pid, 'SIGKILL');
      return result;
    },
  };
}

/** Runs an action to its end: its main, and then its post, if it has one, with main's state. */
export async function runAction(
  step: ActionStep,
): Promise<{ readonly main: ActionResult; readonly post?: ActionResult }> {
  const main = await (await startAction(step)).result;
  const { runs } = actionDefinition.parse(parse(await readFile(join(step.folder, 'action.yml'), 'utf8')));
  return runs.post === undefined ? { main } : { main, post: await runPost(step, main) };
}

/** Runs the post of a step after its main, however that ended. */
export async function runPost(step: ActionStep, main: ActionResult): Promise<ActionResult> {
  const { state, masks } = main;
  const environment = { ...step.environment, ...main.environment };
  return (await startAction({ ...step, environment, state, masks }, 'post')).result;
}

const COMMAND_FILES = [
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_STEP_SUMMARY',
] as const;
type CommandFiles = Readonly<Record<(typeof COMMAND_FILES)[number], string>>;

async function makeCommandFiles(work: string): Promise<CommandFiles> {
  await mkdir(join(work, 'temp'), { recursive: true });
  const folder = await mkdtemp(join(work, 'temp', 'step-'));
  const made = await Promise.all(
    COMMAND_FILES.map(async (name) => {
      const file = join(folder, name.toLowerCase());
      await writeFile(file, '');
      return [name, file] as const;
    }),
  );
  return Object.fromEntries(made) as unknown as CommandFiles;
}

async function readCommandFiles(
  commandFiles: CommandFiles,
  step: ActionStep,
  log: StepLog,
): Promise<Omit<ActionResult, 'exitCode' | 'signal'> & { readonly isReadable: boolean }> {
  const [outputs = '', state = '', variables = '', path = '', summary = ''] = await Promise.all(
    COMMAND_FILES.map((name) => readFile(commandFiles[name], 'utf8')),
  );
  let isReadable = true;
  const read = (content: string): Record<string, string> => {
    try {
      return parseCommandFile(content);
    } catch (error) {
      isReadable = false;
      log.annotate({ level: 'error', message: messageOf(error) });
      return {};
    }
  };
  const [environment, outputValues, stateValues] = [read(variables), read(outputs), read(state)];
  const added = path.split('\n').filter((line) => line !== '');
  if (added.length > 0)
    environment.PATH = [...added.toReversed(), step.environment?.PATH ?? process.env.PATH ?? ''].join(
      delimiter,
    );
  return {
    isReadable,
    outputs: outputValues,
    state: stateValues,
    environment,
    summary: mask(summary, log.masks),
    annotations: log.annotations,
    masks: log.masks,
    log: log.text(),
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

function inputVariables(
  definitions: z.infer<typeof actionDefinition>['inputs'],
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const defaults = Object.entries(definitions).map(([name, input]) => [name, String(input?.default ?? '')]);
  const variables = Object.entries({ ...(Object.fromEntries(defaults) as Record<string, string>), ...given });
  return Object.fromEntries(
    variables.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function runnerVariables(work: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? work,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: work,
    GITHUB_REPOSITORY: 'octo-org/imdb-titles',
    GITHUB_REPOSITORY_OWNER: 'octo-org',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_WORKFLOW: 'pipeline',
    GITHUB_JOB: 'test',
    GITHUB_ACTOR: 'octocat',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_RUN_ID: '3003',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: '1',
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_TEMP: join(work, 'temp'),
  };
}

/** A notice, warning or error that GitHub shows beside the run. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** The log of a step: reads the commands in what it writes, and masks the rest as GitHub does. */
export class StepLog {
  readonly annotations: Annotation[] = [];
  readonly masks: string[];
  readonly #lines: string[] = [];
  readonly #flushes: (() => void)[] = [];
  /** While it is set, commands are text, up to the line with this mark. */
  #stopMark: string | undefined;

  constructor(masks: readonly string[] = []) {
    this.masks = [...masks];
  }

  /** What takes one of the step's two outputs: whole lines count, however they come in. */
  writer(): (text: string) => void {
    let rest = '';
    this.#flushes.push(() => {
      if (rest !== '') this.#take(rest);
      rest = '';
    });
    return (text) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    };
  }

  /** Takes what came last without an end of line. */
  end(): void {
    for (const flush of this.#flushes) flush();
  }

  annotate(annotation: Annotation): void {
    this.annotations.push({ ...annotation, message: mask(annotation.message, this.masks) });
  }

  text(): string {
    return this.#lines.join('\n');
  }

  #take(line: string): void {
    const [, name = '', properties = '', data = ''] = /^\s*::([\w-]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (this.#stopMark !== undefined) {
      if (line.trim() === `::${this.#stopMark}::`) this.#stopMark = undefined;
      else this.#lines.push(mask(line, this.masks));
      return;
    }
    switch (name) {
      case 'add-mask':
        this.#addMask(decodeData(data));
        this.#lines.push('::add-mask::***');
        return;
      case 'stop-commands':
        this.#stopMark = data;
        return;
      case 'error':
      case 'warning':
      case 'notice':
        this.annotate({ level: name, message: decodeData(data), ...placeOf(properties) });
        break;
      default:
    }
    this.#lines.push(mask(line, this.masks));
  }

  #addMask(value: string): void {
    // Each line of a value is masked by itself too, for a log is written by lines.
    const parts = [value, ...value.split(/\r?\n/)].filter((part) => part.trim() !== '');
    for (const part of parts) if (!this.masks.includes(part)) this.masks.push(part);
  }
}

/** Hides the masked values in a text, the longest first, for one may hold another. */
export function mask(text: string, masks: readonly string[]): string {
  return masks
    .toSorted((one, other) => other.length - one.length)
    .reduce((masked, value) => masked.replaceAll(value, '***'), text);
}

function placeOf(properties: string): Omit<Annotation, 'level' | 'message'> {
  const values = new Map(
    properties.split(',').map((property) => {
      const [name = '', ...value] = property.split('=');
      return [name.trim(), decodeData(value.join('=')).replaceAll('%3A', ':').replaceAll('%2C', ',')];
    }),
  );
  const title = values.get('title');
  const file = values.get('file');
  const line = values.get('line');
  const column = values.get('col');
  return {
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}

function decodeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
