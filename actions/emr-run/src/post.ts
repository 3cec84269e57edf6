import * as core from '@actions/core';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { createClients } from './clients.ts';
import { readInputs } from './inputs.ts';
import { maskAccount } from './mask-account.ts';
import { POST_LIMIT_SECONDS, STATE, terminateOwn } from './terminate-cluster.ts';

/**
 * Asks EMR to end whatever the step started, also when the step was killed before it learnt of it. What
 * has ended already stays as it is.
 *
 * @throws PipelineError when a cluster may live on: a leak fails the job.
 */
export async function post(): Promise<void> {
  const baseName = core.getState(STATE.baseName);
  if (baseName === '') {
    core.info('The step started no cluster.');
    return;
  }
  const inputs = readInputs(core.getInput);
  maskAccount(inputs);
  const { emr } = createClients(inputs['role-to-assume'], readRunIdentity(process.env), core.getIDToken);
  const clusterId = core.getState(STATE.clusterId);
  const own = {
    baseName,
    starter: core.getState(STATE.starter),
    clusterId: clusterId === '' ? null : clusterId,
  };
  const log = { info: core.info, progress: () => {} };
  const dependencies = { emr, now: () => new Date(), random: Math.random, log };
  const ending = await terminateOwn(dependencies, own, POST_LIMIT_SECONDS);
  const ids = ending.map(({ id }) => id).join(', ');
  core.info(ids === '' ? 'No cluster is left.' : `${ids}: ending or ended.`);
}
