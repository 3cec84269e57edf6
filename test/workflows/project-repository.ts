import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../project.ts';
import type { ActFolders } from './act.ts';

const run = promisify(execFile);
/** What the workflows use of the project. */
const USED = ['.github', 'infra', 'samples', 'spark', 'sql'];

/** A Git repository with what the workflows use of the project, as it is in the working folder. */
export interface ProjectRepository extends ActFolders {
  /** The commit with the project as it is. */
  readonly firstCommit: string;
  /** Commits what is in the folder by then and gives the commit's id. */
  readonly commit: () => Promise<string>;
  /** Commits what is in the folder by then as a merge of two commits, as GitHub does for a pull request. */
  readonly merge: (base: string, head: string) => Promise<string>;
}

/** Makes the repository below a folder. */
export async function makeProjectRepository(folder: string): Promise<ProjectRepository> {
  const [repository, work] = [join(folder, 'repository'), join(folder, 'work')];
  await mkdir(work, { recursive: true });
  for (const name of USED) await cp(join(root, name), join(repository, name), { recursive: true });
  const actions = join(root, 'actions');
  for (const action of await readdir(actions)) {
    await cp(join(actions, action), join(repository, 'actions', action), {
      recursive: true,
      filter: (path) => !['src', 'README.md'].includes(basename(path)),
    });
  }
  // Here a bundled action finds DuckDB, which it else installs from the network.
  await symlink(join(root, 'node_modules'), join(work, 'node_modules'));
  const git = async (...words: string[]): Promise<string> => {
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    return (await run('git', [...author, ...words], { cwd: repository })).stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch', 'main');
  const commit = async () => {
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', 'The project');
    return git('rev-parse', 'HEAD');
  };
  const merge = async (base: string, head: string) => {
    await git('add', '--all');
    const tree = await git('write-tree');
    const merged = await git('commit-tree', tree, '-p', base, '-p', head, '-m', 'The pull request');
    await git('reset', '--soft', merged);
    return merged;
  };
  return { repository, work, firstCommit: await commit(), commit, merge };
}
