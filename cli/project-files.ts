import { join } from 'node:path';

/** Where the project's own files lie. */
export interface ProjectFiles {
  readonly contract: string;
  readonly checks: string;
  readonly examples: string;
  readonly profile: string;
  readonly datasets: string;
  readonly transform: string;
  readonly macros: string;
  readonly sparkScript: string;
  readonly sparkRequirements: string;
  readonly pythonEnvironment: string;
  readonly sample: string;
  readonly output: string;
}

/** The project's files below its root folder. */
export function projectFiles(root: string): ProjectFiles {
  return {
    contract: join(root, 'sql', 'imdb_titles.contract.yml'),
    checks: join(root, 'sql', 'imdb_titles.checks.yml'),
    examples: join(root, 'sql', 'examples'),
    profile: join(root, 'sql', 'profile'),
    datasets: join(root, 'spark', 'imdb_datasets.json'),
    transform: join(root, 'spark', 'imdb_titles.sql'),
    macros: join(root, 'spark', 'duckdb_macros.sql'),
    sparkScript: join(root, 'spark', 'imdb_titles.py'),
    sparkRequirements: join(root, 'spark', 'requirements.txt'),
    pythonEnvironment: join(root, '.venv'),
    sample: join(root, 'samples', 'day-1'),
    output: join(root, 'out'),
  };
}
