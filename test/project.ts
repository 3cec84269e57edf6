import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFiles } from '../cli/project-files.ts';

/** The project's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The project's files. */
export const files = projectFiles(root);
