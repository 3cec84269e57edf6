import { resolve } from 'node:path';
import * as core from '@actions/core';
import type { ActionResult } from '../../shared/src/action/action-result.ts';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import { limitTime } from '../../shared/src/action/stop.ts';
import { createTaskGroups } from '../../shared/src/action/task-groups.ts';
import { createTableClients, type TableClients } from '../../shared/src/aws/table-clients.ts';
import { asFailure } from '../../shared/src/errors.ts';
import { createTaskRunner, type TaskRunner } from '../../shared/src/tasks.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { annotate } from './reports/annotations.ts';
import { renderChecksSummary } from './reports/markdown.ts';
import { writeReports } from './reports/write-reports.ts';
import { runValidation, VALIDATE_TASKS, type ValidateDependencies } from './run-validation.ts';
import { describeValidation, noFacts, reportOf, type ValidationFacts } from './validate-result.ts';
import { interrupt, judgeChecks, type Verdict } from './verdict.ts';

/** The action's step: checks the table on the engine that is wanted, writes the reports, and tells all of it. */
export async function main(signal: AbortSignal): Promise<ActionResult> {
  const inputs = readInputs(core.getInput);
  const seconds = () => performance.now() / 1000;
  const started = seconds();
  const tasks = createTaskRunner(createTaskGroups(core, seconds), seconds);
  const facts = noFacts(inputs);
  const now = new Date();
  const minutes = inputs['timeout-minutes'];
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd();
  // Made when they are first wanted: checks on this machine need neither an identity nor a region.
  let made: TableClients | undefined;
  const clients = () => {
    made ??= createTableClients(
      'data-validate',
      inputs['role-to-assume'],
      readRunIdentity(process.env),
      core.getIDToken,
    );
    return made;
  };
  const dependencies = {
    signal: limitTime(signal, minutes, 'The validation'),
    deadline: now.getTime() + minutes * 60_000,
    now,
    resolve: (path: string) => resolve(workspace, path),
    clients,
  };
  const verdict = await validate(inputs, tasks, facts, dependencies);
  const report = reportOf(inputs, facts, verdict, { now, seconds: seconds() - started, workspace });
  const folder = dependencies.resolve(inputs['report-folder']);
  const written = await tasks.run(VALIDATE_TASKS.reports, async (log) => {
    const paths = await writeReports(report, folder);
    log.info(`The page for people is ${paths.html}.`);
    return { value: paths, detail: folder };
  });
  annotate(core, report);
  core.summary.addRaw(renderChecksSummary(report));
  return describeValidation({ report, tasks: tasks.reports, paths: written });
}

/** Runs the checks; what they had found by then is judged also when something keeps the step from its end. */
async function validate(
  inputs: Inputs,
  tasks: TaskRunner,
  facts: ValidationFacts,
  dependencies: ValidateDependencies,
): Promise<Verdict> {
  const judge = () => judgeChecks(facts.results, inputs['fail-on'], facts.table);
  try {
    await runValidation(inputs, tasks, facts, dependencies);
    return judge();
  } catch (error) {
    const failure = asFailure(error, tasks.current, 'The table is as it was: the checks only read.');
    const { read, check, compare } = VALIDATE_TASKS;
    tasks.skipUnreached([read, check, compare]);
    return interrupt(judge(), failure);
  }
}
