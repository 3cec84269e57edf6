import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAudit } from './bench-data.ts';
import { countDifferences } from './compare-rows.ts';
import { type Contender, LABELS, type Programs, SAME_ROWS } from './contenders.ts';
import { type Measurement, measure } from './measure.ts';

/** What is run, where, and who is told. */
export interface RoundsOptions {
  readonly rounds: number;
  /** In the order in which each round runs them. */
  readonly contenders: readonly Contender[];
  /** The folder of the four files. */
  readonly data: string;
  /** The JSON file of the datasets' names and columns. */
  readonly datasetsFile: string;
  /** An empty folder for what is needed meanwhile. */
  readonly workFolder: string;
  readonly programs: Programs;
  readonly info: (line: string) => void;
}

/**
 * Runs the contenders in turn, round by round, so that what else the machine does meets all of them.
 * In the first round the rows are compared with those of the DuckDB engine.
 *
 * @throws Error when a contender fails, or gives other rows.
 */
export async function runRounds(options: RoundsOptions): Promise<Measurement[][]> {
  const { data, workFolder, programs, info } = options;
  const auditFile = join(workFolder, 'audit.json');
  const reference = join(workFolder, 'reference');
  const folders = { data, auditFile, reference, work: join(workFolder, 'contender') };
  await writeAudit(data, options.datasetsFile, auditFile);

  // Not counted: it brings the files into the system's cache, and gives `write` what it has to write.
  await measure('duckdb', folders, programs, async (result) => {
    if (result !== null) await rename(result, reference);
  });
  const rounds: Measurement[][] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const measurements: Measurement[] = [];
    for (const contender of options.contenders) {
      const measurement = await measure(contender, folders, programs, async (result) => {
        if (round === 1 && result !== null) await refuseDifferences(contender, reference, result, info);
      });
      info(`round ${round}: ${LABELS[contender]}, ${measurement.seconds.toFixed(2)} s`);
      measurements.push(measurement);
    }
    rounds.push(measurements);
  }
  return rounds;
}

async function refuseDifferences(
  contender: Contender,
  reference: string,
  result: string,
  info: (line: string) => void,
): Promise<void> {
  if (!SAME_ROWS.some((name) => name === contender)) return;
  const differences = await countDifferences(reference, result);
  if (differences > 0) {
    throw new Error(`${LABELS[contender]} and the DuckDB engine differ in ${differences} rows`);
  }
  info(`${LABELS[contender]} gives the same rows as the DuckDB engine.`);
}
