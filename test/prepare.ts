import { join } from 'node:path';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { buildS3Server } from './aws/s3-server.ts';
import { files, root } from './project.ts';

// Sets up what the tests and the linters need beyond npm's packages: Spark, a Java, the linters, and
// what stands in for AWS.
const { pythonEnvironment, sparkRequirements } = files;
const requirements = ['requirements.txt', join('aws', 'requirements.txt')];
await ensurePythonEnvironment(
  pythonEnvironment,
  [sparkRequirements, ...requirements.map((file) => join(root, 'test', file))],
  { info: (line) => process.stdout.write(`${line}\n`), progress: () => {} },
);
await buildS3Server(pythonEnvironment);
