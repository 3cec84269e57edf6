import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadDuckdb } from '../actions/shared/src/load-duckdb.ts';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { projectFiles } from '../cli/project-files.ts';
import { type BenchOptions, readBenchOptions, USAGE } from './bench-arguments.ts';
import { ensureBenchData } from './bench-data.ts';
import { CONTENDERS } from './contenders.ts';
import { runRounds } from './run-rounds.ts';
import { summaryLines } from './summary.ts';

const builtFolder = dirname(fileURLToPath(import.meta.url));
const root = resolve(builtFolder, '..', '..');
const benchFolder = join(root, 'bench');
const files = projectFiles(root);

function info(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function bench({ titles, rounds: wanted, data: cacheFolder, json }: BenchOptions): Promise<void> {
  const requirements = [files.sparkRequirements, join(benchFolder, 'requirements.txt')];
  const python = await ensurePythonEnvironment(files.pythonEnvironment, requirements, {
    info,
    progress: () => {},
  });
  const { datasets: datasetsFile } = files;
  const data = await ensureBenchData({ cacheFolder, benchFolder, datasetsFile, titles });
  info(`${titles} titles in ${data}`);

  const workFolder = await mkdtemp(join(tmpdir(), 'imdb-titles-bench-run-'));
  try {
    const programs = { benchFolder, builtFolder, python };
    const rounds = await runRounds({
      rounds: wanted,
      contenders: CONTENDERS,
      data,
      datasetsFile,
      workFolder,
      programs,
      info,
    });
    const machine = {
      processors: availableParallelism(),
      memory_bytes: totalmem(),
      node: process.version,
      duckdb: loadDuckdb().version(),
    };
    info('');
    for (const line of summaryLines(rounds)) info(line);
    if (json !== null) {
      await writeFile(json, `${JSON.stringify({ titles, machine, rounds }, null, 2)}\n`);
    }
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

function optionsOrExit(): BenchOptions {
  try {
    return readBenchOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

await bench(optionsOrExit());
