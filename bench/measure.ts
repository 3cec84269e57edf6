import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import {
  type Contender,
  type ContenderFolders,
  commandOf,
  contenderResultSchema,
  type Programs,
} from './contenders.ts';

const run = promisify(execFile);

/** One run of one contender. */
export interface Measurement {
  readonly contender: Contender;
  /** Of the wall clock; of the floors only the step that they are named for. */
  readonly seconds: number;
  /** Of all processors, for the whole process. */
  readonly processorSeconds: number;
  /** Resident memory of the largest process. */
  readonly peakBytes: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** What measure.py tells. */
const measuredSchema = z.object({
  exit_code: z.number(),
  seconds: z.number(),
  processor_seconds: z.number(),
  peak_bytes: z.number(),
  last_line: z.string(),
});

/**
 * Runs a contender once in a work folder of its own, which is removed afterwards.
 *
 * @param withResult is called with the folder of the Parquet files while it is there; null when there is none.
 * @throws Error when the contender fails; its standard error has been shown by then.
 */
export async function measure(
  contender: Contender,
  folders: ContenderFolders,
  programs: Programs,
  withResult: (folder: string | null) => Promise<void>,
): Promise<Measurement> {
  await mkdir(folders.work);
  try {
    const command = commandOf(contender, folders, programs);
    const measured = await runMeasured(command, programs);
    const result =
      contender === 'polars'
        ? { folder: join(folders.work, 'polars'), steps: {} }
        : contenderResultSchema.parse(JSON.parse(measured.last_line));
    await withResult(result.folder);
    return {
      contender,
      seconds: result.steps[contender] ?? measured.seconds,
      processorSeconds: measured.processor_seconds,
      peakBytes: measured.peak_bytes,
      steps: result.steps,
    };
  } finally {
    await rm(folders.work, { recursive: true, force: true });
  }
}

async function runMeasured(
  command: readonly string[],
  { benchFolder, python }: Programs,
): Promise<z.infer<typeof measuredSchema>> {
  const program = join(python.programs, 'python');
  const { stdout, stderr } = await run(program, [join(benchFolder, 'measure.py'), ...command], {
    env: python.variables,
  });
  const measured = measuredSchema.parse(JSON.parse(stdout));
  if (measured.exit_code !== 0) {
    throw new Error(`${command.join(' ')} ended with code ${measured.exit_code}:\n${stderr.slice(-4000)}`);
  }
  return measured;
}
