import { z } from 'zod';
import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { ledgerOf, metricsTableOf } from './tables.ts';
import type { Dialect, Statement, Warehouse } from './warehouse.ts';

/** A number that a load's checks measured. */
export const metricSchema = z.strictObject({
  name: z.string().describe("The check's name."),
  metric: z.string().describe('What was measured, for example `measured`, `share` or `mean`.'),
  value: z.number(),
});

/** See {@link metricSchema}. */
export type Metric = Readonly<z.infer<typeof metricSchema>>;

const pastMetric = z.object({
  load_number: z.coerce.number(),
  load_id: z.string(),
  name: z.string(),
  metric: z.string(),
  value: z.coerce.number(),
});

/** A {@link Metric} of a published load. */
export type PastMetric = Readonly<z.infer<typeof pastMetric>>;

/**
 * The statements that keep what a load measured, for the transaction that publishes it. They hold no
 * parameters: those are named in the text, and a check's name might look like one.
 */
export function metricsStatements(
  contract: Contract,
  loadId: string,
  metrics: readonly Metric[],
  dialect: Dialect,
): Statement[] {
  if (metrics.length === 0) return [];
  const rows = metrics.map(
    ({ name, metric, value }) =>
      `(${dialect.literal(loadId)}, ${dialect.literal(name)}, ${dialect.literal(metric)}, ${value})`,
  );
  const table = quoteIdentifier(metricsTableOf(contract));
  return [
    { sql: `INSERT INTO ${table} (load_id, check_name, metric, measured)\nVALUES\n  ${rows.join(',\n  ')}` },
  ];
}

/**
 * What the last loads measured, the last one first; empty when none was published, or only by a version of
 * this program that kept no metrics.
 *
 * @param loads how many of the last loads.
 */
export async function readMetrics(
  warehouse: Warehouse,
  contract: Contract,
  loads: number,
): Promise<PastMetric[]> {
  const table = metricsTableOf(contract);
  if (!(await warehouse.listTables(table)).includes(table)) return [];
  const ledger = quoteIdentifier(ledgerOf(contract));
  const { rows } = await warehouse.query({
    sql: `SELECT loads.load_number, loads.load_id, metrics.check_name, metrics.metric, metrics.measured
FROM ${quoteIdentifier(table)} AS metrics
JOIN ${ledger} AS loads ON loads.load_id = metrics.load_id
WHERE loads.load_number > (SELECT MAX(load_number) FROM ${ledger}) - ${loads}
ORDER BY loads.load_number DESC, metrics.check_name, metrics.metric`,
  });
  return rows.map(([load_number, load_id, name, metric, value]) =>
    pastMetric.parse({ load_number, load_id, name, metric, value }),
  );
}
