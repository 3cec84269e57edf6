import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { metricSchema } from '../../shared/src/warehouse/metrics.ts';

/** What of data-validate's JSON report counts here; its whole form is report.schema.json there. */
const measuredTable = z.object({
  report_version: z.literal(1),
  table: z.string(),
  metrics: z.array(metricSchema),
});

/** A table and what the checks of data-validate measured on it. */
export type MeasuredTable = Readonly<z.infer<typeof measuredTable>>;

/**
 * Reads data-validate's JSON report. That action only reads, so it hands on what is to be kept with the load
 * in its report, and a load that is never published leaves nothing.
 *
 * @throws PipelineError `bad-input` when it cannot be read or is not one.
 */
export async function readMeasuredTable(path: string): Promise<MeasuredTable> {
  try {
    return measuredTable.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new PipelineError(
      {
        kind: 'bad-input',
        what: 'The validation report is not usable',
        where: path,
        why: messageOf(error),
        done: 'Nothing was published; the table is as it was.',
        next: "Give the output json of data-validate's step, or nothing.",
      },
      { cause: error },
    );
  }
}

/**
 * Lets a report pass that is about the table which is to be published.
 *
 * @throws PipelineError `bad-input` otherwise.
 */
export function refuseOtherTable(measured: MeasuredTable, table: string): void {
  if (measured.table === table) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: 'The validation report is about another table',
    where: table,
    why: `it tells of ${measured.table}`,
    done: 'Nothing was published; the table is as it was.',
    next: 'Give data-validate the output staging-table of phase stage as its input table, and run again.',
  });
}
