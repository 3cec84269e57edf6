import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LAST_OUTPUT_CHARACTERS = 4000;

/** What is started, and what tells that it is ready. */
export interface ServiceOptions {
  /** Its name in error messages. */
  readonly name: string;
  readonly command: string;
  readonly programArguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** Ready when a port of 127.0.0.1 answers, or when a line of its output matches. */
  readonly ready: { readonly port: number } | { readonly line: RegExp };
  /** How long it may take until it is ready. */
  readonly readyMilliseconds?: number;
  /** How long it may take from SIGTERM to its end. */
  readonly endMilliseconds?: number;
  /** What its process group gets when this process dies; SIGKILL unless it has something to clear away. */
  readonly signalOnDeath?: 'SIGKILL' | 'SIGTERM';
}

/** A process that serves on loopback. */
export interface Service {
  readonly pid: number;
  /** The line that told that it is ready; empty when a port told it. */
  readonly readyLine: string;
  /** The last it wrote, to both of its outputs. */
  readonly output: () => string;
  /** Ends it and its process group; may be called again. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a service in its own process group and waits until it is ready. The group ends with this process,
 * however this process ends.
 *
 * @throws Error with the service's last output when it ends early or is not ready in time.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, command, programArguments, environment, folder, ready } = options;
  const { readyMilliseconds = 60_000, endMilliseconds = 10_000, signalOnDeath = 'SIGKILL' } = options;
  const child = spawn(command, programArguments, {
    ...(folder === undefined ? {} : { cwd: folder }),
    env: environment,
    detached: true,
    // The input stays open as long as this process lives: a service may end itself when it closes.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A service that is gone cannot read; that it is gone is told otherwise.
  child.stdin.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-LAST_OUTPUT_CHARACTERS);
    });
  const failure = (what: string) =>
    new Error(`${name} ${what}; the last it wrote:\n${output.trim() || '(nothing)'}`);
  const { pid } = child;
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw failure(`could not be started (${error.message})`);
  }
  const disarm = endGroupOnDeath(pid, signalOnDeath);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= endGroup(child, pid, endMilliseconds).then(disarm);
    return stopping;
  };

  try {
    const end = performance.now() + readyMilliseconds;
    while (performance.now() < end) {
      if (hasEnded(child))
        throw failure(`ended with ${child.exitCode ?? child.signalCode ?? ''} before it was ready`);
      const readyLine = 'port' in ready ? '' : output.split('\n').find((line) => ready.line.test(line));
      if ('port' in ready ? await answers(ready.port) : readyLine !== undefined)
        return { pid, readyLine: readyLine ?? '', output: () => output, stop };
      await sleep(20);
    }
    throw failure(`was not ready after ${readyMilliseconds} ms`);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port has a number');
  server.close();
  await once(server, 'close');
  return address.port;
}

/** Sends a signal to every process of a group; false when there is none left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Has a process group ended with this process, and gives the function that calls it off. A listener for
 * `exit` does not run when a signal ends this process, and Ctrl-C or a test runner sends just that; so a
 * shell outside this process's group waits for its input's end, which comes with any death.
 */
export function endGroupOnDeath(group: number, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): () => void {
  const name = signal.slice('SIG'.length);
  const guard = spawn('/bin/sh', ['-c', `read -r _; kill -s ${name} -- -${group}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  const onExit = () => signalGroup(group, signal);
  process.once('exit', onExit);
  return () => {
    process.removeListener('exit', onExit);
    guard.kill('SIGKILL');
  };
}

async function endGroup(child: ChildProcess, group: number, endMilliseconds: number): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (!hasEnded(child)) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    signalGroup(group, 'SIGTERM');
    const patience = new AbortController();
    await Promise.race([
      exited,
      sleep(endMilliseconds, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
  }
  // What it left behind in its group goes with it; so its outputs close.
  signalGroup(group, 'SIGKILL');
  if (child.stdout?.closed !== true || child.stderr?.closed !== true) await closed;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}
