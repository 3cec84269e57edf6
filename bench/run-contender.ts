import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createRunId,
  fingerprintOf,
  runFolderOf,
  transformVersion,
} from '../actions/shared/src/lake/run-id.ts';
import { submitSpark, withJava } from '../actions/shared/src/spark/spark-submit.ts';
import { duckdbEngine } from '../actions/shared/src/transform/duckdb-engine.ts';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { sparkEngine } from '../actions/shared/src/transform/spark-engine.ts';
import type { TransformEngine } from '../actions/shared/src/transform/transform.ts';
import { projectFiles } from '../cli/project-files.ts';
import { readAudit } from './bench-data.ts';
import { CONTENDERS, type Contender, type ContenderResult } from './contenders.ts';
import { parseFloor, writeFloor } from './floors.ts';
import { createStopwatch } from './stopwatch.ts';

// One contender, run once, in a process of its own so that its memory can be measured:
//   node run-contender.js CONTENDER DATA AUDIT-FILE WORK REFERENCE

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const files = projectFiles(root);
const log = { info: () => {}, progress: () => {} };
const environment = () => ensurePythonEnvironment(files.pythonEnvironment, [files.sparkRequirements], log);

/** Runs an engine as the pipeline does, after the audit. */
async function runEngine(
  engine: TransformEngine,
  data: string,
  auditFile: string,
  work: string,
): Promise<string> {
  const sources = await readAudit(auditFile);
  const now = () => new Date();
  const fingerprint = fingerprintOf(sources, transformVersion(await readFile(files.transform, 'utf8')));
  const runId = createRunId(now(), fingerprint);
  const tableFolder = join(work, 'imdb_titles');
  await engine({
    sources,
    inputFolder: data,
    tableFolder,
    workFolder: work,
    rejectsFile: join(work, 'rejects.jsonl'),
    table: 'imdb_titles',
    runId,
    fingerprint,
    now,
    log,
  });
  return runFolderOf(tableFolder, runId);
}

/** Runs the naive plan with the same settings of Spark as the Spark engine has. */
async function runNaive(data: string, work: string): Promise<string> {
  const signal = new AbortController().signal;
  const folder = join(work, 'naive');
  const script = join(root, 'bench', 'naive_imdb_titles.py');
  const job = {
    arguments: [script, '--input', data, '--output', folder],
    workFolder: work,
    variables: { ...(await withJava(await environment(), signal)), SPARK_LOCAL_IP: '127.0.0.1' },
    signal,
    onLine: () => {},
  };
  const next = 'Mend what the exception names and run again.';
  await submitSpark(job, { what: 'The naive plan did not finish', where: script, done: '', next });
  return folder;
}

async function run(
  contender: Contender,
  data: string,
  auditFile: string,
  work: string,
  reference: string,
): Promise<ContenderResult> {
  const { steps, onStep, stop } = createStopwatch(() => performance.now() / 1000);
  const { transform: transformFile, macros: macrosFile, sparkScript: script } = files;
  let folder: string | null = null;
  switch (contender) {
    case 'parse':
      await parseFloor(await readAudit(auditFile), work, onStep);
      break;
    case 'write':
      await writeFloor(reference, join(work, 'written'), onStep);
      break;
    case 'duckdb':
      folder = await runEngine(duckdbEngine({ transformFile, macrosFile, onStep }), data, auditFile, work);
      break;
    case 'spark':
      folder = await runEngine(sparkEngine({ script, environment }), data, auditFile, work);
      break;
    case 'naive':
      folder = await runNaive(data, work);
      break;
    case 'polars':
      throw new Error('Polars is a Python program, and is run without this one');
  }
  stop();
  return { folder, steps };
}

const [name, data = '', auditFile = '', work = '', reference = ''] = process.argv.slice(2);
const contender = CONTENDERS.find((known) => known === name);
if (contender === undefined) throw new Error(`there is no contender ${name}`);
console.log(JSON.stringify(await run(contender, data, auditFile, work, reference)));
