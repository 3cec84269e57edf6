import * as core from '@actions/core';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { createTaskGroups } from '../../shared/src/action/task-groups.ts';
import { asFailure, type PipelineFailure } from '../../shared/src/errors.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { createTaskRunner, type TaskResult } from '../../shared/src/tasks.ts';
import { createClients } from './clients.ts';
import { EMR_TASKS } from './emr-context.ts';
import type { Sweep, SweptCluster } from './end-each.ts';
import type { Inputs } from './inputs.ts';
import { sweep } from './sweep.ts';
import { terminateRun } from './terminate-run.ts';

/**
 * The step of the modes that start nothing: `sweep` ends the clusters that outlived their run, `terminate` those
 * that this run has left. What was left is a warning, what AWS refused a failure.
 */
export async function endClusters(inputs: Inputs, signal: AbortSignal): Promise<ActionResult> {
  const seconds = () => performance.now() / 1000;
  const started = seconds();
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  let swept: Sweep = { ended: [], left: [], refused: [] };
  let failure: PipelineFailure | null;
  try {
    swept = await tasks.run(EMR_TASKS.terminate, (log) => endThem(inputs, log, signal));
    failure = refusalOf(swept);
  } catch (error) {
    failure = asFailure(error, tasks.current, 'No cluster was ended.');
  }
  for (const { id, reason } of swept.left) {
    core.warning(`${id}: ${reason}`, { title: 'A cluster past its time was left' });
  }
  const row = (what: string) => (cluster: SweptCluster) =>
    [`${what} ${cluster.id}`, `${cluster.name}: ${cluster.reason}`] as const;
  return {
    title: `emr-run · ${inputs.mode}`,
    outcome: failure?.kind ?? 'succeeded',
    failure,
    seconds: seconds() - started,
    tasks: tasks.reports,
    facts: [...swept.ended.map(row('ended')), ...[...swept.left, ...swept.refused].map(row('left'))],
    links: [],
    outputs: {},
  };
}

async function endThem(inputs: Inputs, log: TaskLog, signal: AbortSignal): Promise<TaskResult<Sweep>> {
  const identity = readRunIdentity(process.env);
  const { emr } = createClients(inputs['role-to-assume'], identity, core.getIDToken);
  const look = {
    emr,
    log,
    now: () => new Date(),
    random: Math.random,
    signal: limitTime(signal, inputs['timeout-minutes'], 'Looking for clusters'),
  };
  const value =
    inputs.mode === 'terminate'
      ? await terminateRun(look, identity)
      : await sweep({
          ...look,
          repository: identity.repository,
          apiUrl: process.env.GITHUB_API_URL ?? 'https://api.github.com',
          token: inputs['github-token'],
          fetch: globalThis.fetch,
        });
  const { ended, left, refused } = value;
  return { value, detail: `${ended.length} ended, ${left.length + refused.length} left` };
}

function refusalOf({ ended, refused }: Sweep): PipelineFailure | null {
  const [first] = refused;
  if (first === undefined) return null;
  return {
    kind: 'failed-infra',
    what: refused.length === 1 ? 'A cluster was not ended' : `${refused.length} clusters were not ended`,
    where: refused.map(({ id }) => id).join(', '),
    why: refused.map(({ id, reason }) => `${id}: ${reason}`).join('\n         '),
    done: `Ended all the same: ${ended.map(({ id }) => id).join(', ') || 'none'}.`,
    next: `${first.next} Until then, end it in the EMR console.`,
  };
}
