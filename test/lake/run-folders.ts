import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../actions/shared/src/lake/manifest.ts';
import { createManifest } from './create-manifest.ts';

/** The content that the tests look for. */
export const FINGERPRINT = '0123456789ab';

/** Two runs of that content, the first started a day before the second. */
export const EARLIER = `20261122T060000000Z-${FINGERPRINT}`;
export const LATER = `20261123T060000000Z-${FINGERPRINT}`;

const DATA = 'eight by';

/** Makes the folder of a run that has one data file and no manifest. */
export async function writeUnfinishedRun(tableFolder: string, runId: string): Promise<string> {
  const folder = join(tableFolder, `run=${runId}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'part-0.parquet'), DATA);
  return folder;
}

/** Makes the folder of a finished run, its manifest with whatever the test says instead. */
export async function writeFinishedRun(
  tableFolder: string,
  runId: string,
  overrides: Partial<Manifest> = {},
): Promise<string> {
  const folder = await writeUnfinishedRun(tableFolder, runId);
  const manifest = createManifest({
    run_id: runId,
    fingerprint: runId.slice(-FINGERPRINT.length),
    files: [{ path: 'part-0.parquet', bytes: DATA.length, rows: 1 }],
    rows: 1,
    ...overrides,
  });
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}
