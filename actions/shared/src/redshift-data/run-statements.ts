import { randomUUID } from 'node:crypto';
import { BatchExecuteStatementCommand, ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { isTransient } from '../aws/transient.ts';
import { messageOf, PipelineError } from '../errors.ts';
import type { Statement } from '../warehouse/warehouse.ts';
import { type BoundStatements, bindParameters } from './bind-parameters.ts';
import { type DataApi, describeTarget, isCancelled, stopKind, targetMembers } from './data-api.ts';
import { findRunning } from './find-statement.ts';
import { type EndedStatement, followStatement } from './follow-statement.ts';
import { patientCall } from './patient-call.ts';
import { pauseAfter } from './timing.ts';

/** How often statements are sent in all when Redshift undoes them for another transaction's sake. */
export const CONFLICT_ATTEMPTS = 5;
/** How often statements are sent in all when too many others run at once (the quota is an account's). */
const QUOTA_ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 20_000;
/** How many statements a batch of the Data API has at most (its quotas). */
export const MOST_STATEMENTS = 40;
/** How many bytes a statement has at most. */
const MOST_BYTES = 100_000;

/** How a run of statements is known. */
export interface StatementName {
  /** The StatementName; made of the load's id and the step, it is the same when the load starts again. */
  readonly name: string;
  /**
   * Whether one of this name that runs already is followed in place of being sent again. Not for
   * questions: several have one name, and asking twice does no harm.
   */
  readonly isFollowed: boolean;
}

/**
 * Runs one statement, or several as one transaction, to the end, whatever that is. A serializable
 * conflict (error 1023) undoes all of them, so they are sent again, a few times.
 *
 * @throws PipelineError `bad-input` when they are more or longer than the Data API takes, `failed-infra` when
 *   they cannot be sent, `timed-out` when they do not end by the deadline, `cancelled` when the signal ends them.
 */
export async function runStatements(
  api: DataApi,
  statements: readonly Statement[],
  { name, isFollowed }: StatementName,
): Promise<EndedStatement> {
  const bound = bindParameters(statements);
  refuseTooMuch(api, bound, name);
  if (isFollowed) {
    const running = (await findRunning(api, name)).find(({ StatementName }) => StatementName === name);
    const followed = running?.Id === undefined ? null : await followStatement(api, running.Id, name);
    // What somebody cancelled, or Redshift undid for another's sake, was not done: it is sent anew.
    if (followed !== null && followed.status !== 'ABORTED' && !isConflict(followed)) return followed;
  }
  for (let attempt = 1; ; attempt++) {
    const ended = await followStatement(api, await send(api, bound, name), name);
    if (!isConflict(ended) || attempt === CONFLICT_ATTEMPTS) return ended;
    await api.timing.sleep(pauseAfter(attempt, LONGEST_PAUSE_MS, api.timing.random), api.signal);
  }
}

/** Whether Redshift undid the statements because another transaction got in their way. */
export function isConflict({ status, description }: EndedStatement): boolean {
  const error = description.Error ?? '';
  return status === 'FAILED' && /\b1023\b/.test(error) && /serializable isolation violation/i.test(error);
}

/** Sends the statements once; the token makes a repeated request after a lost answer the same request. */
async function send(api: DataApi, { sqls, parameters }: BoundStatements, name: string): Promise<string> {
  const [first = ''] = sqls;
  const request = {
    ...targetMembers(api.target),
    StatementName: name,
    // A new one for each deliberate attempt: one that is kept would be answered with the failed run.
    ClientToken: randomUUID(),
    ...(parameters.length === 0 ? {} : { Parameters: [...parameters] }),
  };
  for (let attempt = 1; ; attempt++) {
    refuseStopped(api, name);
    try {
      // Never given the signal: a request cut off would leave a statement that nobody knows.
      const { Id } = await patientCall(api, `sending the statement ${name}`, () =>
        sqls.length === 1
          ? api.client.send(new ExecuteStatementCommand({ ...request, Sql: first }))
          : api.client.send(new BatchExecuteStatementCommand({ ...request, Sqls: [...sqls] })),
      );
      if (Id === undefined) throw new TypeError(`the statement ${name} was given no id`);
      return Id;
    } catch (error) {
      if (error instanceof PipelineError) throw error;
      const isQuota = error instanceof Error && error.name === 'ActiveStatementsExceededException';
      const pause = pauseAfter(attempt, LONGEST_PAUSE_MS, api.timing.random);
      if (!isQuota || attempt === QUOTA_ATTEMPTS || api.timing.now() + pause >= api.deadline) {
        throw notSent(api, name, error, isQuota ? attempt : null);
      }
      await api.timing.sleep(pause, api.signal);
    }
  }
}

function refuseStopped(api: DataApi, name: string): void {
  const isAborted = isCancelled(api);
  if (!isAborted && api.timing.now() < api.deadline) return;
  throw new PipelineError({
    kind: stopKind(api),
    what: `The statement ${name} was not sent`,
    where: describeTarget(api.target),
    why: isAborted ? 'the run was cancelled' : 'the time is used up',
    done: 'Nothing of it was done.',
    next: 'Run again: what was done is found and not repeated.',
  });
}

function notSent(api: DataApi, name: string, error: unknown, attempts: number | null): PipelineError {
  return new PipelineError(
    {
      kind: isCancelled(api) ? 'cancelled' : 'failed-infra',
      what: `The statement ${name} was not accepted`,
      where: describeTarget(api.target),
      why: attempts === null ? messageOf(error) : `${messageOf(error)} (${attempts} attempts)`,
      done: isTransient(error)
        ? 'Whether Redshift has taken it is not known; it is looked for by its name when the action runs again.'
        : 'Nothing of it was done.',
      next:
        attempts === null
          ? 'Check the names, the rights and the state of the warehouse, and run again.'
          : 'Wait until fewer statements run, and run again.',
    },
    { cause: error },
  );
}

function refuseTooMuch(api: DataApi, { sqls }: BoundStatements, name: string): void {
  const longest = Math.max(...sqls.map((sql) => Buffer.byteLength(sql)));
  if (sqls.length >= 1 && sqls.length <= MOST_STATEMENTS && longest <= MOST_BYTES) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: `The statement ${name} is not one that the Data API takes`,
    where: describeTarget(api.target),
    why: `${sqls.length} statements, the longest of ${longest} bytes; allowed are 1 to ${MOST_STATEMENTS} of ${MOST_BYTES} bytes`,
    done: 'Nothing of it was sent.',
    next: 'Split it.',
  });
}
