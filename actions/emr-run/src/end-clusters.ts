import * as core from '@actions/core';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { createTaskGroups } from '../../shared/src/action/task-groups.ts';
import { createTaskRunner } from '../../shared/src/tasks.ts';
import { createClients } from './clients.ts';
import { EMR_TASKS } from './emr-context.ts';
import type { Inputs } from './inputs.ts';
import { type Sweep, type SweptCluster, sweep } from './sweep.ts';
import { terminateRun } from './terminate-run.ts';

/**
 * The step of the modes that start nothing: `sweep` ends the clusters that outlived their run, `terminate` those
 * that this run has left. What was left is a warning.
 */
export async function endClusters(inputs: Inputs, signal: AbortSignal): Promise<ActionResult> {
  const seconds = () => performance.now() / 1000;
  const started = seconds();
  const identity = readRunIdentity(process.env);
  const { emr } = createClients(inputs['role-to-assume'], identity, core.getIDToken);
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  const swept = await tasks.run(EMR_TASKS.terminate, async (log) => {
    const look = {
      emr,
      log,
      now: () => new Date(),
      random: Math.random,
      signal: limitTime(signal, inputs['timeout-minutes'], 'Looking for clusters'),
    };
    const value: Sweep =
      inputs.mode === 'terminate'
        ? { ended: await terminateRun(look, identity), left: [] }
        : await sweep({
            ...look,
            repository: identity.repository,
            apiUrl: process.env.GITHUB_API_URL ?? 'https://api.github.com',
            token: inputs['github-token'],
            fetch: globalThis.fetch,
          });
    return { value, detail: `${value.ended.length} ended, ${value.left.length} left` };
  });
  for (const { id, reason } of swept.left) {
    core.warning(`${id}: ${reason}`, { title: 'A cluster past its time was left' });
  }
  const row = (what: string) => (cluster: SweptCluster) =>
    [`${what} ${cluster.id}`, `${cluster.name}: ${cluster.reason}`] as const;
  return {
    title: `emr-run · ${inputs.mode}`,
    outcome: 'succeeded',
    failure: null,
    seconds: seconds() - started,
    tasks: tasks.reports,
    facts: [...swept.ended.map(row('ended')), ...swept.left.map(row('left'))],
    links: [],
    outputs: {},
  };
}
