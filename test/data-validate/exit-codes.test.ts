import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { actionNames } from '../../actions/bundle.ts';
import { EXIT_CODES } from '../../actions/shared/src/action/exit-codes.ts';
import { runAction } from '../aws/action-runner.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
let made = 0;

/** Runs main and post, given as code, on the compiled start of an action. */
async function run(main: string, post = '') {
  const action = join(folder, `action-${++made}`);
  await mkdir(join(action, 'dist'), { recursive: true });
  const lib = (path: string) => pathToFileURL(join(root, 'lib', 'actions', 'shared', 'src', path)).href;
  await writeFile(
    join(action, 'dist', 'index.js'),
    `import { startAction } from '${lib('action/start-action.js')}';
import { PipelineError } from '${lib('errors.js')}';
const failure = { what: 'It failed', where: 'here', why: 'so', done: 'nothing', next: 'mend' };
const result = { title: 'tiny', outcome: 'succeeded', failure: null, seconds: 1, tasks: [], facts: [], links: [], outputs: {} };
await startAction({ name: 'tiny', main: async () => { ${main} }, post: async () => { ${post} } });`,
  );
  await writeFile(join(action, 'package.json'), '{ "type": "module" }');
  const manifest = 'name: tiny\nruns:\n  using: node24\n  main: dist/index.js\n  post: dist/index.js\n';
  await writeFile(join(action, 'action.yml'), manifest);
  return runAction({ folder: action, work: join(folder, 'work') });
}

// The codes that every README documents, by hand.
const DOCUMENTED = [
  ['failed-data', 1],
  ['bad-input', 2],
  ['failed-infra', 3],
  ['timed-out', 124],
  ['cancelled', 130],
] as const;

test.each(DOCUMENTED)('a step that ends as %s exits with %d, told or thrown', async (kind, code) => {
  const told = await run(
    `return { ...result, outcome: '${kind}', failure: { kind: '${kind}', ...failure } };`,
  );
  expect(told.main).toMatchObject({ exitCode: code, outputs: { outcome: kind } });
  const thrown = await run(`throw new PipelineError({ kind: '${kind}', ...failure });`);
  expect(thrown.main).toMatchObject({ exitCode: code, outputs: { outcome: kind } });
});

test('a step that succeeded, or is green in spite of its data, exits with 0', async () => {
  expect((await run('return result;')).main.exitCode).toBe(0);
  const green = await run("return { ...result, outcome: 'failed-data' };");
  expect(green.main).toMatchObject({ exitCode: 0, outputs: { outcome: 'failed-data' } });
});

test('what nobody foresaw is no failure of the data', async () => {
  const hang = 'await new Promise(() => {});';
  expect((await run("throw new Error('odd');")).main.exitCode).toBe(3);
  expect((await run(`setTimeout(() => { throw new Error('odd'); }); ${hang}`)).main.exitCode).toBe(3);
  expect((await run(`Promise.reject(new Error('odd')); ${hang}`)).main.exitCode).toBe(3);
  const { post } = await run('return result;', "throw new PipelineError({ kind: 'timed-out', ...failure });");
  expect(post?.exitCode).toBe(124);
});

describe.each(actionNames())('the README of %s', (name) => {
  test('documents the exit code of each outcome that it names', async () => {
    const readme = await readFile(join(root, 'actions', name, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, kind, code]) => [
      kind,
      Number(code),
    ]);
    const codes = new Map<string, number>([['succeeded', 0], ...Object.entries(EXIT_CODES)]);
    expect(rows).toEqual(rows.map(([kind]) => [kind, codes.get(String(kind))]));
    expect(rows.map(([kind]) => kind)).toEqual(
      expect.arrayContaining(['succeeded', 'bad-input', 'failed-infra', 'timed-out', 'cancelled']),
    );
  });
});
