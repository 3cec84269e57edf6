import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { projectFiles } from '../cli/project-files.ts';

// Sets up what the tests and the linters need beyond npm's packages: Spark, a Java, ruff, sqlfluff.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { pythonEnvironment, sparkRequirements } = projectFiles(root);
await ensurePythonEnvironment(
  pythonEnvironment,
  [sparkRequirements, join(root, 'test', 'requirements.txt')],
  {
    info: (line) => process.stdout.write(`${line}\n`),
    progress: () => {},
  },
);
