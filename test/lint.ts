import { spawnSync } from 'node:child_process';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { ACTIONLINT } from './actionlint.ts';
import { buildGoProgram } from './go-program.ts';
import { files, root } from './project.ts';

// Runs every linter, all of them even when one fails, so that one run tells all there is to mend.
const LINTERS = [
  ['npx', 'biome', 'check', '.'],
  ['npx', 'oxlint', '--type-aware'],
  ['ruff', 'check', 'bench', 'spark', 'test'],
  ['ruff', 'format', '--check', 'bench', 'spark', 'test'],
  ['sqlfluff', 'lint', 'sql', 'spark/imdb_titles.sql'],
  ['sqlfluff', 'lint', '--dialect', 'duckdb', 'spark/duckdb_macros.sql'],
  ['cfn-lint', '--include-checks', 'I', '--', 'infra/imdb-titles.yml'],
  [await buildGoProgram(ACTIONLINT)],
  ['zizmor', '--offline', '.github'],
  ['yamllint', '--strict', '--config-file', '.github/yamllint.yml', '.github', 'actions', 'infra', 'sql'],
];

const { variables } = await ensurePythonEnvironment(files.pythonEnvironment, [], {
  info: () => {},
  progress: () => {},
});
for (const [command = '', ...programArguments] of LINTERS) {
  const { status, error } = spawnSync(command, programArguments, {
    cwd: root,
    env: variables,
    stdio: 'inherit',
  });
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${command} ${programArguments.join(' ')}\n`);
  if (error !== undefined) throw error;
  if (status !== 0) process.exitCode = 1;
}
