import { z } from 'zod';
import { failureKind, pipelineFailure } from '../../shared/src/errors.ts';
import { metricSchema } from '../../shared/src/warehouse/metrics.ts';

const count = z.int().nonnegative();
const sample = z.strictObject({
  rows: count,
  sample_keys: z.array(z.string()).describe('Keys of up to 20 of the rows.'),
});

const check = z.strictObject({
  name: z.string(),
  kind: z.string().describe('The kind of check, for example `not_null`.'),
  description: z.string(),
  column: z.string().nullable(),
  status: z
    .enum(['pass', 'warn', 'error', 'not-run'])
    .describe('`not-run`: it could not be measured, and has not passed.'),
  measured: z.number().nullable().describe('Rows that fail, rows of the table, a metric, or hours.'),
  share: z.number().nullable().describe('The measure as a percentage of `base`, where a threshold is one.'),
  base: z.number().nullable().describe('What the measure is compared with.'),
  warn: z.string().nullable().describe('The threshold as the checks file states it.'),
  error: z.string().nullable().describe('The threshold as the checks file states it.'),
  sample_keys: z.array(z.string()).describe('Keys of up to 20 rows that failed.'),
  reason: z
    .string()
    .nullable()
    .describe('Why it could not run, had nothing to compare with, or has no row to show.'),
  line: count.nullable().describe('Where the check begins in the checks file; null for one of the action.'),
  trend: z.array(z.number()).describe('What the published loads measured, the oldest first.'),
});

const difference = z.strictObject({
  against: z
    .enum(['live-table', 'load-before'])
    .describe('A staging table against the live one, or what the last load did to the live table.'),
  added: sample,
  removed: sample,
  changed: sample,
  unchanged: count,
  columns: z
    .array(z.strictObject({ column: z.string(), rows: count }))
    .describe('In how many of the changed rows each column has another value; empty where it is not known.'),
});

/** What a validation found; its JSON Schema is published beside action.yml. */
export const validationReport = z.strictObject({
  report_version: z.literal(1),
  outcome: z.enum(['succeeded', ...failureKind.options]),
  failure: pipelineFailure.nullable().describe('Why the step failed; null when it is green.'),
  interruption: pipelineFailure
    .nullable()
    .describe(
      'What kept the step from its end, whatever the checks had said by then; null when nothing did.',
    ),
  table: z.string(),
  engine: z.enum(['redshift', 'duckdb', 'files']),
  warehouse: z.string().nullable().describe('Where the table is; null when it was not opened.'),
  checks_file: z.string().describe('Its path in the workspace.'),
  checked_at: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  rows: count.nullable().describe('Rows of the table; null when they could not be counted.'),
  freshness: z
    .strictObject({ source_date: z.iso.datetime(), hours: z.number() })
    .nullable()
    .describe('How old the source of the rows is; null when it is not known.'),
  counts: z.strictObject({ passed: count, warned: count, failed: count, not_run: count }),
  checks: z.array(check),
  metrics: z
    .array(metricSchema)
    .describe('What redshift-copy keeps of the checks when it publishes the table, for later loads.'),
  difference: difference.nullable().describe('Null when it was not asked for, or nothing was ever loaded.'),
});

/** What a validation found; see {@link validationReport}. */
export type ValidationReport = Readonly<z.infer<typeof validationReport>>;

/** One check of a {@link ValidationReport}. */
export type ReportedCheck = ValidationReport['checks'][number];
