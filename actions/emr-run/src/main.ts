import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@actions/core';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { createTaskGroups } from '../../shared/src/action/task-groups.ts';
import { asFailure, type PipelineFailure } from '../../shared/src/errors.ts';
import { createTaskRunner, type TaskRunner } from '../../shared/src/tasks.ts';
import { createClients } from './clients.ts';
import { readClusterSettings } from './cluster-request.ts';
import { EMR_TASKS, type EmrFacts, noFacts } from './emr-context.ts';
import { endClusters } from './end-clusters.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { readLocalMachine } from './local-machine.ts';
import { maskAccount } from './mask-account.ts';
import { type OutputManifest, readOutputManifest } from './output-manifest.ts';
import { readPrices } from './prices.ts';
import { runOnDuckdb } from './run-on-duckdb.ts';
import { runOnEmr } from './run-on-emr.ts';
import { runOnSpark } from './run-on-spark.ts';
import { describeRun } from './run-result.ts';
import { explainClusterEnd, explainFailedStep } from './step-failure.ts';
import { readJob } from './steps.ts';

/** The action's step: runs the job on the engine that is wanted, or ends clusters, and tells all of it. */
export async function main(signal: AbortSignal): Promise<ActionResult> {
  const inputs = readInputs(core.getInput);
  maskAccount(inputs);
  if (inputs.mode !== 'run') return endClusters(inputs, signal);

  const seconds = () => performance.now() / 1000;
  const started = seconds();
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  const facts = noFacts();
  let manifest: OutputManifest | null = null;
  let failure: PipelineFailure | null = null;
  try {
    manifest = await runJob(inputs, tasks, facts, signal);
  } catch (error) {
    failure = asFailure(error, tasks.current, 'What had been done stays as it is.');
    tasks.skipUnreached(Object.values(EMR_TASKS));
  }
  return describeRun({
    inputs,
    failure,
    facts,
    manifest,
    tasks: tasks.reports,
    seconds: seconds() - started,
  });
}

/** Runs the job to its end; the manifest that it wrote returns, if one was to be written. */
async function runJob(
  inputs: Inputs,
  tasks: TaskRunner,
  facts: EmrFacts,
  signal: AbortSignal,
): Promise<OutputManifest | null> {
  const machine = readLocalMachine(process.env);
  if (inputs.engine === 'emr') return runAndRead(inputs, machine.workspace, tasks, facts, signal);

  const limited = limitTime(signal, inputs['timeout-minutes'], 'The job');
  if (inputs.engine === 'spark') {
    await runOnSpark(await readJob(inputs, machine.workspace), machine, tasks, limited);
  } else {
    const { script, 'script-args': scriptArguments } = inputs;
    if (script === null) throw new TypeError('readInputs sees to it that DuckDB has a script');
    await runOnDuckdb({ script, scriptArguments }, machine, tasks, limited);
  }
  return inputs.manifest === null
    ? null
    : readOutputManifest(resolve(machine.workspace, inputs.manifest), null, limited);
}

async function runAndRead(
  inputs: Inputs,
  workspace: string,
  tasks: TaskRunner,
  facts: EmrFacts,
  signal: AbortSignal,
): Promise<OutputManifest | null> {
  const identity = readRunIdentity(process.env);
  const job = await readJob(inputs, workspace);
  const settings = await readClusterSettings(inputs, workspace);
  const prices = await readPrices(
    inputs['price-file'] === null ? ownPrices() : resolve(workspace, inputs['price-file']),
  );
  const clients = createClients(inputs['role-to-assume'], identity, core.getIDToken);
  const dependencies = {
    ...clients,
    starter: randomUUID(),
    saveState: core.saveState,
    now: () => new Date(),
    random: Math.random,
    tasks,
    warn: (title: string, message: string) => core.warning(message, { title }),
    facts,
    explainFailedStep,
    explainClusterEnd,
  };
  await runOnEmr(inputs, identity, job, settings, prices, dependencies, signal);
  return inputs.manifest === null ? null : readOutputManifest(inputs.manifest, clients.s3, signal);
}

/** The price file beside action.yml: the bundle lies one folder below it. */
function ownPrices(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', 'prices.yml');
}
