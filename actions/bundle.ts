import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root: this file is run from its source and, compiled, from a folder further down. */
const root = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}

/** The names of the actions: the folders with an action.yml. */
export function actionNames(): readonly string[] {
  const actions = join(root, 'actions');
  return readdirSync(actions).filter((name) => existsSync(join(actions, name, 'action.yml')));
}

/**
 * Bundles an action, compiled before into `lib`, with all it imports into a folder of its own: GitHub
 * runs what is in the repository and installs nothing.
 *
 * @throws Error with ncc's words when it cannot be bundled.
 */
export function bundleAction(name: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js'),
      ...['build', join(root, 'lib', 'actions', name, 'src', 'index.js')],
      ...['--out', folder, '--license', 'licenses.txt', '--quiet'],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${name} could not be bundled: ${stderr}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of actionNames()) bundleAction(name, join(root, 'actions', name, 'dist'));
}
