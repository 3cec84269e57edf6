import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readOutputManifest } from '../../actions/emr-run/src/output-manifest.ts';
import { runOnDuckdb } from '../../actions/emr-run/src/run-on-duckdb.ts';
import { type LocalMachine, runOnSpark } from '../../actions/emr-run/src/run-on-spark.ts';
import type { Job, Step } from '../../actions/emr-run/src/steps.ts';
import { readManifest } from '../../actions/shared/src/lake/run.ts';
import { runProgram } from '../../actions/shared/src/spark/run-program.ts';
import { createTaskRunner } from '../../actions/shared/src/tasks.ts';
import { generateDataset } from '../../bench/generate-dataset.ts';
import { isAlive, until } from '../aws/emr-clusters.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files, root } from '../project.ts';
import { readDuckdb } from '../read-titles.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { collectTasks } from './collect-log.ts';

const folder = await temporaryFolder();
const never = new AbortController().signal;
const TASKS = [
  ['upload_spark_script_to_s3', 'skipped'],
  ['create_emr_cluster', 'skipped'],
  ['add_spark_steps', 'skipped'],
  ['watch_spark_steps', 'succeeded'],
  ['terminate_emr_cluster', 'skipped'],
];

/** This machine; `path` comes first on its path, before what the tests themselves find programs by. */
function machine(path: readonly string[] = []): LocalMachine {
  return {
    workspace: root,
    toolFolder: join(folder, 'tools'),
    temporaryFolder: join(folder, 'temporary'),
    variables: { ...process.env, PATH: [...path, process.env.PATH ?? ''].join(delimiter) },
    now: () => new Date(),
  };
}

// Where the packages of requirements.txt would be installed is the environment that has them already.
beforeAll(async () => {
  await mkdir(join(folder, 'tools', 'imdb-titles'), { recursive: true });
  await symlink(files.pythonEnvironment, join(folder, 'tools', 'imdb-titles', 'spark'));
});

function job(steps: readonly (readonly string[])[], scripts: readonly string[] = []): Job {
  return {
    steps: steps.map(
      (line, index): Step => ({ name: `step ${index + 1}`, jar: 'command-runner.jar', arguments: line }),
    ),
    files: scripts.map((path) => ({ path, uri: path })),
  };
}

/** A killed process closes its outputs a moment before it is gone. */
async function expectGone(id: number): Promise<void> {
  const gone = until(() => Promise.resolve(isAlive(id) ? undefined : 'gone'), `the end of ${id}`, 5);
  expect(await gone).toBe('gone');
}

describe('a program', () => {
  const program = (line: string, signal = never, onLine: (line: string) => void = () => {}) =>
    runProgram({ command: 'bash', arguments: ['-c', line], variables: process.env, signal, onLine });

  test('gives its lines as they come, its code and its last lines', async () => {
    const lines: string[] = [];
    const end = await program('echo out; echo err >&2; exit 3', never, (line) => lines.push(line));
    expect(end).toEqual({ code: 3, endedBy: null, stdout: ['out'], stderr: ['err'] });
    expect(lines.toSorted()).toEqual(['err', 'out']);
  });

  test('that is not there is told', async () => {
    const request = { arguments: [], variables: process.env, signal: never, onLine: () => {} };
    await expect(runProgram({ ...request, command: 'no-such-program' })).rejects.toMatchObject({
      failure: { kind: 'bad-input', where: 'no-such-program' },
    });
  });

  test.each([
    ['ends at SIGTERM', ''],
    ['pays SIGTERM no heed', "trap '' TERM;"],
  ])('that %s is ended with all it started when the signal aborts', async (_name, trap) => {
    const controller = new AbortController();
    const ids: number[] = [];
    const line = `${trap} sleep 600 & echo $!; echo $$; while :; do sleep 0.1; done`;
    const running = program(line, controller.signal, (id) => {
      ids.push(Number(id));
      if (ids.length === 2) controller.abort(new Error('cancelled now'));
    });
    await expect(running).rejects.toThrow('cancelled now');
    expect(ids).toHaveLength(2);
    for (const id of ids) await expectGone(id);
  });

  test('that ends leaves nothing running behind', async () => {
    const { stdout, code } = await program('sleep 600 & echo $!');
    expect(code).toBe(0);
    await expectGone(Number(stdout[0]));
  });
});

describe('steps on this machine', () => {
  test('run in order, each line in the log, credentials masked', async () => {
    const { tasks, lines } = collectTasks();
    const file = join(folder, 'order');
    const steps = job([
      ['bash', '-c', `echo one > ${file}; echo password=abc`],
      ['bash', '-c', `echo two >> ${file}; pwd`],
    ]);
    await runOnSpark(steps, machine(), tasks, never);
    expect(await readFile(file, 'utf8')).toBe('one\ntwo\n');
    expect(lines).toEqual(['Step "step 1", 1 of 2.', 'password=***', 'Step "step 2", 2 of 2.', root]);
    expect(tasks.reports.map(({ name, state }) => [name, state])).toEqual(TASKS);
    expect(await readdir(join(folder, 'temporary', 'spark-work'))).toEqual([]);
  });

  test('end with the one that fails', async () => {
    const file = join(folder, 'never');
    const { tasks } = collectTasks();
    const steps = job([
      ['bash', '-c', 'echo reason >&2; exit 4'],
      ['touch', file],
    ]);
    await expect(runOnSpark(steps, machine(), tasks, never)).rejects.toMatchObject({
      failure: {
        kind: 'failed-infra',
        what: 'A step failed',
        where: 'step "step 1" on this machine',
        why: 'bash ended with code 4\n         reason',
      },
    });
    await expect(readFile(file)).rejects.toThrow('ENOENT');
    expect(tasks.reports.at(-1)).toMatchObject({ name: 'watch_spark_steps', state: 'failed' });
  });

  test('tell their own failure', async () => {
    const told = { kind: 'failed-data', what: 'a', where: 'b', why: 'c', done: 'd', next: 'e' };
    const line = `echo 'failure: ${JSON.stringify(told)}'; echo x.y.OtherException >&2; exit 1`;
    const running = runOnSpark(job([['bash', '-c', line]]), machine(), collectTasks().tasks, never);
    await expect(running).rejects.toMatchObject({ failure: told });
  });

  test('of spark-submit take the one on the path, on all processors of this machine', async () => {
    const programs = join(folder, 'programs');
    await mkdir(programs);
    await writeFile(join(programs, 'spark-submit'), '#!/bin/sh\necho "$@"\n');
    await chmod(join(programs, 'spark-submit'), 0o755);
    const { tasks, lines } = collectTasks();
    await runOnSpark(job([['spark-submit', 'a.py', '--x', '1']]), machine([programs]), tasks, never);
    expect(lines[1]).toMatch(/^--master local\[\*\] --conf .* a\.py --x 1$/);
  });

  test('of spark-submit without a Spark tell what to write where', async () => {
    const script = join(folder, 'lonely', 'job.py');
    const bare = { ...machine(), variables: { PATH: join(folder, 'nowhere') } };
    const running = runOnSpark(job([['spark-submit', script]], [script]), bare, collectTasks().tasks, never);
    await expect(running).rejects.toMatchObject({
      failure: { kind: 'bad-input', where: join(folder, 'lonely', 'requirements.txt') },
    });
  });
});

describe('IMDb', () => {
  const runId = 'run-7';
  const outputs = { spark: join(folder, 'lake-spark'), duckdb: join(folder, 'lake-duckdb') };
  // Both engines make the fingerprint of them, each in its own language.
  const etags = ['title.basics=abc', 'title.crew=def', 'title.ratings=0-2', 'name.basics=ghi'].flatMap(
    (etag) => ['--etag', etag],
  );
  const given = (output: string, input = files.sample) => [
    ...['--input', input, '--output', output, '--run-id', runId, ...etags],
  ];
  const runDuckdb = async (scriptArguments: readonly string[], script = files.sparkScript) => {
    const { tasks, lines } = collectTasks();
    await runOnDuckdb({ script, scriptArguments }, machine(), tasks, never);
    return { tasks, lines };
  };
  const runFolder = (engine: keyof typeof outputs) => join(outputs[engine], `run=${runId}`);

  beforeAll(async () => {
    const { tasks } = collectTasks();
    const submit = ['spark-submit', '--deploy-mode', 'client', files.sparkScript, ...given(outputs.spark)];
    await runOnSpark(job([submit], [files.sparkScript]), machine(), tasks, never);
    expect(
      (await runDuckdb(given(outputs.duckdb))).tasks.reports.map(({ name, state }) => [name, state]),
    ).toEqual(TASKS);
  });

  test('gives the same rows and the same manifest on both engines', async () => {
    const read = (engine: keyof typeof outputs) =>
      `read_parquet('${join(runFolder(engine), '*.parquet')}', hive_partitioning = false)`;
    const [one, other] = [read('spark'), read('duckdb')];
    const { rows } = await readDuckdb(
      `SELECT (SELECT count(*) FROM ${one}), (SELECT count(*) FROM (FROM ${one} EXCEPT ALL FROM ${other})),
              (SELECT count(*) FROM (FROM ${other} EXCEPT ALL FROM ${one}))`,
    );
    expect(rows).toEqual([[expectedSampleCounts.titles, 0, 0]]);
    const [spark, duckdb] = await Promise.all([
      readManifest(runFolder('spark')),
      readManifest(runFolder('duckdb')),
    ]);
    for (const name of ['run_id', 'fingerprint', 'table', 'rows', 'schema', 'metrics', 'rejects'] as const) {
      expect(duckdb[name]).toEqual(spark[name]);
    }
    expect(duckdb.fingerprint).not.toBe(runId);
    expect(duckdb.sources[0]?.etag).toBe('abc');
    expect(await readOutputManifest(join(runFolder('duckdb'), 'manifest.json'), null, never)).toEqual({
      rows: expectedSampleCounts.titles,
    });
    expect(await readdir(join(folder, 'temporary', 'duckdb-work'))).toEqual([]);
  });

  test('writes a run that is there not again, and one that was broken off anew', async () => {
    const manifest = join(runFolder('duckdb'), 'manifest.json');
    const before = await readFile(manifest, 'utf8');
    const { lines, tasks } = await runDuckdb(given(outputs.duckdb));
    expect(lines).toEqual([
      `The run ${runId} is in ${runFolder('duckdb')} already; it is not written again.`,
    ]);
    expect(tasks.reports[3]?.detail).toBe(`${expectedSampleCounts.titles} titles, written before`);
    expect(await readFile(manifest, 'utf8')).toBe(before);
    await rm(manifest);
    await runDuckdb(given(outputs.duckdb));
    expect(JSON.parse(await readFile(manifest, 'utf8'))).toMatchObject({ rows: expectedSampleCounts.titles });
  });

  test('is not written again by Spark either, and anew when it was broken off', async () => {
    const submit = ['spark-submit', files.sparkScript, ...given(outputs.spark)];
    const run = async () => {
      const { tasks, lines } = collectTasks();
      await runOnSpark(job([submit], [files.sparkScript]), machine(), tasks, never);
      return lines.join('\n');
    };
    expect(await run()).toContain(`${runFolder('spark')} is whole already; it is not written again.`);
    await rm(join(runFolder('spark'), 'manifest.json'));
    await writeFile(join(runFolder('spark'), 'part-of-a-killed-attempt.parquet'), 'half');
    await run();
    expect((await readManifest(runFolder('spark'))).rows).toBe(expectedSampleCounts.titles);
    expect(await readdir(runFolder('spark'))).not.toContain('part-of-a-killed-attempt.parquet');
  });

  test('tells a data failure as the Spark job does, and leaves no folder', async () => {
    const input = join(folder, 'doubled');
    await cp(files.sample, input, { recursive: true });
    const crew = join(input, 'title.crew.tsv');
    await writeFile(crew, `${await readFile(crew, 'utf8')}tt5071412\t\\N\t\\N\n`);
    const output = join(folder, 'lake-doubled');
    await expect(runDuckdb(given(output, input))).rejects.toMatchObject({
      failure: { kind: 'failed-data', what: 'title.crew holds 1 keys more than once' },
    });
    await expect(readdir(output)).rejects.toThrow('ENOENT');
  });

  test.each([
    [['--output', 'o', '--run-id', 'r'], /--input is missing/],
    [['--input', 's3://a/b', '--output', 'o', '--run-id', 'r'], /s3:\/\/a\/b/],
    [['--input', 'i', '--output', 'o', '--run-id', '../r'], /\.\.\/r/],
    [['--input', 'i', '--output', 'o', '--run-id', 'r', '--etag', 'x'], /DATASET=VALUE/],
    [['--inptu', 'i'], /--inptu/],
    [['i'], /'i'/],
  ])('refuses the arguments %j', async (scriptArguments, why) => {
    await expect(runDuckdb(scriptArguments)).rejects.toMatchObject({
      failure: { kind: 'bad-input', where: 'input script-args', why: expect.stringMatching(why) },
    });
  });

  test('stops DuckDB in the middle when the signal aborts, and leaves no run', async () => {
    const input = join(folder, 'large');
    await mkdir(input);
    await generateDataset({ directory: input, titles: 200_000, seed: 5, gzip: false });
    const controller = new AbortController();
    const log = {
      info: (line: string) => {
        // The transform comes next, and takes longer.
        if (line.includes('records in 4 files')) {
          setTimeout(() => controller.abort(new Error('cancelled now')), 50);
        }
      },
      progress: () => {},
    };
    const tasks = createTaskRunner({ taskStarted: () => log, taskEnded: () => {} }, () => 0);
    const output = join(folder, 'lake-stopped');
    const stopped = { script: files.sparkScript, scriptArguments: given(output, input) };
    await expect(runOnDuckdb(stopped, machine(), tasks, controller.signal)).rejects.toThrow('cancelled now');
    expect(await readdir(output).catch(() => [])).toEqual([]);
  });

  test('refuses a script without its SQL file', async () => {
    const alone = join(folder, 'alone');
    await mkdir(alone);
    await cp(files.datasets, join(alone, 'imdb_datasets.json'));
    await expect(runDuckdb(given('o'), join(alone, 'job.py'))).rejects.toMatchObject({
      failure: { kind: 'bad-input', where: alone, why: 'job.sql is missing' },
    });
  });
});

test("Spark's own exception is told", async () => {
  const script = join(folder, 'reads.py');
  await cp(files.sparkRequirements, join(folder, 'requirements.txt'));
  await writeFile(
    script,
    'from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().read.parquet("/no/such/place")\n',
  );
  const { tasks } = collectTasks();
  await expect(
    runOnSpark(job([['spark-submit', script]], [script]), machine(), tasks, never),
  ).rejects.toMatchObject({
    failure: {
      kind: 'failed-infra',
      why: expect.stringMatching(
        /^pyspark\.errors\.\S*AnalysisException: \[PATH_NOT_FOUND\].*\/no\/such\/place/,
      ),
    },
  });
});

test('installing Spark ends with the signal', async () => {
  const bin = join(folder, 'slow-python');
  const script = join(folder, 'slow', 'job.py');
  const idFile = join(folder, 'slow', 'id');
  await mkdir(bin);
  await mkdir(join(folder, 'slow'));
  await writeFile(join(folder, 'slow', 'requirements.txt'), 'pyspark\n');
  const python = `#!/bin/sh\n[ "$1" = -c ] && exec echo 3 11\necho $$ > ${idFile}\nexec sleep 300\n`;
  await writeFile(join(bin, 'python3'), python, { mode: 0o755 });
  const controller = new AbortController();
  const { tasks } = collectTasks();
  const { PATH } = process.env;
  process.env.PATH = [bin, PATH].join(delimiter);
  try {
    const ended = runOnSpark(
      job([['spark-submit', script]], [script]),
      { ...machine(), toolFolder: join(folder, 'slow-tools') },
      tasks,
      controller.signal,
    );
    // The file is there a moment before its text.
    const told = () =>
      readFile(idFile, 'utf8').then(
        (text) => Number(text) || undefined,
        () => undefined,
      );
    const id = await until(told, 'the installing', 30);
    controller.abort(new Error('cancelled now'));
    await expect(ended).rejects.toThrow('cancelled now');
    await expectGone(id);
  } finally {
    process.env.PATH = PATH;
  }
});
