import { readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, version as duckdbVersion } from '@duckdb/node-api';
import { queryDuckdb, runWithProgress } from '../duckdb.ts';
import type { Manifest, OutputFile } from '../lake/manifest.ts';
import { createRunFolder, writeManifest } from '../lake/run.ts';
import { transformVersion } from '../lake/run-id.ts';
import { quoteIdentifier, quoteLiteral } from '../sql-text.ts';
import { checkKeys, createSourceView } from './duckdb-sources.ts';
import type { TransformEngine, TransformRequest } from './transform.ts';

const RESULT = 'transform_result';
const METRIC_PREFIX = 'metric_';
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
}

/** The engine that runs the transform in this process, with DuckDB. */
export function duckdbEngine(options: DuckdbEngineOptions): TransformEngine {
  return async (request) => {
    const transform = await readFile(options.transformFile, 'utf8');
    const instance = await DuckDBInstance.create(':memory:', {
      temp_directory: join(request.workFolder, 'spill'),
      // Rows come in any order: keeping one would cost memory and mean nothing.
      preserve_insertion_order: 'false',
    });
    const connection = await instance.connect();
    try {
      // DuckDB only counts its progress when it may show it; it may count, and shows nothing.
      await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false');
      await connection.run(await readFile(options.macrosFile, 'utf8'));
      let doubledNames = 0;
      for (const source of request.sources) {
        await createSourceView(connection, source, request.workFolder);
        doubledNames += await checkKeys(connection, source);
      }
      await runWithProgress(connection, `CREATE TABLE ${RESULT} AS ${transform}`, request.log);
      return await writeRun(connection, request, doubledNames, transformVersion(transform));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };
}

async function writeRun(
  connection: DuckDBConnection,
  request: TransformRequest,
  doubledNames: number,
  version: string,
): Promise<Manifest> {
  const described = (await queryDuckdb(connection, `DESCRIBE ${RESULT}`)).rows;
  const names = described.map(([name]) => String(name));
  const metricNames = names.filter((name) => name.startsWith(METRIC_PREFIX));
  const columns = described
    .filter(([name]) => !metricNames.includes(String(name)))
    .map(([name, type]) => ({ name: String(name), type: CONTRACT_TYPES[String(type)] ?? String(type) }));

  const folder = await createRunFolder(request.tableFolder, request.runId);
  const files = await writeParquet(
    connection,
    columns.map(({ name }) => name),
    folder,
  );
  const measures = [
    'count(*) AS "rows"',
    ...metricNames.map((name) => `coalesce(sum(${quoteIdentifier(name)}), 0) AS ${quoteIdentifier(name)}`),
    ...columns.map(({ name, type }) =>
      type === 'varchar' ? `coalesce(max(strlen(${quoteIdentifier(name)})), 0)` : 'NULL',
    ),
  ];
  const [measured = []] = (await queryDuckdb(connection, `SELECT ${measures.join(', ')} FROM ${RESULT}`))
    .rows;
  const [rows, ...others] = measured.map((value) => (value === null ? null : Number(value)));

  const rejects = request.sources.reduce((sum, source) => sum + source.rejects, 0);
  if (rejects > 0) await rename(request.rejectsFile, join(folder, REJECTS));
  const manifest: Manifest = {
    manifest_version: 1,
    table: request.table,
    run_id: request.runId,
    fingerprint: request.fingerprint,
    transform_version: version,
    engine: { name: 'duckdb', version: duckdbVersion() },
    created_at: request.now().toISOString(),
    source_date: request.sources.map(({ modified }) => modified).reduce((a, b) => (a > b ? a : b)),
    sources: request.sources.map(({ columns: _columns, plain: _plain, ...source }) => source),
    rejects: { total: rejects, path: rejects > 0 ? REJECTS : null },
    schema: columns.map((column, index) => ({
      ...column,
      max_bytes: others[metricNames.length + index] ?? null,
    })),
    files,
    rows: rows ?? 0,
    metrics: {
      ...Object.fromEntries(
        metricNames.map((name, index) => [name.slice(METRIC_PREFIX.length), others[index] ?? 0]),
      ),
      doubled_names: doubledNames,
    },
  };
  await writeManifest(folder, manifest);
  return manifest;
}

async function writeParquet(
  connection: DuckDBConnection,
  columns: string[],
  folder: string,
): Promise<OutputFile[]> {
  const { rows } = await queryDuckdb(
    connection,
    `COPY (SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${RESULT}) TO ${quoteLiteral(folder)}
       (FORMAT parquet, COMPRESSION snappy, FILE_SIZE_BYTES '${FILE_SIZE}', FILENAME_PATTERN 'part-{i}', RETURN_STATS true)`,
  );
  return rows.map(([path, rowCount, bytes]) => ({
    path: basename(String(path)),
    bytes: Number(bytes),
    rows: Number(rowCount),
  }));
}
