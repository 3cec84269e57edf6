import * as core from '@actions/core';
import { CancelStatementCommand } from '@aws-sdk/client-redshift-data';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { createTableClients } from '../../shared/src/aws/table-clients.ts';
import { messageOf } from '../../shared/src/errors.ts';
import { findRunning } from '../../shared/src/redshift-data/find-statement.ts';
import { systemTiming } from '../../shared/src/redshift-data/timing.ts';
import { readInputs } from './inputs.ts';
import { redshiftTarget } from './redshift-target.ts';

/** Names of what main hands on. */
export const STATE = {
  /** The id of the load whose statements may run; empty once main has ended by itself. */
  loadId: 'load-id',
} as const;

/** How long the runner may be kept. */
const LIMIT_MS = 60_000;

/**
 * Cancels what a killed main left running. What ends meanwhile stays as it is: each statement is one
 * transaction, and a load that runs again finds out by the ledger.
 */
export async function post(): Promise<void> {
  const loadId = core.getState(STATE.loadId);
  if (loadId === '') {
    core.info('The step left nothing running.');
    return;
  }
  const inputs = readInputs(core.getInput);
  const { data } = createTableClients(
    'redshift-copy',
    inputs['role-to-assume'],
    readRunIdentity(process.env),
    core.getIDToken,
  );
  const api = {
    client: data,
    target: redshiftTarget(inputs),
    timing: systemTiming,
    deadline: Date.now() + LIMIT_MS,
  };
  const running = await findRunning(api, `${loadId}/`);
  for (const { Id, StatementName } of running) {
    try {
      await data.send(new CancelStatementCommand({ Id }));
      core.info(`Cancelled ${StatementName} (${Id}).`);
    } catch (error) {
      // It is refused when the statement has ended meanwhile.
      core.warning(`${StatementName} (${Id}) was not cancelled: ${messageOf(error)}`);
    }
  }
  if (running.length === 0) core.info(`Nothing of the load ${loadId} is running.`);
}
