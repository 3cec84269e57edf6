import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFiles } from '../cli/project-files.ts';

/** The project's root folder: this file is run from its source and, built, from a folder further down. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The project's files. */
export const files = projectFiles(root);

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}
