import { join } from 'node:path';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { ACTIONLINT } from './actionlint.ts';
import { S3_SERVER } from './aws/s3-server.ts';
import { fetchSparkPackages } from './aws/spark-packages.ts';
import { buildGoProgram } from './go-program.ts';
import { files, root } from './project.ts';

// Sets up what the tests and the linters need beyond npm's packages: Spark, a Java, the linters, and
// what stands in for AWS.
const { pythonEnvironment, sparkRequirements } = files;
const requirements = ['requirements.txt', join('aws', 'requirements.txt')];
const info = (line: string) => process.stdout.write(`${line}\n`);
await ensurePythonEnvironment(
  pythonEnvironment,
  [sparkRequirements, ...requirements.map((file) => join(root, 'test', file))],
  { info, progress: () => {} },
);
for (const program of [S3_SERVER, ACTIONLINT]) await buildGoProgram(program, pythonEnvironment);
await fetchSparkPackages(pythonEnvironment, info);
