import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { generateDataset } from '../../bench/generate-dataset.ts';
import { readLiveTitles } from '../read-titles.ts';
import { finish, runCli, startCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);
const folder = await temporaryFolder();

interface Process {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes that run. */
async function listProcesses(): Promise<Process[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,comm=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([id, parent, command = '']) => ({ id: Number(id), parent: Number(parent), command }));
}

/** Asks until the answer is not null. */
async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a run at once, says so, and leaves the table', async (signal, code) => {
  const output = join(folder, signal);
  const input = join(folder, `input-${signal}`);
  await mkdir(input);
  await generateDataset({ directory: input, titles: 200_000, seed: 5, gzip: false });
  await runCli('--quiet', '--output', output);
  const before = await readLiveTitles(output);
  const program = startCli(['--input', input, '--output', output]);
  program.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('transform_titles ...')) program.kill(signal);
  });
  const result = await finish(program);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain('Interrupted. The table is the one that was published last');
  expect(await readLiveTitles(output)).toEqual(before);
});

test('SIGTERM ends the Spark that the run had started', async () => {
  const program = startCli(['--engine', 'spark', '--output', join(folder, 'spark')]);
  const ended = finish(program);
  const [spark, driver] = await until(async () => {
    const processes = await listProcesses();
    const java = processes.find(({ parent, command }) => parent === program.pid && command.includes('java'));
    const python = processes.find(({ parent }) => parent === java?.id);
    return java === undefined || python === undefined ? null : [java.id, python.id];
  });
  program.kill('SIGTERM');
  expect((await ended).code).toBe(143);
  const left = await until(async () => {
    const processes = await listProcesses();
    return processes.some(({ id }) => id === spark || id === driver) ? null : 'none';
  });
  expect(left).toBe('none');
  // Had it gone on, it would have come to its end and written the manifest.
  const [runFolder] = await readdir(join(folder, 'spark', 'imdb_titles')).catch(() => []);
  const written =
    runFolder === undefined ? [] : await readdir(join(folder, 'spark', 'imdb_titles', runFolder));
  expect(written).not.toContain('manifest.json');
});
