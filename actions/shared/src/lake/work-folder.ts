import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const KEPT_FOR_MS = 24 * 60 * 60 * 1000;

/**
 * Lends the work a folder of its own for what is only needed meanwhile, and removes it afterwards;
 * also those of over a day ago, which killed runs left behind.
 */
export async function withWorkFolder<T>(
  parent: string,
  now: Date,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    // Another run may have removed its own folder meanwhile.
    const entry = await stat(path).catch(() => null);
    if (entry === null || now.getTime() - entry.mtimeMs <= KEPT_FOR_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(parent, 'run-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
