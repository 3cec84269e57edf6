import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as core from '@actions/core';
import { limitTime, pause } from '../../shared/src/action/stop.ts';
import { asFailure, type PipelineFailure } from '../../shared/src/errors.ts';
import { writeWhole } from '../../shared/src/files.ts';
import { LARGEST_SUMMARY_BYTES } from '../../shared/src/report/markdown.ts';
import { type Alert, tellIssue } from './alert-issue.ts';
import { collectTasks, outcomeOf } from './collect-tasks.ts';
import { totalCost } from './cost.ts';
import { readDetails } from './details.ts';
import { openGithub, type Persistence, type Place, persist } from './github.ts';
import { parseGraph } from './graph.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { parseJobs } from './jobs.ts';
import { tellComment } from './pull-request-comment.ts';
import { type RunReport, renderReport } from './render/report.ts';
import { readPullRequest, readRunContext } from './run-context.ts';

/** What is true of the run when the report fails. */
const TOLD = 'The summary and the outputs are told.';

/**
 * The action's step: tells the run in the summary and the outputs, which need nobody, and then in the issue
 * and the comment. It is green when it could tell, whatever became of the run.
 *
 * @param stop aborts on cancellation.
 * @returns what it could not tell.
 * @throws PipelineError `bad-input` when an input is not usable.
 */
export async function main(stop: AbortSignal): Promise<readonly PipelineFailure[]> {
  const inputs = readInputs(core.getInput);
  if (inputs['github-token'] !== null) core.setSecret(inputs['github-token']);
  const context = readRunContext(process.env);
  const jobs = parseJobs(inputs.needs);
  const graph = parseGraph(
    inputs.graph,
    jobs.map(({ name }) => name),
  );
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd();
  const details = await readDetails(inputs.details, inputs.contracts, (path) => resolve(workspace, path));
  const report: RunReport = {
    ...context,
    title: inputs.title,
    outcome: outcomeOf(jobs, context.isScheduled),
    jobs: jobs.map(({ name, result }) => ({ name, result })),
    tasks: collectTasks(jobs, graph),
    graph,
    details: details.sections,
  };
  await tellRun(report);
  const token = inputs['github-token'];
  if (token === null) return details.failures;
  const signal = limitTime(stop, inputs['timeout-minutes'], 'Telling GitHub');
  const teller: Teller = {
    place: {
      github: openGithub(token, context.apiUrl, signal),
      owner: context.owner,
      repository: context.repository,
    },
    persistence: { signal, log: core.info, wait: pause },
  };
  // The one is told whatever becomes of the other.
  const told = await Promise.allSettled([
    tellInIssue(teller, inputs, report),
    tellInComment(teller, inputs, report),
  ]);
  const failures = told.flatMap((one) =>
    one.status === 'fulfilled' ? [] : [asFailure(one.reason, 'run-report', TOLD)],
  );
  return [...details.failures, ...failures];
}

/** Who tells GitHub, and how patiently. */
interface Teller {
  readonly place: Place;
  readonly persistence: Persistence;
}

async function tellRun(report: RunReport): Promise<void> {
  const folder = await mkdtemp(join(process.env.RUNNER_TEMP ?? tmpdir(), 'run-report-'));
  const path = join(folder, 'report.json');
  const { outcome, tasks } = report;
  const cost = totalCost(tasks);
  await writeWhole(path, `${JSON.stringify(reportFile(report), null, 2)}\n`);
  core.setOutput('outcome', outcome);
  core.setOutput('tasks', JSON.stringify(tasks));
  core.setOutput('cost-eur', cost.eur === null ? '' : cost.eur.toFixed(4));
  core.setOutput('report', path);
  await core.summary
    .addRaw(renderReport(report, LARGEST_SUMMARY_BYTES, 'the file of the output `report`'))
    .write();
  core.info(`The run ${outcome}; the job's summary tells of ${tasks.length} tasks.`);
}

function reportFile({ graph, ...report }: RunReport): object {
  return { ...report, graph: Object.fromEntries(graph), cost: totalCost(report.tasks) };
}

async function tellInIssue({ place, persistence }: Teller, inputs: Inputs, report: RunReport): Promise<void> {
  if (inputs.issue === null) return;
  const alert: Alert = { title: inputs.issue, label: inputs['issue-label'] };
  const { number, told } = await persist(
    'The alert issue',
    () => tellIssue(place, alert, report),
    persistence,
  );
  core.setOutput('issue-number', number === null ? '' : String(number));
  core.info(`Alert issue: ${told}.`);
}

async function tellInComment(
  { place, persistence }: Teller,
  inputs: Inputs,
  report: RunReport,
): Promise<void> {
  const { comment } = inputs;
  if (comment === null) return;
  const event = process.env.GITHUB_EVENT_PATH ?? '';
  const pullRequest = event === '' ? null : readPullRequest(await readFile(event, 'utf8'), place);
  if (pullRequest === null) {
    core.notice('The run is for no pull request: there is no comment.');
    return;
  }
  const work = () => tellComment(place, pullRequest, comment, report);
  const { url, told, isAmiss } = await persist('The comment of the pull request', work, persistence);
  core.setOutput('comment-url', url ?? '');
  if (isAmiss) core.warning(`No comment: ${told}.`);
  else if (url === null) core.notice(`No comment: ${told}.`);
  else core.info(`Comment: ${told}, ${url}`);
}
