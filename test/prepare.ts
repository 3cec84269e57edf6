import { join } from 'node:path';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { projectFiles } from '../cli/project-files.ts';
import { buildS3Server } from './aws/s3-server.ts';
import { builtRoot } from './built-root.ts';

// Sets up what the tests and the linters need beyond npm's packages: Spark, a Java, the linters, and
// what stands in for AWS.
const { pythonEnvironment, sparkRequirements } = projectFiles(builtRoot);
const requirements = ['requirements.txt', join('aws', 'requirements.txt')];
await ensurePythonEnvironment(
  pythonEnvironment,
  [sparkRequirements, ...requirements.map((file) => join(builtRoot, 'test', file))],
  { info: (line) => process.stdout.write(`${line}\n`), progress: () => {} },
);
await buildS3Server(pythonEnvironment);
