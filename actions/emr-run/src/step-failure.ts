import type { StepSummary } from '@aws-sdk/client-emr';
import type { S3Client } from '@aws-sdk/client-s3';
import { type FailureKind, PipelineError, type PipelineFailure } from '../../shared/src/errors.ts';
import { cleanLine } from '../../shared/src/spark/clean-line.ts';
import { readFailureLine } from '../../shared/src/spark/failure-line.ts';
import { findFailure } from '../../shared/src/spark/root-exception.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { adviceFor } from './exception-advice.ts';
import { readStepLog, type StepLog, stepLogFolder } from './step-log.ts';

export { type ClusterEnd, explainClusterEnd } from './cluster-end.ts';

const SHOWN_LINES = 30;
/** Of the last lines in the failure's own text, which annotation and summary show. */
const TOLD_LINES = 5;
/** EMR sends logs every 5 minutes. */
const WAIT_SECONDS = 360;
const AS_LEFT = 'What it had written is as it left it.';

/** A step that did not complete. */
export interface FailedStep {
  readonly clusterId: string;
  /** As ListSteps tells it. */
  readonly step: Pick<StepSummary, 'Id' | 'Name' | 'Status'>;
  /** The cluster's LogUri; null when it writes no logs. */
  readonly logUri: string | null;
  /** Whether steps run beside it: then a failed step ends no cluster, and the others go on. */
  readonly isConcurrent: boolean;
}

/**
 * Tells why a step failed: the failure that the job tells itself on standard output, else the root
 * exception and the last lines of its output, else EMR's own words. The last lines go to the log.
 *
 * @param options `waitSeconds`: how long the logs are waited for.
 * @returns the error, for the caller to throw; of a cancelled or interrupted step without looking at logs.
 * @throws the signal's reason.
 */
export async function explainFailedStep(
  { clusterId, step, logUri, isConcurrent }: FailedStep,
  s3: S3Client,
  signal: AbortSignal,
  log: TaskLog,
  { waitSeconds = WAIT_SECONDS }: { readonly waitSeconds?: number } = {},
): Promise<PipelineError> {
  const where = `step "${step.Name}" (${step.Id}) of cluster ${clusterId}`;
  const { State, StateChangeReason, FailureDetails, Timeline } = step.Status ?? {};
  const stopped = stoppedStep(State, StateChangeReason?.Message, where);
  if (stopped !== null) return stopped;

  const done = isConcurrent
    ? `EMR ran the other steps all the same. ${AS_LEFT}`
    : `The steps after it were not run. ${AS_LEFT}`;
  const emrWords = [FailureDetails?.Reason, FailureDetails?.Message, StateChangeReason?.Message]
    .map((words) => cleanLine(words?.trim() ?? ''))
    .filter((words) => words !== '' && !/^Unknown Error/i.test(words));
  if (logUri === null) {
    return failedStep(
      { where, done },
      emrWords,
      [],
      'Set the input log-uri or bucket, so that EMR keeps the logs, and run again.',
    );
  }
  const folder = stepLogFolder(logUri, clusterId, step.Id ?? '');
  const endedAt = Timeline?.EndDateTime ?? null;
  const found = await readStepLog({ folder, endedAt, waitSeconds }, s3, signal, log);
  showLog(found, folder, log);

  const told = readFailureLine(found.stdout);
  if (told !== null) return new PipelineError(cleanFailure(told));
  const lookAt = `Look at the logs in ${folder} (aws s3 cp ${folder}stderr.gz - | gunzip), mend the job and run again.`;
  if (found.missing !== null) {
    const noLog = `no log could be read: ${found.missing}; EMR puts it into ${folder}, at the latest when the cluster has ended`;
    return failedStep({ where, done }, [...emrWords, noLog], [], lookAt);
  }
  const { exception, lines } = findFailure(found);
  const reasons = exception === null ? emrWords : [cleanLine(exception)];
  const lastLines = lines.filter((line) => line.trim() !== '').map((line) => cleanLine(line));
  return failedStep({ where, done }, reasons, lastLines, lookAt);
}

/** The error of a step that somebody or something stopped; null when it ran and failed. */
function stoppedStep(
  state: string | undefined,
  message: string | undefined,
  where: string,
): PipelineError | null {
  const stop = (kind: FailureKind, what: string, why: string, next: string) =>
    new PipelineError({ kind, what, where, why: cleanLine(message ?? why), done: AS_LEFT, next });
  if (state === 'CANCELLED') {
    const why = 'somebody cancelled it, or a step before it failed';
    return stop('cancelled', 'A step was cancelled', why, 'Run again when it is wanted.');
  }
  if (state === 'INTERRUPTED') {
    const why = 'its cluster lost the machine that the step ran on';
    const next = 'Run again; if Spot machines are taken away often, ask for on demand by the configuration.';
    return stop('failed-infra', 'A step was interrupted', why, next);
  }
  return null;
}

function failedStep(
  { where, done }: Pick<PipelineFailure, 'where' | 'done'>,
  reasons: readonly string[],
  lastLines: readonly string[],
  next: string,
): PipelineError {
  const shown = lastLines.slice(-TOLD_LINES).filter((line) => !reasons.includes(line.trim()));
  const why = [reasons.join('; '), ...shown].filter((line) => line !== '');
  return new PipelineError({
    kind: 'failed-infra',
    what: 'A step failed',
    where,
    why: why.length === 0 ? 'EMR does not tell why' : why.join('\n         '),
    done,
    next: adviceFor(reasons.join('\n')) ?? adviceFor(lastLines.slice(-SHOWN_LINES).join('\n')) ?? next,
  });
}

function showLog({ stdout, stderr, missing }: StepLog, folder: string, log: TaskLog): void {
  if (missing !== null) {
    log.info(`No log of the step could be read in ${folder}: ${missing}.`);
    return;
  }
  for (const [name, lines] of Object.entries({ stdout, stderr })) {
    if (lines.length === 0) continue;
    const shown = lines.slice(-SHOWN_LINES);
    const amount = shown.length === 1 ? 'line' : `${shown.length} lines`;
    log.info(`The last ${amount} of ${folder}${name}.gz:`);
    for (const line of shown) log.info(`  ${cleanLine(line)}`);
  }
}

function cleanFailure({ kind, ...words }: PipelineFailure): PipelineFailure {
  const { what, where, why, done, next } = words;
  return {
    kind,
    what: cleanText(what),
    where: cleanText(where),
    why: cleanText(why),
    done: cleanText(done),
    next: cleanText(next),
  };
}

function cleanText(text: string): string {
  return text
    .split('\n')
    .map((line) => cleanLine(line))
    .join('\n');
}
