import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import * as core from '@actions/core';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { createTaskGroups } from '../../shared/src/action/task-groups.ts';
import { asFailure, type PipelineFailure } from '../../shared/src/errors.ts';
import { createTaskRunner } from '../../shared/src/tasks.ts';
import { readInputs } from './inputs.ts';
import { STATE } from './post.ts';
import { noFacts } from './provision-access.ts';
import { provisionOnDuckdb } from './provision-on-duckdb.ts';
import { provisionOnRedshift } from './provision-on-redshift.ts';
import { describeProvision, isLeftAlone, withWhatIsThere } from './provision-result.ts';
import { PROVISION_TASKS, refuseUnusableFiles } from './provision-tasks.ts';

/** The action's step: sees to what is asked for, on the engine that is wanted, and tells all of it. */
export async function main(signal: AbortSignal): Promise<ActionResult> {
  const inputs = readInputs(core.getInput);
  const seconds = () => performance.now() / 1000;
  const started = seconds();
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  const facts = noFacts();
  const minutes = inputs['timeout-minutes'];
  const limited = limitTime(signal, minutes, 'The provisioning');
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd();
  let failure: PipelineFailure | null = null;
  try {
    const common = {
      inputs,
      facts,
      tasks,
      signal: limited,
      resolve: (path: string) => resolve(workspace, path),
    };
    await refuseUnusableFiles(common);
    if (inputs.engine === 'duckdb') await provisionOnDuckdb(common);
    else {
      await provisionOnRedshift({
        ...common,
        starter: randomUUID(),
        saveState: core.saveState,
        getToken: core.getIDToken,
        environment: process.env,
        deadline: Date.now() + minutes * 60_000,
        random: Math.random,
      });
    }
  } catch (error) {
    failure = withWhatIsThere(
      asFailure(error, tasks.current, 'What had been done stays as it is.'),
      inputs,
      facts,
    );
    // What was refused as it was found was left as it is, so the post phase leaves it too.
    if (isLeftAlone(facts)) core.saveState(STATE.starter, '');
    tasks.skipUnreached(Object.values(PROVISION_TASKS));
  }
  return describeProvision({ inputs, failure, facts, tasks: tasks.reports, seconds: seconds() - started });
}
