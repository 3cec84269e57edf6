import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from './main.ts';

// A reader that leaves, as `| head` does, must not decide how the run ends.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Leaving by exit ends a Spark that was started; what is published is whole at any moment.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    process.stderr.write(
      '\nInterrupted. The table is the one that was published last; run again to go on.\n',
    );
    process.exit(code);
  });
}

process.exitCode = await main({
  programArguments: process.argv.slice(2),
  root: resolve(dirname(fileURLToPath(import.meta.url)), '..', '..'),
  // npm runs its scripts in the project's folder; INIT_CWD is where the person typed the command.
  workingFolder: process.env.INIT_CWD ?? process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
