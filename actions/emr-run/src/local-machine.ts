import { tmpdir } from 'node:os';
import type { LocalMachine } from './run-on-spark.ts';

/** This machine as GitHub's runner describes it; elsewhere the working folder and the system's temporary one. */
export function readLocalMachine(variables: NodeJS.ProcessEnv): LocalMachine {
  const workspace = variables.GITHUB_WORKSPACE ?? process.cwd();
  const temporaryFolder = variables.RUNNER_TEMP ?? tmpdir();
  return {
    workspace,
    toolFolder: variables.RUNNER_TOOL_CACHE ?? temporaryFolder,
    temporaryFolder,
    variables,
    now: () => new Date(),
  };
}
