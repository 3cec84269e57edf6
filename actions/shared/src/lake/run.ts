import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, PipelineError } from '../errors.ts';
import { exists, flushFile, writeWhole } from '../files.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import { runFolderOf } from './run-id.ts';

/** The manifest's name in a run's folder. */
export const MANIFEST = 'manifest.json';

const RUN_FOLDER = /^run=(?<id>\d{8}T\d{9}Z-(?<fingerprint>[0-9a-f]{12}))$/;
const UNFINISHED_RUN_KEPT_FOR_MS = 24 * 60 * 60 * 1000;

/** A finished run: its folder and what its manifest says. */
export interface FinishedRun {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * The newest finished run of that content, or null. A run counts when its manifest is there and every
 * file it names has the size it says.
 */
export async function findFinishedRun(
  tableFolder: string,
  content: { readonly fingerprint: string; readonly engine: string },
): Promise<FinishedRun | null> {
  for (const { name, fingerprint } of await listRunFolders(tableFolder)) {
    if (fingerprint !== content.fingerprint) continue;
    const folder = join(tableFolder, name);
    if (!(await exists(join(folder, MANIFEST)))) continue;
    const manifest = await readManifest(folder);
    if (manifest.engine.name === content.engine && (await hasAllFiles(folder, manifest))) {
      return { folder, manifest };
    }
  }
  return null;
}

/**
 * Removes runs without a manifest that started over a day ago: what a killed run left behind. A
 * younger one may still be being written.
 */
export async function removeUnfinishedRuns(tableFolder: string, now: Date): Promise<string[]> {
  const removed: string[] = [];
  for (const { name } of await listRunFolders(tableFolder)) {
    const folder = join(tableFolder, name);
    if (await exists(join(folder, MANIFEST))) continue;
    const { mtimeMs } = await stat(folder);
    if (now.getTime() - mtimeMs < UNFINISHED_RUN_KEPT_FOR_MS) continue;
    await rm(folder, { recursive: true });
    removed.push(name);
  }
  return removed;
}

/**
 * Reads a run's manifest.
 *
 * @throws PipelineError `failed-infra` when it is not one.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new PipelineError(
      {
        kind: 'failed-infra',
        what: 'A manifest is not usable',
        where: path,
        why: messageOf(error),
        done: 'Nothing was published.',
        next: `Remove the folder ${folder}; the next run writes it anew.`,
      },
      { cause: error },
    );
  }
}

/** Writes the manifest, which makes the run exist: whole or not at all, and only once its data is on disk. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) await flushFile(join(folder, file.path));
  await writeWhole(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Makes the folder of a new run; it must not exist yet, for nothing is ever overwritten. */
export async function createRunFolder(tableFolder: string, runId: string): Promise<string> {
  await mkdir(tableFolder, { recursive: true });
  const folder = runFolderOf(tableFolder, runId);
  await mkdir(folder);
  return folder;
}

/** The table's run folders, newest first. */
async function listRunFolders(tableFolder: string): Promise<{ name: string; fingerprint: string }[]> {
  if (!(await exists(tableFolder))) return [];
  const entries = await readdir(tableFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names
    .toSorted()
    .toReversed()
    .flatMap((name) => {
      const fingerprint = RUN_FOLDER.exec(name)?.groups?.fingerprint;
      return fingerprint === undefined ? [] : [{ name, fingerprint }];
    });
}

async function hasAllFiles(folder: string, manifest: Manifest): Promise<boolean> {
  for (const file of manifest.files) {
    const path = join(folder, file.path);
    if (!(await exists(path)) || (await stat(path)).size !== file.bytes) return false;
  }
  return true;
}
