import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from './project.ts';

/** How a run of the command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command, what `npm start --` runs, to its end. */
export async function runCli(...programArguments: readonly string[]): Promise<CliResult> {
  return finish(startCli(programArguments));
}

/** Starts the built command; `wrapper` is a command that starts it in turn, for example a shell with limits. */
export function startCli(programArguments: readonly string[], wrapper: readonly string[] = []): ChildProcess {
  const [command = '', ...others] = [
    ...wrapper,
    process.execPath,
    join(root, 'lib', 'cli', 'index.js'),
    ...programArguments,
  ];
  return spawn(command, others, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits for the command's end. */
export async function finish(program: ChildProcess): Promise<CliResult> {
  const { stdout, stderr } = program;
  if (stdout === null || stderr === null) throw new TypeError('the output of the command is not piped');
  const ended = new Promise<number | null>((resolve) => program.once('close', resolve));
  const [code, out, err] = await Promise.all([ended, text(stdout), text(stderr)]);
  return { code, stdout: out, stderr: err };
}
