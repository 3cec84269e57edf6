import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { runAction, runPost, startAction } from '../aws/action-runner.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const work = join(folder, 'work');
let made = 0;

/** An action on the compiled shell, whose main and post are given as code. */
async function makeAction(main: string, post = ''): Promise<{ folder: string; work: string }> {
  made += 1;
  const action = join(folder, `action-${made}`);
  await mkdir(join(action, 'dist'), { recursive: true });
  const lib = (path: string) =>
    pathToFileURL(join(root, 'lib', 'actions', 'shared', 'src', `${path}.js`)).href;
  await writeFile(
    join(action, 'dist', 'index.js'),
    `import { startAction } from '${lib('action/start-action')}';
import { PipelineError } from '${lib('errors')}';
const result = {
  title: 'tiny', outcome: 'succeeded', failure: null, seconds: 1.4,
  tasks: [], facts: [['rows', '3']], links: [], outputs: { rows: '3' },
};
await startAction({
  name: 'tiny',
  main: async (signal) => { ${main} },
  post: async () => { ${post} },
});`,
  );
  await writeFile(join(action, 'package.json'), '{ "type": "module" }');
  await writeFile(
    join(action, 'action.yml'),
    'name: tiny\nruns:\n  using: node24\n  main: dist/index.js\n  post: dist/index.js\n',
  );
  return { folder: action, work };
}

test('main leaves outputs, a report and a summary; post runs after it, once', async () => {
  const { main, post } = await runAction(await makeAction('return result;', "console.log('post ran');"));
  expect(main).toMatchObject({
    exitCode: 0,
    outputs: { rows: '3', outcome: 'succeeded', duration: '1' },
    annotations: [],
  });
  expect(main.log).not.toContain('post ran');
  expect(main.summary).toContain('## tiny: succeeded in 1.4 s');
  const report = JSON.parse(await readFile(main.outputs.report ?? '', 'utf8')) as object;
  expect(report).toMatchObject({ outcome: 'succeeded', outputs: main.outputs });
  expect(post).toMatchObject({ exitCode: 0, log: expect.stringContaining('post ran') });
});

const failure =
  "{ kind: 'failed-data', what: 'It failed', where: 'here', why: 'so', done: 'nothing', next: 'mend' }";

test.each([
  ['a failure that is told', `return { ...result, outcome: 'failed-data', failure: ${failure} };`],
  ['a failure that is thrown', `throw new PipelineError(${failure});`],
])('%s is red, with outputs, annotation and summary', async (_case, code) => {
  const { main } = await runAction(await makeAction(code));
  expect(main).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed-data' } });
  expect(main.annotations).toEqual([
    {
      level: 'error',
      title: 'It failed',
      message: 'It failed\n  where: here\n  why:   so\n  done:  nothing\n  next:  mend',
    },
  ]);
  expect(main.summary).toContain('**next: mend**');
});

test.each([
  ['an error', "throw new Error('odd');"],
  ['a text', "throw 'odd';"],
  [
    'a rejection that nobody awaits',
    "Promise.reject(new Error('odd')); await new Promise(() => setInterval(() => {}, 1000));",
  ],
  [
    'an error in a callback',
    "setTimeout(() => { throw new Error('odd'); }); await new Promise(() => setInterval(() => {}, 1000));",
  ],
])('%s is red', async (_case, code) => {
  const { main } = await runAction(await makeAction(code));
  expect(main.exitCode).toBe(3);
  expect(main.annotations).toHaveLength(1);
  expect(main.annotations[0]?.message).toContain('why:   odd');
});

test('an error of post is red', async () => {
  const { post } = await runAction(await makeAction('return result;', "throw new Error('a leak');"));
  expect(post).toMatchObject({ exitCode: 3 });
  expect(post?.annotations[0]?.message).toContain('a leak');
});

test('a cancelled step tells so, in time, and its post runs', async () => {
  const step = await makeAction(
    "console.log('waiting'); await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));",
    "console.log('post ran');",
  );
  const running = await startAction(step);
  expect(await running.logged('waiting')).toBe(true);
  const main = await running.cancel();
  expect(main).toMatchObject({ exitCode: 130, signal: null, outputs: { outcome: 'cancelled' } });
  expect(main.summary).toContain('the runner sent SIGINT');
  expect((await runPost(step, main)).log).toContain('post ran');
});

test('a connection that is never answered does not keep a step that is over', async () => {
  const { main } = await runAction(
    await makeAction("(await import('node:net')).createServer().listen(0, '127.0.0.1'); return result;"),
  );
  expect(main.exitCode).toBe(0);
});
