import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatFailure } from '../errors.ts';
import { writeWhole } from '../files.ts';
import { renderJobSummary, type SummaryContent } from './job-summary.ts';

/** How a step of an action went: what its summary tells, and its outputs. */
export interface ActionResult extends SummaryContent {
  /** By the names in action.yml; `outcome`, `duration` and `report` are added to them. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What of @actions/core tells a result. */
export interface ResultCommands {
  setOutput(name: string, value: string): void;
  error(message: string, properties: { readonly title: string }): void;
  readonly summary: { addRaw(text: string): { write(): Promise<unknown> } };
}

/** An annotation's message is cut at 4,096 characters; the log has all of it. */
const LONGEST_ANNOTATION = 4000;

/**
 * Writes outputs, report file, job summary and, of a failure, the annotation, so that all of them are
 * there however the step ended.
 *
 * @param folder where the report file goes, `RUNNER_TEMP` on a runner.
 */
export async function reportResult(
  core: ResultCommands,
  result: ActionResult,
  folder: string,
): Promise<void> {
  const report = join(folder, 'report.json');
  const outputs = {
    ...result.outputs,
    outcome: result.outcome,
    duration: result.seconds.toFixed(0),
    report,
  };
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
  if (result.failure !== null) {
    core.error(formatFailure(result.failure).slice(0, LONGEST_ANNOTATION), { title: result.failure.what });
  }
  await mkdir(folder, { recursive: true });
  await writeWhole(report, `${JSON.stringify({ ...result, outputs }, null, 2)}\n`);
  await core.summary.addRaw(renderJobSummary(result)).write();
}
