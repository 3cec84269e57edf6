import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { messageOf, PipelineError } from '../errors.ts';
import { errorCode } from '../files.ts';

const KEPT_LINES = 400;
/** GitHub leaves 7.5 s between SIGINT and SIGTERM; what a program needs to end well must fit into them. */
const END_MILLISECONDS = 3_000;

/** A program to be run. */
export interface ProgramRequest {
  readonly command: string;
  readonly arguments: readonly string[];
  /** Its environment, whole. */
  readonly variables: NodeJS.ProcessEnv;
  /** The folder it starts in; this process's when not given. */
  readonly folder?: string;
  /** Ends the program, and all that it started. */
  readonly signal: AbortSignal;
  /** Called with each line of both of its outputs, as they come. */
  readonly onLine: (line: string) => void;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Its exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
  /** The last lines of its standard output. */
  readonly stdout: readonly string[];
  /** The last lines of its standard error. */
  readonly stderr: readonly string[];
}

/**
 * Runs a program to its end, in a process group of its own. When the signal aborts, the group gets SIGTERM
 * and 3 s later SIGKILL; what the program leaves behind in its group ends with it, and all of it with
 * this process.
 *
 * @throws the signal's reason; PipelineError `bad-input` when there is no such program.
 */
export async function runProgram(request: ProgramRequest): Promise<ProgramEnd> {
  const { command, variables, folder, signal, onLine } = request;
  signal.throwIfAborted();
  const program = spawn(command, request.arguments, {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: variables,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (name: NodeJS.Signals) => signalGroup(program, name);
  const killAll = () => end('SIGKILL');
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    end('SIGTERM');
    killer = setTimeout(killAll, END_MILLISECONDS);
  };
  process.once('exit', killAll);
  signal.addEventListener('abort', stop, { once: true });
  // What it left running would keep its outputs open, and this process waiting.
  program.once('exit', killAll);
  const stdout = keepLines(program.stdout, onLine);
  const stderr = keepLines(program.stderr, onLine);
  try {
    const [code, endedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      program.once('error', (error) => reject(notStarted(command, error)));
      program.once('close', (...ended) => resolve(ended));
    });
    signal.throwIfAborted();
    return { code, endedBy, stdout, stderr };
  } finally {
    clearTimeout(killer);
    signal.removeEventListener('abort', stop);
    process.removeListener('exit', killAll);
  }
}

function keepLines(input: NodeJS.ReadableStream, onLine: (line: string) => void): readonly string[] {
  const lines: string[] = [];
  createInterface({ input }).on('line', (line) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    onLine(line);
  });
  return lines;
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    // Nobody is left in the group.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function notStarted(command: string, error: Error): PipelineError {
  return new PipelineError(
    {
      kind: 'bad-input',
      what: 'A program could not be started',
      where: command,
      why: messageOf(error),
      done: 'It was not run.',
      next: 'Install it on this machine, or name another.',
    },
    { cause: error },
  );
}
