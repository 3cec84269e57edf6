import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { makeCommandFiles, readCommandFiles } from './command-files.ts';
import { endGroupOnDeath, signalGroup } from './processes.ts';
import { type Annotation, mask, startLog } from './step-log.ts';

/**
 * How long a cancelled step gets after SIGINT, and then after SIGTERM, before it is killed. Source: GitHub's
 * documentation, page "Workflow cancellation reference".
 */
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
  /** The program that runs the action's script; the one that runs this process by default. */
  readonly node?: string;
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

/** How a phase ended that was cancelled. */
export interface CancelledAction extends ActionResult {
  /** What it was sent, in order; SIGINT alone when it left in the time that this gives it. */
  readonly sent: readonly NodeJS.Signals[];
}

/** A phase that runs. */
export interface RunningAction {
  readonly result: Promise<ActionResult>;
  /** Waits until a line of the log holds the text; false when the phase ended without one. */
  readonly logged: (text: string) => Promise<boolean>;
  /** Cancels it as the runner does: SIGINT, SIGTERM, and then the whole tree is killed. */
  readonly cancel: () => Promise<CancelledAction>;
  /** Kills the whole tree without a word, as a machine that dies does. */
  readonly kill: () => Promise<ActionResult>;
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
  const log = startLog(step.masks);
  for (const name of Object.keys(step.inputs ?? {}))
    if (!Object.hasOwn(definition.inputs, name))
      log.annotate({ level: 'warning', message: `Unexpected input(s) '${name}'` });

  const child = spawn(step.node ?? process.execPath, [join(step.folder, script)], {
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
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new Error(`${script} could not be started (${error.message})`);
  }
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
    const { errors, path, variables, summary, ...left } = await readCommandFiles(commandFiles);
    for (const message of errors) log.annotate({ level: 'error', message });
    const inherited = step.environment?.PATH ?? process.env.PATH ?? '';
    return {
      ...left,
      exitCode: exitCode === 0 && errors.length > 0 ? 1 : exitCode,
      signal,
      environment: {
        ...variables,
        ...(path.length === 0 ? {} : { PATH: [...path, inherited].join(delimiter) }),
      },
      summary: mask(summary, log.masks),
      annotations: log.annotations,
      masks: log.masks,
      log: log.text(),
    };
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
    kill: () => {
      signalGroup(pid, 'SIGKILL');
      return result;
    },
    cancel: async () => {
      // The first two signals go to the entry process alone.
      child.kill('SIGINT');
      if (await isOverAfter(times.interruptMilliseconds)) return { ...(await result), sent: ['SIGINT'] };
      child.kill('SIGTERM');
      if (await isOverAfter(times.terminateMilliseconds)) {
        return { ...(await result), sent: ['SIGINT', 'SIGTERM'] };
      }
      signalGroup(pid, 'SIGKILL');
      return { ...(await result), sent: ['SIGINT', 'SIGTERM', 'SIGKILL'] };
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
