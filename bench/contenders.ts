import { join } from 'node:path';
import { z } from 'zod';
import type { PythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';

/** The names of what is measured, in the order in which each round runs them. */
export const CONTENDERS = ['parse', 'duckdb', 'write', 'polars', 'spark', 'naive'] as const;

/** One of what is measured. */
export type Contender = (typeof CONTENDERS)[number];

/** What the printed table calls them. */
export const LABELS: Readonly<Record<Contender, string>> = {
  parse: 'parse only (DuckDB)',
  duckdb: 'DuckDB engine',
  write: 'write only (DuckDB)',
  polars: 'Polars, by hand',
  spark: 'Spark engine',
  naive: 'naive Spark plan',
};

/** Those that must give the same rows as the DuckDB engine. The naive plan cannot: see its file. */
export const SAME_ROWS = ['polars', 'spark'] as const;

/** Where a contender reads and writes. */
export interface ContenderFolders {
  /** The four files. */
  readonly data: string;
  /** What the audit said of them, as JSON. */
  readonly auditFile: string;
  /** A folder that is there and empty. */
  readonly work: string;
  /** The Parquet files that the DuckDB engine has written, for `write`. */
  readonly reference: string;
}

/** Where the benchmark's programs lie: the Python ones beside the source, the built ones in lib. */
export interface Programs {
  readonly benchFolder: string;
  readonly builtFolder: string;
  readonly python: PythonEnvironment;
}

/** The command that runs a contender once. Its output's last line is a {@link ContenderResult}. */
export function commandOf(
  contender: Contender,
  { data, auditFile, work, reference }: ContenderFolders,
  { benchFolder, builtFolder, python }: Programs,
): readonly string[] {
  if (contender === 'polars') {
    const script = join(benchFolder, 'polars_imdb_titles.py');
    return [join(python.programs, 'python'), script, '--input', data, '--output', join(work, 'polars')];
  }
  const script = join(builtFolder, 'run-contender.js');
  return [process.execPath, script, contender, data, auditFile, work, reference];
}

/** What a contender tells of itself when it has ended. */
export const contenderResultSchema = z.object({
  /** The folder of the Parquet files; null when it wrote none that are worth a look. */
  folder: z.string().nullable(),
  /** Seconds of its steps by their names. */
  steps: z.record(z.string(), z.number()),
});

/** What a contender tells of itself when it has ended. */
export type ContenderResult = z.infer<typeof contenderResultSchema>;
