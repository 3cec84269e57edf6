import { resolve } from 'node:path';
import * as core from '@actions/core';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { createTaskGroups } from '../../shared/src/action/task-groups.ts';
import { createTableClients } from '../../shared/src/aws/table-clients.ts';
import { readChecks } from '../../shared/src/checks/checks-file.ts';
import { readContract } from '../../shared/src/contract/contract.ts';
import { asFailure, type PipelineFailure } from '../../shared/src/errors.ts';
import { systemTiming } from '../../shared/src/redshift-data/timing.ts';
import { createTaskRunner } from '../../shared/src/tasks.ts';
import type { Transfer } from './copy-engine.ts';
import { describeCopy } from './copy-result.ts';
import { noFacts, tasksOf } from './copy-tasks.ts';
import { duckdbEngine } from './duckdb-engine.ts';
import { manifestOf, readInputs } from './inputs.ts';
import { readMeasuredTable } from './measured-table.ts';
import { STATE } from './post.ts';
import { redshiftEngine } from './redshift-engine.ts';
import { redshiftTarget } from './redshift-target.ts';
import { sweep } from './sweep.ts';
import { runTransfer } from './transfer.ts';

/** The action's step: loads the run on the engine that is wanted, and tells all of it. */
export async function main(signal: AbortSignal): Promise<ActionResult> {
  const inputs = readInputs(core.getInput);
  const seconds = () => performance.now() / 1000;
  const started = seconds();
  const minutes = inputs['timeout-minutes'];
  const deadline = Date.now() + minutes * 60_000;
  const limited = limitTime(signal, minutes, 'The load');
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  const facts = noFacts();
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd();
  const now = () => new Date();
  let failure: PipelineFailure | null = null;
  try {
    const contract = await readContract(resolve(workspace, inputs.contract));
    const checks = inputs.checks === null ? null : await readChecks(resolve(workspace, inputs.checks));
    const report = inputs['validation-report'];
    const measured = report === null ? null : await readMeasuredTable(resolve(workspace, report));
    const common = { inputs, contract, checks, measured, tasks, facts, now };
    if (inputs.engine === 'duckdb') await onDuckdb(common, workspace, limited);
    else await onRedshift(common, deadline, signal, limited);
  } catch (error) {
    failure = asFailure(
      error,
      tasks.current,
      'The table is as it was, unless the ledger tells of this load.',
    );
    // What a call that was cut off says is not why it was.
    if (limited.aborted && failure.kind === 'failed-infra') {
      failure = { ...failure, kind: signal.aborted ? 'cancelled' : 'timed-out' };
    }
    tasks.skipUnreached(tasksOf(inputs));
  }
  if (facts.warning !== null) core.warning(facts.warning);
  // After a failure a statement may run still, whatever it says; the post phase looks.
  if (failure === null) core.saveState(STATE.loadId, '');
  return describeCopy({ inputs, failure, facts, tasks: tasks.reports, seconds: seconds() - started });
}

/**
 * @param signal aborts on cancellation: a statement is told from one whose time is over, for which it has the deadline.
 * @param limited aborts then too.
 */
async function onRedshift(
  common: Omit<Transfer, 'engine'>,
  deadline: number,
  signal: AbortSignal,
  limited: AbortSignal,
): Promise<void> {
  const { inputs } = common;
  const identity = readRunIdentity(process.env);
  const clients = createTableClients('redshift-copy', inputs['role-to-assume'], identity, core.getIDToken);
  const target = redshiftTarget(inputs);
  const api = { client: clients.data, target, timing: systemTiming, deadline, signal };
  const begins = (loadId: string) => core.saveState(STATE.loadId, loadId);
  if (inputs.phase === 'sweep') return sweep({ ...common, api, s3: clients.s3, begins });
  const engine = redshiftEngine({ ...common, clients, api, signal: limited, begins });
  await runTransfer({ ...common, engine });
}

async function onDuckdb(
  common: Omit<Transfer, 'engine'>,
  workspace: string,
  signal: AbortSignal,
): Promise<void> {
  const { inputs, contract } = common;
  const file = inputs['warehouse-file'];
  if (file === null) throw new TypeError('readInputs sees to it that DuckDB has a file');
  const engine = duckdbEngine({
    warehouseFile: resolve(workspace, file),
    manifest: resolve(workspace, manifestOf(inputs)),
    contract,
    signal,
  });
  try {
    await runTransfer({ ...common, engine });
  } catch (error) {
    // What an interrupted query says is not why it was interrupted.
    signal.throwIfAborted();
    throw error;
  } finally {
    await engine.close();
  }
}
