import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as core from '@actions/core';
import { asFailure, formatFailure } from '../errors.ts';
import { type ActionResult, reportResult } from './action-result.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { stopOnCancel } from './stop.ts';

const PHASE = 'phase';
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/** The two phases of an action; both are in one bundle, and the state tells which of them it is. */
export interface ActionPhases {
  /** The action's name. */
  readonly name: string;
  /** The step itself. The signal aborts on cancellation; what throws is told as the step's failure. */
  readonly main: (signal: AbortSignal) => Promise<ActionResult>;
  /** What runs after the job, whatever became of it; what throws fails the job. */
  readonly post?: () => Promise<void>;
}

/**
 * Runs the phase that the runner asks for and ends the process with 0, or the one of {@link EXIT_CODES}
 * that its failure has. Whatever is thrown, wherever, ends red.
 */
export async function startAction({ name, main, post }: ActionPhases): Promise<never> {
  const signal = stopOnCancel();
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      setFailed(error, name);
      process.exit();
    });
  }
  // Node leaves, with code 13, when all that is waited for is a signal or a limit of time.
  setInterval(() => {}, LONGEST_INTERVAL_MS);
  try {
    const isPost = core.getState(PHASE) === 'post';
    core.saveState(PHASE, 'post');
    if (isPost) await post?.();
    else await runMain(name, main, signal);
  } catch (error) {
    setFailed(error, name);
  }
  // A connection to a server that never answers would keep the process.
  return process.exit();
}

function setFailed(error: unknown, name: string): void {
  const failure = asFailure(error, name, 'What had been done stays as it is.');
  core.setFailed(formatFailure(failure));
  // setFailed makes it 1, which would say that the data is bad.
  process.exitCode = EXIT_CODES[failure.kind];
}

async function runMain(name: string, main: ActionPhases['main'], signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const folder = await mkdtemp(join(process.env.RUNNER_TEMP ?? tmpdir(), `${name}-`));
  let result: ActionResult;
  try {
    result = await main(signal);
  } catch (error) {
    const failure = asFailure(error, name, 'Nothing was started.');
    const seconds = (performance.now() - started) / 1000;
    result = {
      title: name,
      outcome: failure.kind,
      failure,
      seconds,
      tasks: [],
      facts: [],
      links: [],
      outputs: {},
    };
  }
  if (result.failure !== null) process.exitCode = EXIT_CODES[result.failure.kind];
  await reportResult(core, result, folder);
}
