import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, exists } from '../actions/shared/src/files.ts';
import { manifestSchema } from '../actions/shared/src/lake/manifest.ts';
import { type AuditedSource, writePlainCopy } from '../actions/shared/src/sources/audit-source.ts';
import { auditSources } from '../actions/shared/src/sources/audit-sources.ts';
import { readDatasets } from '../actions/shared/src/sources/datasets.ts';
import type { TaskLog } from '../actions/shared/src/task-log.ts';
import { generateDataset } from './generate-dataset.ts';

/** What decides the data's bytes, beside the number of titles. */
const GENERATOR = [
  'awkward-text',
  'generate-dataset',
  'generate-records',
  'generate-text',
  'random',
  'vocabulary',
];
const SEED = 1;
const auditSchema = z.array(
  manifestSchema.shape.sources.element.extend({
    columns: z.array(z.string()),
    plain: z.boolean(),
    uniqueKeys: z.boolean(),
  }),
);
const silent: TaskLog = { info: () => {}, progress: () => {} };

/** Where the data go, and the project's files that they are made by. */
export interface BenchDataOptions {
  /** The folder that keeps data of any size. */
  readonly cacheFolder: string;
  /** The folder of the generator's source. */
  readonly benchFolder: string;
  /** The JSON file of the datasets' names and columns. */
  readonly datasetsFile: string;
  readonly titles: number;
}

/**
 * The folder of four generated files, made when it is not there yet. The generator's faulty records are
 * left out: IMDb's own files hold next to none, and each contender would settle them in its own way.
 */
export async function ensureBenchData(options: BenchDataOptions): Promise<string> {
  const { cacheFolder, benchFolder, datasetsFile, titles } = options;
  const hash = createHash('sha256');
  for (const name of GENERATOR) hash.update(await readFile(join(benchFolder, `${name}.ts`)));
  const folder = join(cacheFolder, `${titles}-titles-${hash.digest('hex').slice(0, 12)}`);
  if (await exists(folder)) return folder;

  await mkdir(cacheFolder, { recursive: true });
  const aside = await mkdtemp(join(cacheFolder, 'making-'));
  try {
    await generateDataset({ directory: aside, titles, seed: SEED, gzip: false });
    const rejectsFile = join(aside, 'rejects.jsonl');
    const { sources } = await auditSources(aside, await readDatasets(datasetsFile), rejectsFile, silent);
    for (const source of sources.filter(({ plain }) => !plain)) {
      const copy = `${source.path}.plain`;
      await writePlainCopy(source, copy);
      await rename(copy, source.path);
    }
    await rm(rejectsFile, { force: true });
    await rename(aside, folder);
  } catch (error) {
    // Another run has made the same data meanwhile.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return folder;
}

/** Audits the data, for an engine is only ever given audited sources, and writes the answer as JSON. */
export async function writeAudit(folder: string, datasetsFile: string, auditFile: string): Promise<void> {
  const rejectsFile = `${auditFile}.rejects`;
  const { sources } = await auditSources(folder, await readDatasets(datasetsFile), rejectsFile, silent);
  await writeFile(auditFile, JSON.stringify(sources));
}

/** Reads what {@link writeAudit} wrote. */
export async function readAudit(auditFile: string): Promise<readonly AuditedSource[]> {
  return auditSchema.parse(JSON.parse(await readFile(auditFile, 'utf8')));
}
