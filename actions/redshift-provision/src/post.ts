import * as core from '@actions/core';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { createClients } from './clients.ts';
import { readInputs } from './inputs.ts';
import { tagsOf } from './tags.ts';
import { END_LIMIT_SECONDS, endWarehouse } from './warehouse/end-warehouse.ts';
import { planWarehouse } from './warehouse/warehouse-plan.ts';

/** Names of what main hands on. */
export const STATE = {
  /** The `starter` of the tags, once the warehouse may have been touched; else empty. */
  starter: 'starter',
} as const;

/**
 * Does with the warehouse what `after` says, however the step and the job ended.
 *
 * @throws PipelineError when it may be left as it is: what costs money unasked fails the job.
 */
export async function post(): Promise<void> {
  const starter = core.getState(STATE.starter);
  if (starter === '') {
    core.info('The step saw to no warehouse; nothing is to be done after it.');
    return;
  }
  const inputs = readInputs(core.getInput);
  if (inputs.after === 'keep') {
    core.info('The warehouse is kept as it is.');
    return;
  }
  const identity = readRunIdentity(process.env);
  const { runId, runAttempt } = identity;
  const plan = planWarehouse(inputs, tagsOf(identity, starter));
  const snapshot = `${plan.identifier}-${runId}-${runAttempt}`;
  await endWarehouse(
    {
      ...createClients(inputs['role-to-assume'], identity, core.getIDToken),
      log: { info: core.info, progress: () => {} },
      random: Math.random,
    },
    plan,
    inputs.after,
    inputs['snapshot-before-delete'] ? snapshot : null,
    END_LIMIT_SECONDS[inputs.after],
  );
}
