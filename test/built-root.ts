import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder, for what runs as it was built, from `lib/test`. */
export const builtRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
