import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A new folder for the tests of a file; it is removed when they are over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imdb-titles-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
