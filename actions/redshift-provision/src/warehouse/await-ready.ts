import { pause } from '../../../shared/src/action/stop.ts';
import { poll } from '../../../shared/src/aws/poll.ts';
import { messageOf } from '../../../shared/src/errors.ts';
import type { RedshiftTarget } from '../../../shared/src/redshift-data/data-api.ts';
import { runStatements } from '../../../shared/src/redshift-data/run-statements.ts';
import { refuseFailed } from '../../../shared/src/redshift-data/statement-failure.ts';
import { systemTiming } from '../../../shared/src/redshift-data/timing.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import type { Resource } from './bring-up.ts';

/** How often in a row it has to be available: one answer may be an old one. */
const TIMES = 2;
/** How often it is asked before its refusal counts: one that is just available may not answer at once. */
const QUESTIONS = 5;

/** Waits until it is available twice in a row; gives it as it was the last time. */
export async function awaitAvailable<Found>(
  { signal, log, random, facts }: ProvisionAccess,
  { subject, read, stateOf }: Pick<Resource<Found>, 'subject' | 'read' | 'stateOf'>,
): Promise<Found> {
  let times = 0;
  const last = await poll({
    ask: async (abortSignal) => {
      const found = await read(abortSignal);
      times = found !== null && stateOf(found) === 'available' ? times + 1 : 0;
      return found;
    },
    isOver: (found) => found === null || times === TIMES,
    stateOf: (found) => (found === null ? 'absent' : stateOf(found)),
    onChange: (found) => {
      if (found !== null) facts.there.set(subject, stateOf(found));
    },
    signal,
    log,
    random,
  });
  if (last === null) throw new Error(`the ${subject} was deleted meanwhile`);
  return last;
}

/** Asks the database `SELECT 1` until it answers, a few times. @throws PipelineError with the last refusal. */
export async function awaitAnswer(access: ProvisionAccess, target: RedshiftTarget): Promise<void> {
  const { data: client, signal, deadline, log } = access;
  const api = { client, target, timing: systemTiming, deadline, signal };
  const statement = { name: 'redshift-provision/ready', isFollowed: false };
  for (let question = 1; ; question++) {
    try {
      refuseFailed(api, await runStatements(api, [{ sql: 'SELECT 1' }], statement));
      log.info(`It answers in the database ${target.database}.`);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (question === QUESTIONS || systemTiming.now() >= deadline) throw error;
      log.info(`It does not answer yet (${messageOf(error).replaceAll(/\s+/g, ' ')}); asking again.`);
    }
    await pause(2 ** (question - 1), signal);
  }
}
