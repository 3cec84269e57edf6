import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { EXIT_CODES } from '../actions/shared/src/action/exit-codes.ts';
import { asFailure, formatFailure, PipelineError } from '../actions/shared/src/errors.ts';
import { writeWhole } from '../actions/shared/src/files.ts';
import type { RunReport } from '../actions/shared/src/report/run-report.ts';
import { summarize } from '../actions/shared/src/report/summarize.ts';
import { duckdbEngine } from '../actions/shared/src/transform/duckdb-engine.ts';
import { ensurePythonEnvironment } from '../actions/shared/src/transform/python-environment.ts';
import { sparkEngine } from '../actions/shared/src/transform/spark-engine.ts';
import type { TransformEngine } from '../actions/shared/src/transform/transform.ts';
import { type CommandLine, parseArguments } from './arguments.ts';
import { runPipeline } from './pipeline.ts';
import { type ProjectFiles, projectFiles } from './project-files.ts';
import { createTerminalDisplay, formatExamples, silentDisplay } from './terminal.ts';

const WIDTH_ELSEWHERE = 80;

/** What the program is started with. */
export interface MainOptions {
  readonly programArguments: readonly string[];
  /** The project's root folder. */
  readonly root: string;
  /** The folder that relative paths of the command line start from. */
  readonly workingFolder: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Runs the command and returns its exit code; one message on standard error tells a failure. */
export async function main({
  programArguments,
  root,
  workingFolder,
  stdout,
  stderr,
}: MainOptions): Promise<number> {
  try {
    const files = projectFiles(root);
    const defaults = { input: files.sample, output: files.output, checks: files.checks };
    const parsed = parseArguments(programArguments, defaults, (text) => stdout.write(text));
    if (parsed === null) return 0;
    const options = {
      ...parsed,
      input: resolve(workingFolder, parsed.input),
      output: resolve(workingFolder, parsed.output),
      checks: resolve(workingFolder, parsed.checks),
    };
    const isTerminal = stdout.isTTY;
    const display = options.quiet ? silentDisplay : createTerminalDisplay({ stream: stdout, isTerminal });
    const report = await runPipeline(options, {
      files,
      engine: chooseEngine(options, files),
      display,
      now: () => new Date(),
    });
    if (report.failure !== null) stderr.write(`\n${formatFailure(report.failure)}\n`);
    await writeReport(report, options.output);
    if (!options.quiet) {
      const width = isTerminal ? stdout.columns : WIDTH_ELSEWHERE;
      stdout.write(`\n${formatExamples(report, width)}${formatOutputs(report, options, workingFolder)}`);
    }
    return report.failure === null ? 0 : EXIT_CODES[report.failure.kind];
  } catch (error) {
    const failure = asFailure(error, 'start', 'Nothing was started.');
    stderr.write(`\n${formatFailure(failure)}\n`);
    return EXIT_CODES[failure.kind];
  }
}

function chooseEngine({ engine }: CommandLine, files: ProjectFiles): TransformEngine {
  if (engine === 'duckdb') return duckdbEngine({ transformFile: files.transform, macrosFile: files.macros });
  return sparkEngine({
    script: files.sparkScript,
    environment: (log, signal) =>
      ensurePythonEnvironment(files.pythonEnvironment, [files.sparkRequirements], log, {
        signal,
        words: {
          done: 'Nothing was published.',
          next: 'Install Python 3.11 or newer with its venv module, or run with --engine duckdb.',
        },
      }),
  });
}

async function writeReport(report: RunReport, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    // The page's libraries take longer to load than all the rest; help and refusals do without them.
    const { renderReport } = await import('../actions/shared/src/report/render-report.tsx');
    await writeWhole(join(folder, 'report.html'), renderReport(report));
  } catch (error) {
    // The failure of the run is told already, and is the one to mend; its exit code stands.
    if (report.failure !== null) return;
    const done = `The table is ${report.outcome === 'published' ? 'published' : 'as it was'}; only the report is missing.`;
    throw new PipelineError({ ...asFailure(error, 'write_report', done), where: folder }, { cause: error });
  }
}

function formatOutputs(report: RunReport, { output }: CommandLine, workingFolder: string): string {
  const show = (path: string) => {
    const fromHere = relative(workingFolder, path);
    return fromHere.startsWith('..') ? path : fromHere;
  };
  const lines = [
    summarize(report),
    '',
    ...(report.lake === null ? [] : [`  Parquet    ${show(report.lake.path)}`]),
    ...(report.freshness === null ? [] : [`  Warehouse  ${show(join(output, 'warehouse.duckdb'))}`]),
    `  Report     ${show(join(output, 'report.html'))}`,
  ];
  return `${lines.join('\n')}\n`;
}
