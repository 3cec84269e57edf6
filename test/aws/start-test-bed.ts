import { startTestBed } from './test-bed.ts';

// The bed for work by hand: tells the variables that lead AWS's clients to it and stays until it is ended.
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});
const bed = await startTestBed();
for (const [name, value] of Object.entries(bed.environment))
  process.stdout.write(`export ${name}='${value}'\n`);
process.stderr.write('The test bed is up; end it with Ctrl-C.\n');
// A promise alone does not keep a process alive.
const alive = setInterval(() => {}, 60_000);
await ended;
clearInterval(alive);
await bed.stop();
