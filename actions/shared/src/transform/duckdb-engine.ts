import { readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryDuckdb, queryWithProgress } from '../duckdb.ts';
import { PipelineError } from '../errors.ts';
import { interruptible } from '../interruptible.ts';
import type { Manifest, OutputFile } from '../lake/manifest.ts';
import { createRunFolder, writeManifest } from '../lake/run.ts';
import { transformVersion } from '../lake/run-id.ts';
import { loadDuckdb } from '../load-duckdb.ts';
import { quoteIdentifier, quoteLiteral } from '../sql-text.ts';
import type { TaskLog } from '../task-log.ts';
import { countDoubledKeys, createSourceView, createUniqueView } from './duckdb-sources.ts';
import {
  countParts,
  createTransformViews,
  type DuckdbTransform,
  keepBilled,
  sumMetrics,
} from './duckdb-transform.ts';
import type { TransformEngine, TransformRequest } from './transform.ts';

/** Redshift loads files of 64 MB to 1 GB best, and splits those of 128 MB and more among its slices. */
const FILE_SIZE = '256MB';
const REJECTS = 'rejects.jsonl';

const CONTRACT_TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'varchar',
  BOOLEAN: 'boolean',
  INTEGER: 'integer',
  DOUBLE: 'double',
};

/** The transform's SQL and the macros that let DuckDB run it. */
export interface DuckdbEngineOptions {
  readonly transformFile: string;
  readonly macrosFile: string;
  /** Called as each step begins, for those who time them. */
  readonly onStep?: (step: DuckdbStep) => void;
}

/** The engine's steps, in order. */
export type DuckdbStep = 'sources' | 'names' | 'write' | 'measures';

/** The engine that runs the transform in this process, with DuckDB. */
export function duckdbEngine(options: DuckdbEngineOptions): TransformEngine {
  return async (request) => {
    const instance = await loadDuckdb().DuckDBInstance.create(':memory:', {
      temp_directory: join(request.workFolder, 'spill'),
      // Rows come in any order: keeping one would cost memory and mean nothing.
      preserve_insertion_order: 'false',
    });
    const connection = await instance.connect();
    try {
      return await interruptible(connection, request.signal, () => build(connection, request, options));
    } catch (error) {
      // An interrupted statement only says that it was interrupted.
      request.signal?.throwIfAborted();
      throw error;
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };
}

/** Builds the run, from the sources to its manifest. */
async function build(
  connection: DuckDBConnection,
  request: TransformRequest,
  { transformFile, macrosFile, onStep = () => {} }: DuckdbEngineOptions,
): Promise<Manifest> {
  const text = await readFile(transformFile, 'utf8');
  // DuckDB only counts its progress when it may show it; it may count, and shows nothing.
  await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false');
  await connection.run(await readFile(macrosFile, 'utf8'));
  onStep('sources');
  let doubledNames = 0;
  for (const source of request.sources) {
    await createSourceView(connection, source, request.workFolder);
    const doubled = await countDoubledKeys(connection, source);
    if (doubled > 0) await createUniqueView(connection, source);
    doubledNames += doubled;
  }
  const transform = await createTransformViews(connection, text);
  onStep('names');
  const crew = request.sources.find(({ dataset }) => dataset === 'title.crew');
  const parts = await countParts(connection, crew?.rows ?? 0);
  for (const statement of keepBilled(parts)) await queryWithProgress(connection, statement, request.log);
  onStep('write');
  const folder = await createRunFolder(request.tableFolder, request.runId);
  const files = await writeParquet(connection, transform, folder, request.log);
  onStep('measures');
  const measured = await measureRun(
    connection,
    transform,
    files.map(({ path }) => join(folder, path)),
  );
  refuseLostTitles(request, measured.rows);
  return finishRun(request, folder, {
    transform_version: transformVersion(text),
    files,
    ...measured,
    metrics: { ...measured.metrics, doubled_names: doubledNames },
  });
}

/** Reads the run's files back: what is told of the table is true of what lies there. */
async function measureRun(
  connection: DuckDBConnection,
  transform: DuckdbTransform,
  paths: readonly string[],
): Promise<Pick<Manifest, 'rows' | 'schema' | 'metrics'>> {
  const list = paths.map(quoteLiteral).join(', ');
  const measures = transform.columns.map(({ name, type }) =>
    type === 'VARCHAR' ? `coalesce(max(strlen(${quoteIdentifier(name)})), 0)` : 'NULL',
  );
  const { rows } = await queryDuckdb(
    connection,
    `SELECT count(*), ${measures.join(', ')} FROM read_parquet([${list}], hive_partitioning = false)`,
  );
  const [count, ...longest] = (rows[0] ?? []).map((value) => (value === null ? null : Number(value)));
  return {
    rows: count ?? 0,
    schema: transform.columns.map(({ name, type }, index) => ({
      name,
      type: CONTRACT_TYPES[type] ?? type,
      max_bytes: longest[index] ?? null,
    })),
    metrics: await sumMetrics(connection, transform),
  };
}

/** Each good record of title.basics is a row, and nothing else is. */
function refuseLostTitles({ sources }: TransformRequest, rows: number): void {
  const basics = sources.find(({ dataset }) => dataset === 'title.basics');
  if (basics === undefined || rows === basics.rows - basics.rejects) return;
  throw new PipelineError({
    kind: 'failed-infra',
    what: `${basics.dataset} was not read whole`,
    where: basics.path,
    why: `the file holds ${basics.rows - basics.rejects} good records, the run ${rows} rows`,
    done: 'Nothing was published.',
    next: 'Run again; if the file did not change meanwhile, report this as a defect.',
  });
}

/** Puts the refused records and the manifest, which is the last, beside the run's files. */
async function finishRun(
  request: TransformRequest,
  folder: string,
  found: Pick<Manifest, 'transform_version' | 'files' | 'rows' | 'schema' | 'metrics'>,
): Promise<Manifest> {
  const rejects = request.sources.reduce((sum, source) => sum + source.rejects, 0);
  if (rejects > 0) await rename(request.rejectsFile, join(folder, REJECTS));
  const manifest: Manifest = {
    manifest_version: 1,
    table: request.table,
    run_id: request.runId,
    fingerprint: request.fingerprint,
    transform_version: found.transform_version,
    engine: { name: 'duckdb', version: loadDuckdb().version() },
    created_at: request.now().toISOString(),
    source_date: request.sources.map(({ modified }) => modified).reduce((a, b) => (a > b ? a : b)),
    sources: request.sources.map(
      ({ columns: _columns, plain: _plain, uniqueKeys: _uniqueKeys, ...source }) => source,
    ),
    rejects: { total: rejects, path: rejects > 0 ? REJECTS : null },
    schema: found.schema,
    files: found.files,
    rows: found.rows,
    metrics: found.metrics,
  };
  request.signal?.throwIfAborted();
  await writeManifest(folder, manifest);
  return manifest;
}

async function writeParquet(
  connection: DuckDBConnection,
  { select }: DuckdbTransform,
  folder: string,
  log: TaskLog,
): Promise<OutputFile[]> {
  const { rows } = await queryWithProgress(
    connection,
    `COPY (${select}) TO ${quoteLiteral(folder)}
       (FORMAT parquet, COMPRESSION snappy, FILE_SIZE_BYTES '${FILE_SIZE}', FILENAME_PATTERN 'part-{i}', RETURN_STATS true)`,
    log,
  );
  return rows.map(([path, rowCount, bytes]) => ({
    path: basename(String(path)),
    bytes: Number(bytes),
    rows: Number(rowCount),
    etag: null,
  }));
}
