import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { cancelTimes, runAction, runPost, startAction } from './action-runner.ts';
import { parseCommandFile } from './command-files.ts';
import { startOidcIssuer } from './oidc-issuer.ts';

const run = promisify(execFile);
const folder = await temporaryFolder();
await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
const work = join(folder, 'work');
const quick = { interruptMilliseconds: 300, terminateMilliseconds: 300 };
let made = 0;

/** An action of the scripts, with GitHub's own toolkit as `core` in them. */
async function makeAction(
  scripts: { readonly main: string; readonly post?: string },
  inputs = '',
): Promise<string> {
  made += 1;
  const action = join(folder, `action-${made}`);
  await mkdir(join(action, 'dist'), { recursive: true });
  const phases = Object.entries({ main: 'index', post: 'post' }).filter(([phase]) => phase in scripts);
  const head = "import * as core from '@actions/core';\n";
  for (const [phase, name] of phases)
    await writeFile(join(action, 'dist', `${name}.js`), head + scripts[phase as keyof typeof scripts]);
  await writeFile(join(action, 'package.json'), '{ "type": "module" }');
  const runs = phases.map(([phase, name]) => `  ${phase}: dist/${name}.js\n`).join('');
  await writeFile(join(action, 'action.yml'), `name: tiny\n${inputs}runs:\n  using: node24\n${runs}`);
  return action;
}

async function runMain(main: string, more: object = {}) {
  return (await runAction({ folder: await makeAction({ main }), work, ...more })).main;
}

test('gives inputs by their names, with their defaults', async () => {
  const main = `
    core.setOutput('bucket', core.getInput('s3 bucket', { required: true }));
    core.setOutput('dry', core.getBooleanInput('dry-run'));
    core.setOutput('none', core.getInput('none'));`;
  const inputs = `inputs:
  s3 bucket:
    description: with a blank in its name
    required: true
  dry-run:
    default: false
  none:
`;
  const action = await makeAction({ main }, inputs);
  const given = await runAction({ folder: action, work, inputs: { 's3 bucket': ' titles ' } });
  expect(given.main.outputs).toEqual({ bucket: 'titles', dry: 'false', none: '' });
  expect(given.main.exitCode).toBe(0);
  expect(given.post).toBeUndefined();
  const without = await runAction({ folder: action, work, inputs: { typo: 'x' } });
  expect(without.main.exitCode).toBe(1);
  expect(without.main.annotations[0]).toEqual({ level: 'warning', message: "Unexpected input(s) 'typo'" });
});

test('reads what the step leaves in its files', async () => {
  const result = await runMain(`
    core.setOutput('report', 'first=1\\n\\nlast');
    core.setOutput('rows', 42);
    core.saveState('id', 'j-1');
    core.exportVariable('TITLES', 'many');
    core.addPath('/opt/titles');
    await core.summary.addHeading('Titles').write();`);
  expect(result).toMatchObject({
    exitCode: 0,
    signal: null,
    outputs: { report: 'first=1\n\nlast', rows: '42' },
    state: { id: 'j-1' },
    summary: '<h1>Titles</h1>\n',
  });
  expect(result.environment.TITLES).toBe('many');
  expect(result.environment.PATH).toMatch(/^\/opt\/titles:./);
});

test('the files of a step are its own', async () => {
  const main = "core.setOutput('a', 1); await core.summary.addRaw('a').write();";
  await runMain(main);
  const { outputs, summary } = await runMain('');
  expect([outputs, summary]).toEqual([{}, '']);
});

test('of the variables of this process only the path and the home get through', async () => {
  process.env.TEST_BED_LEAK = 'leaked';
  try {
    const main = "core.setOutput('names', Object.keys(process.env).join(' '));";
    const { outputs } = await runMain(main, { environment: { AWS_REGION: 'eu-west-1' } });
    expect(outputs.names).not.toContain('TEST_BED_LEAK');
    expect(outputs.names?.split(' ')).toEqual(
      expect.arrayContaining(['AWS_REGION', 'PATH', 'GITHUB_ACTIONS']),
    );
  } finally {
    delete process.env.TEST_BED_LEAK;
  }
});

test('hides masked values in log, annotations and summary, but not in outputs', async () => {
  const result = await runMain(`
    core.info('before: secret-1');
    core.setSecret('secret-1');
    core.setSecret('first line\\nsecond line');
    console.log('out: secret-1, second line');
    console.error('err: first line');
    core.error('error: secret-1');
    core.setOutput('value', 'secret-1');
    await core.summary.addRaw('summary: secret-1').write();`);
  expect(result.masks).toEqual(['secret-1', 'first line\nsecond line', 'first line', 'second line']);
  expect(result.log.split('\n')).toEqual(
    expect.arrayContaining([
      'before: secret-1',
      '::add-mask::***',
      'out: ***, ***',
      'err: ***',
      '::error::error: ***',
    ]),
  );
  expect(result.annotations).toEqual([{ level: 'error', message: 'error: ***' }]);
  expect(result.summary).toBe('summary: ***');
  expect(result.outputs).toEqual({ value: 'secret-1' });
});

test('reads annotations with their places, and groups', async () => {
  const result = await runMain(`
    core.error('two\\nlines: 100%', { file: 'sql/a,b:c%3A.sql', startLine: 7, startColumn: 3, title: 'Not valid' });
    core.warning('careful');
    core.notice('a::b');
    await core.group('Rows', () => core.info('42'));
    console.log('::stop-commands::mark');
    core.error('only text');
    console.log('::mark::');
    process.stdout.write('::error file=x.sql,line=2::no end of line');
    process.exitCode = 3;`);
  expect(result.exitCode).toBe(3);
  expect(result.annotations).toEqual([
    {
      level: 'error',
      message: 'two\nlines: 100%',
      title: 'Not valid',
      file: 'sql/a,b:c%3A.sql',
      line: 7,
      column: 3,
    },
    { level: 'warning', message: 'careful' },
    { level: 'notice', message: 'a::b' },
    { level: 'error', message: 'no end of line', file: 'x.sql', line: 2 },
  ]);
  expect(result.log).toContain('::group::Rows\n42\n::endgroup::');
});

test('post gets the state, the variables and the masks of a main that failed', async () => {
  const action = await makeAction({
    main: "core.saveState('id', 'j-1'); core.exportVariable('SET', 'x'); core.setSecret('hush'); core.setFailed('no');",
    post: "core.info('hush'); core.setOutput('seen', core.getState('id') + process.env.SET + core.getInput('in'));",
  });
  const { main, post } = await runAction({ folder: action, work, inputs: { in: 'put' } });
  expect(main.exitCode).toBe(1);
  expect(post).toMatchObject({ exitCode: 0, outputs: { seen: 'j-1xput' }, log: '***' });
});

/** As a real action has it: one bundle for both phases, which tells them by its own state. */
async function makeOneBundle(main: string, post: string): Promise<string> {
  const action = await makeAction({
    main: `if (core.getState('isPost') === 'true') {${post}} else { core.saveState('isPost', 'true'); ${main} }`,
  });
  const definition = await readFile(join(action, 'action.yml'), 'utf8');
  await writeFile(join(action, 'action.yml'), `${definition}  post: dist/index.js\n`);
  return action;
}

test('main and post may be one bundle, which tells them by its state', async () => {
  const action = await makeOneBundle(
    "core.saveState('cluster id', 'j-1'); core.setOutput('phase', 'main');",
    "core.setOutput('phase', 'post'); core.setOutput('states', JSON.stringify(Object.entries(process.env).filter(([name]) => name.startsWith('STATE_'))));",
  );
  const { main, post } = await runAction({ folder: action, work });
  expect(main.outputs).toEqual({ phase: 'main' });
  expect(post?.outputs.phase).toBe('post');
  expect(JSON.parse(post?.outputs.states ?? '')).toEqual(
    expect.arrayContaining([
      ['STATE_isPost', 'true'],
      ['STATE_cluster id', 'j-1'],
    ]),
  );
});

test('post runs after a main that was killed, with the state that was saved before', async () => {
  const action = await makeOneBundle(
    "core.saveState('id', 'j-1'); process.kill(process.pid, 'SIGKILL'); core.saveState('id', 'j-2');",
    "core.setOutput('id', core.getState('id'));",
  );
  const { main, post } = await runAction({ folder: action, work });
  expect(main).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect(post).toMatchObject({ exitCode: 0, outputs: { id: 'j-1' } });
});

test("the step's variables reach main and post, those of GitHub's token service among them", async () => {
  const names = ['TITLES', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
  const show = `for (const name of ${JSON.stringify(names)}) core.setOutput(name, process.env[name] ?? 'none');`;
  const environment = {
    TITLES: 'many',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/token?x=1',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
  };
  const { main, post } = await runAction({ folder: await makeOneBundle(show, show), work, environment });
  expect([main.outputs, post?.outputs]).toEqual([environment, environment]);
});

test('the program that runs the script can be another one, in both phases', async () => {
  const node = join(folder, 'other-node');
  await writeFile(node, `#!/bin/sh\nOTHER_NODE=yes exec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  const show = "core.setOutput('other', process.env.OTHER_NODE ?? 'no');";
  const action = await makeOneBundle(show, show);
  const { main, post } = await runAction({ folder: action, work, node });
  expect([main.outputs, post?.outputs]).toEqual([{ other: 'yes' }, { other: 'yes' }]);
  expect((await runAction({ folder: action, work })).main.outputs).toEqual({ other: 'no' });
});

test('a program that is not there is told', async () => {
  const action = await makeAction({ main: '' });
  const start = startAction({ folder: action, work, node: join(folder, 'no-node') });
  await expect(start).rejects.toThrow(/index\.js could not be started \(.*ENOENT/);
});

test('cancelling sends SIGINT, and a main that heeds it ends in its own way', async () => {
  const action = await makeAction({
    main: `
      process.once('SIGINT', () => { core.saveState('ended', 'yes'); process.exit(130); });
      setInterval(() => {}, 1000); core.info('ready');`,
    post: "core.setOutput('seen', core.getState('ended'));",
  });
  const running = await startAction({ folder: action, work, times: quick });
  expect(await running.logged('ready')).toBe(true);
  const result = await running.cancel();
  expect([result.exitCode, result.signal]).toEqual([130, null]);
  expect((await runPost({ folder: action, work }, result)).outputs).toEqual({ seen: 'yes' });
});

test('one that does not heed SIGINT gets SIGTERM', async () => {
  const main = `process.on('SIGINT', () => core.info('interrupted'));
    setInterval(() => {}, 1000); core.info('ready');`;
  const running = await startAction({ folder: await makeAction({ main }), work, times: quick });
  await running.logged('ready');
  const start = performance.now();
  const result = await running.cancel();
  expect([result.signal, result.log]).toEqual(['SIGTERM', 'ready\ninterrupted']);
  expect(performance.now() - start).toBeGreaterThan(quick.interruptMilliseconds - 10);
});

test('one that heeds nothing is killed with what it started, and its state reaches post', async () => {
  const mark = join(folder, 'a-grandchild');
  const main = `import { spawn } from 'node:child_process';
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => core.info(signal));
    core.saveState('id', 'j-2');
    spawn('sh', ['-c', 'sleep 600; : ${mark}'], { stdio: 'inherit' }).once('spawn', () => core.info('ready'));`;
  const action = await makeAction({ main, post: "core.setOutput('id', core.getState('id'));" });
  const running = await startAction({ folder: action, work, times: quick });
  await running.logged('ready');
  expect(await processesOf(mark)).toHaveLength(1);
  const result = await running.cancel();
  expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL', state: { id: 'j-2' } });
  expect(result.log).toBe('ready\nSIGINT\nSIGTERM');
  expect(await processesOf(mark)).toEqual([]);
  expect((await runPost({ folder: action, work }, result)).outputs).toEqual({ id: 'j-2' });
});

// "Workflow cancellation reference" of GitHub's documentation: 7,500 ms, and then 2,500 ms.
test("the times are the runner's", () => {
  expect(cancelTimes).toEqual({ interruptMilliseconds: 7500, terminateMilliseconds: 2500 });
});

test('a main that ends is told from one that is ready', async () => {
  const running = await startAction({ folder: await makeAction({ main: '' }), work });
  expect(await running.logged('ready')).toBe(false);
});

test('an action gets a token of the issuer, and it is masked', async () => {
  const issuer = await startOidcIssuer();
  try {
    const main = "const token = await core.getIDToken('sts.amazonaws.com'); core.info('token ' + token);";
    const result = await runMain(main, { environment: issuer.environment });
    expect(result.log).toContain('token ***');
    expect(result.masks[0]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  } finally {
    await issuer.stop();
  }
});

test.each([
  ['a=1\nb<<E\nx\n\ny\nE\nc=<<', { a: '1', b: 'x\n\ny', c: '<<' }],
  ['a=b<<c\na=2\r\n', { a: '2' }],
  ['a<<E\nE\n', { a: '' }],
])('the file %j is read', (content, values) => {
  expect(parseCommandFile(content)).toEqual(values);
});

test.each(['a', 'a<<E\nx\n', '=1'])('the file %j is refused', (content) => {
  expect(() => parseCommandFile(content)).toThrow(/^Invalid/);
});

test('a file that cannot be read fails the step with an error', async () => {
  const main = `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.GITHUB_OUTPUT, 'nonsense');`;
  const result = await runMain(main);
  expect(result.exitCode).toBe(1);
  expect(result.annotations).toEqual([{ level: 'error', message: "Invalid format 'nonsense'" }]);
});

test('an action file that is no JavaScript action is refused', async () => {
  const action = await makeAction({ main: '' });
  const definition = await readFile(join(action, 'action.yml'), 'utf8');
  await writeFile(join(action, 'action.yml'), definition.replace('node24', 'composite'));
  await expect(startAction({ folder: action, work })).rejects.toThrow(/using/);
});

/** The processes that name something in their command, zombies aside. */
async function processesOf(text: string): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,stat=,args=', '-ww']);
  return stdout.split('\n').filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line));
}
