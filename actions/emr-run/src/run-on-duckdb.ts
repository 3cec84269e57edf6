import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { exists } from '../../shared/src/files.ts';
import { MANIFEST, readManifest } from '../../shared/src/lake/run.ts';
import { fingerprintOf, runFolderOf, transformVersion } from '../../shared/src/lake/run-id.ts';
import { withWorkFolder } from '../../shared/src/lake/work-folder.ts';
import { installDuckdb } from '../../shared/src/load-duckdb.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import type { TaskResult, TaskRunner } from '../../shared/src/tasks.ts';
import { auditInput, buildRun } from '../../shared/src/transform/build-run.ts';
import { duckdbEngine } from '../../shared/src/transform/duckdb-engine.ts';
import { runLocally } from './local-tasks.ts';
import type { LocalMachine } from './run-on-spark.ts';
import { parseS3Address } from './s3-address.ts';

/** The script's arguments, which are those of the Spark job. */
interface JobArguments {
  readonly input: string;
  readonly output: string;
  readonly runId: string;
  /** Null to make it of the sources' revisions. */
  readonly fingerprint: string | null;
  /** A source's revision by its dataset, in place of the file's MD5. */
  readonly etags: ReadonlyMap<string, string>;
}

/** What lies beside the script. */
interface Companions {
  readonly table: string;
  readonly transformFile: string;
  readonly macrosFile: string;
  readonly datasetsFile: string;
}

/**
 * Runs the SQL file beside a Spark job on DuckDB in this process: with the job's arguments, the run's
 * files and its manifest are those that the job would write. A run whose manifest is there is not
 * written again.
 *
 * @param script the Spark job's path; the SQL file beside it has the same stem.
 * @throws the signal's reason; PipelineError `bad-input` for arguments or files that are not usable, and what audit and engine throw.
 */
export async function runOnDuckdb(
  { script, scriptArguments }: { readonly script: string; readonly scriptArguments: readonly string[] },
  machine: LocalMachine,
  tasks: TaskRunner,
  signal: AbortSignal,
): Promise<void> {
  const path = resolve(machine.workspace, script);
  await runLocally(tasks, async (log) => {
    const job = parseJobArguments(scriptArguments, machine.workspace);
    const companions = await findCompanions(path);
    await installDuckdb(log, signal);
    signal.throwIfAborted();
    return writeRun(job, companions, machine, log, signal);
  });
}

async function writeRun(
  job: JobArguments,
  companions: Companions,
  { temporaryFolder, now }: LocalMachine,
  log: TaskLog,
  signal: AbortSignal,
): Promise<TaskResult<null>> {
  const { input: inputFolder, output: tableFolder, runId } = job;
  const { table, datasetsFile, transformFile } = companions;
  const folder = runFolderOf(tableFolder, runId);
  if (await exists(join(folder, MANIFEST))) {
    const { rows } = await readManifest(folder);
    log.info(`The run ${runId} is in ${folder} already; it is not written again.`);
    return { value: null, detail: `${rows} titles, written before` };
  }
  // Without a manifest it exists for no reader: an attempt that was killed has left it.
  await rm(folder, { recursive: true, force: true });
  return withWorkFolder(join(temporaryFolder, 'duckdb-work'), now(), async (workFolder) => {
    const rejectsFile = join(workFolder, 'rejects.jsonl');
    const { value: audit, detail } = await auditInput({ inputFolder, datasetsFile, rejectsFile }, log);
    log.info(`${detail}.`);
    const sources = audit.sources.map((source) => ({
      ...source,
      etag: job.etags.get(source.dataset) ?? source.etag,
    }));
    const version = transformVersion(await readFile(transformFile, 'utf8'));
    const fingerprint = job.fingerprint ?? fingerprintOf(sources, version);
    const request = { sources, inputFolder, tableFolder, workFolder, rejectsFile };
    const built = await buildRun(duckdbEngine(companions), {
      ...{ ...request, table, runId, fingerprint, now, log, signal },
    });
    return { value: null, detail: built.detail };
  });
}

function parseJobArguments(given: readonly string[], workspace: string): JobArguments {
  const parsed = parseOptions(given);
  const read = (name: 'input' | 'output' | 'run-id'): string => {
    const value = parsed[name];
    if (value === undefined) throw refuseArguments(`--${name} is missing`);
    return value;
  };
  const folder = (name: 'input' | 'output'): string => {
    const value = read(name);
    if (parseS3Address(value) === null) return resolve(workspace, value);
    throw refuseArguments(`--${name} is ${value}; DuckDB reads and writes folders of this machine`);
  };
  const runId = read('run-id');
  if (!/^[\w.=-]+$/.test(runId)) throw refuseArguments(`--run-id ${runId} cannot be part of a folder's name`);
  const etags = new Map<string, string>();
  for (const pair of parsed.etag ?? []) {
    const separator = pair.indexOf('=');
    if (separator < 1) throw refuseArguments(`--etag ${pair} is not DATASET=VALUE`);
    etags.set(pair.slice(0, separator), pair.slice(separator + 1));
  }
  const fingerprint = parsed.fingerprint ?? null;
  return { input: folder('input'), output: folder('output'), runId, fingerprint, etags };
}

function parseOptions(given: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...given],
      options: {
        input: text,
        output: text,
        'run-id': text,
        fingerprint: text,
        etag: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw refuseArguments(messageOf(error), error);
  }
}

async function findCompanions(script: string): Promise<Companions> {
  const folder = dirname(script);
  const table = basename(script, extname(script));
  const names = await readdir(folder).catch((error: unknown) => {
    throw refuseFiles(folder, messageOf(error), error);
  });
  const need = (name: string): string => {
    if (names.includes(name)) return join(folder, name);
    throw refuseFiles(folder, `${name} is missing`);
  };
  const datasets = names.filter((name) => name.endsWith('_datasets.json'));
  const [datasetsName] = datasets;
  if (datasetsName === undefined || datasets.length > 1) {
    throw refuseFiles(folder, `one *_datasets.json is needed, there are ${datasets.length}`);
  }
  return {
    table,
    transformFile: need(`${table}.sql`),
    macrosFile: need('duckdb_macros.sql'),
    datasetsFile: need(datasetsName),
  };
}

function refuseArguments(why: string, cause?: unknown): PipelineError {
  const next =
    'Give --input FOLDER, --output FOLDER and --run-id ID, each on lines of its own; --fingerprint and --etag may follow.';
  return refusal('The job cannot be run on DuckDB', 'input script-args', why, next, cause);
}

function refuseFiles(where: string, why: string, cause?: unknown): PipelineError {
  const next =
    'Put the SQL file of the same name, duckdb_macros.sql and *_datasets.json beside the script, or take the engine spark.';
  return refusal('The job cannot be run on DuckDB', where, why, next, cause);
}

function refusal(what: string, where: string, why: string, next: string, cause: unknown): PipelineError {
  return new PipelineError(
    { kind: 'bad-input', what, where, why, done: 'Nothing was started.', next },
    { cause },
  );
}
