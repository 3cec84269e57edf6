import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const datasetsSchema = z.record(z.string(), z.array(z.string()).min(1));

/** One of IMDb's datasets: its name, for example `title.basics`, and its columns in order. */
export interface Dataset {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Reads the datasets that the transform joins; the Spark job reads the same file. */
export async function readDatasets(path: string): Promise<readonly Dataset[]> {
  const columnsByName = datasetsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return Object.entries(columnsByName).map(([name, columns]) => ({ name, columns }));
}
