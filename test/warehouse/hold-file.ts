import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from '../project.ts';

/** Another process that has a DuckDB file open. */
export interface Holder {
  readonly pid: number;
  /** Lets go of the file and ends; also what the test does when it is over. */
  release(): Promise<void>;
}

const PROGRAM = `
import { DuckDBInstance } from '@duckdb/node-api';
const instance = await DuckDBInstance.create(process.argv[1]);
const connection = await instance.connect();
await connection.run(process.argv[2]);
process.stdout.write('open');
process.stdin.resume().on('end', () => {
  instance.closeSync();
  process.exit(0);
});
`;

/** Opens the file in another process, runs the SQL on it there, and returns once that is done. */
export async function holdFile(file: string, sql = 'SELECT 1'): Promise<Holder> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, file, sql], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the other process could not open the file'))),
  ]);
  return {
    pid: child.pid ?? 0,
    release: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
