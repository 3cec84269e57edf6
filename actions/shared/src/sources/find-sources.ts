import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, PipelineError } from '../errors.ts';
import type { Dataset } from './datasets.ts';

/** A dataset's file on disk. */
export interface FoundSource {
  readonly dataset: Dataset;
  readonly path: string;
  readonly bytes: number;
  /** When the file was last modified, ISO 8601. */
  readonly modified: string;
}

/**
 * Finds each dataset's file in the folder, as `.tsv` or `.tsv.gz`.
 *
 * @throws PipelineError `bad-input` when the folder or a file cannot be read, is missing, is not a file,
 *   or is there twice.
 */
export async function findSources(folder: string, datasets: readonly Dataset[]): Promise<FoundSource[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw badInput(
      'The input folder cannot be read',
      folder,
      messageOf(error),
      'Check the path and its rights.',
      error,
    );
  });
  return Promise.all(datasets.map((dataset) => findSource(folder, names, dataset)));
}

async function findSource(folder: string, names: readonly string[], dataset: Dataset): Promise<FoundSource> {
  const candidates = [`${dataset.name}.tsv`, `${dataset.name}.tsv.gz`];
  const [name, second] = candidates.filter((candidate) => names.includes(candidate));
  if (name === undefined || second !== undefined) {
    throw badInput(
      `${dataset.name} cannot be read`,
      folder,
      name === undefined ? 'the file is missing' : 'it is there twice, as .tsv and as .tsv.gz',
      `Put exactly one of ${candidates.join(' and ')} into the folder.`,
    );
  }
  const path = join(folder, name);
  try {
    await access(path, constants.R_OK);
    const { size, mtimeMs } = await stat(path);
    return { dataset, path, bytes: size, modified: isoTime(mtimeMs) };
  } catch (error) {
    throw badInput(
      `${dataset.name} cannot be read`,
      path,
      messageOf(error),
      "Check the file's rights.",
      error,
    );
  }
}

/** A `bad-input` failure of a source file. */
export function badInput(
  what: string,
  where: string,
  why: string,
  next: string,
  cause?: unknown,
): PipelineError {
  return new PipelineError(
    { kind: 'bad-input', what, where, why, done: 'Nothing was published.', next },
    { cause },
  );
}

/** A file's time as ISO 8601, cut to the millisecond: Node would round it, Java's file systems cut it. */
export function isoTime(milliseconds: number): string {
  return new Date(Math.floor(milliseconds)).toISOString();
}
