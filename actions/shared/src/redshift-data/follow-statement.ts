import {
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
} from '@aws-sdk/client-redshift-data';
import { messageOf, PipelineError } from '../errors.ts';
import { abortOption, type DataApi, describeTarget, isCancelled, stopKind } from './data-api.ts';
import { patientCall, patientQuestion } from './patient-call.ts';
import { pauseAfter } from './timing.ts';

const LONGEST_PAUSE_MS = 5000;
/** The longest that DescribeStatement waits by itself (API reference: WaitTimeSeconds). */
const LONGEST_WAIT_SECONDS = 30;
/** How long a cancelled statement's end is waited for: a runner that is stopped has 7.5 seconds in all. */
const CANCEL_PATIENCE_MS = 5000;

/** A statement or batch that has ended. */
export interface EndedStatement {
  readonly id: string;
  readonly name: string;
  readonly status: 'FINISHED' | 'FAILED' | 'ABORTED';
  /** What DescribeStatement told last. */
  readonly description: DescribeStatementResponse;
}

/**
 * Waits until the statement has ended, whatever its end.
 *
 * @throws PipelineError `timed-out` when the deadline has passed, `cancelled` when the signal was aborted; the
 *   statement was cancelled then, as far as the failure's text says so.
 */
export async function followStatement(api: DataApi, id: string, name: string): Promise<EndedStatement> {
  const { signal, timing, deadline } = api;
  for (let attempt = 1; ; attempt++) {
    if (isCancelled(api)) throw await cancelled(api, id, name, 'was cancelled');
    if (timing.now() >= deadline) throw await cancelled(api, id, name, 'did not end in time');
    const secondsLeft = Math.ceil((deadline - timing.now()) / 1000);
    try {
      const ended = await patientQuestion(
        api,
        'DescribeStatement',
        `the state of the statement ${name}`,
        () => describe(api, id, name, Math.min(LONGEST_WAIT_SECONDS, secondsLeft)),
      );
      if (ended !== null) return ended;
    } catch (error) {
      // The signal ends the request too; what follows of it is told at the loop's head.
      if (!isCancelled(api)) throw error;
      continue;
    }
    const pause = pauseAfter(attempt, LONGEST_PAUSE_MS, timing.random);
    await timing.sleep(Math.min(pause, Math.max(deadline - timing.now(), 0)), signal);
  }
}

async function describe(
  api: DataApi,
  id: string,
  name: string,
  seconds: number,
): Promise<EndedStatement | null> {
  const description = await api.client.send(
    new DescribeStatementCommand({ Id: id, WaitTimeSeconds: seconds }),
    abortOption(api),
  );
  const { Status: status } = description;
  const hasEnded = status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
  return hasEnded ? { id, name, status, description } : null;
}

/** Cancels the statement, waits a little for its end, and gives the failure that tells of both. */
async function cancelled(api: DataApi, id: string, name: string, end: string): Promise<PipelineError> {
  const { signal: _, ...unsignalled } = api;
  const patient = { ...unsignalled, deadline: api.timing.now() + CANCEL_PATIENCE_MS };
  return new PipelineError({
    kind: stopKind(api),
    what: `The statement ${name} ${end}`,
    where: `${describeTarget(api.target)}, statement ${id}`,
    why: isCancelled(api) ? 'the run was cancelled' : 'the time is used up',
    done: await cancel(patient, id, name),
    next: 'Run again: what was done is found and not repeated.',
  });
}

async function cancel(api: DataApi, id: string, name: string): Promise<string> {
  try {
    await patientCall(api, `cancelling the statement ${name}`, () =>
      api.client.send(new CancelStatementCommand({ Id: id })),
    );
  } catch (error) {
    // It is refused when the statement has ended meanwhile, which the state tells better.
    const ended = await describe(api, id, name, 1).catch(() => null);
    if (ended === null) return `It could not be cancelled and may still run: ${messageOf(error)}`;
    return toldEnd(ended);
  }
  for (let attempt = 1; api.timing.now() < api.deadline; attempt++) {
    const ended = await describe(api, id, name, 1).catch(() => null);
    if (ended !== null) return toldEnd(ended);
    await api.timing.sleep(pauseAfter(attempt, 1000, api.timing.random));
  }
  return 'Redshift was asked to cancel it; it had not ended when this was written.';
}

function toldEnd({ status }: EndedStatement): string {
  return status === 'FINISHED'
    ? 'It had finished before it could be cancelled; what it did stands.'
    : 'It was cancelled on the server; nothing of it was done.';
}
