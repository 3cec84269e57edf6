import { open, rename, stat } from 'node:fs/promises';

/** Whether there is anything at the path. */
export async function exists(path: string): Promise<boolean> {
  return (await fileVersion(path)) !== null;
}

/** What tells one state of a file from another; null when there is none. */
export async function fileVersion(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs].join(' ');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a file so that readers see the old content or the new, never a part. */
export async function writeWhole(path: string, content: string): Promise<void> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}

/** Waits until what was written to a file is on the disk. */
export async function flushFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The system's code of an error, for example `ENOENT`; undefined when it has none. */
export function errorCode(thrown: unknown): string | undefined {
  const isCoded = typeof thrown === 'object' && thrown !== null && 'code' in thrown;
  return isCoded && typeof thrown.code === 'string' ? thrown.code : undefined;
}
