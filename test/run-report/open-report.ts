import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobResult } from '../../actions/run-report/src/jobs.ts';
import type { RunReport } from '../../actions/run-report/src/render/report.ts';
import type { RunTask } from '../../actions/run-report/src/run-task.ts';
import { type ActionResult, type RunningAction, startAction } from '../aws/action-runner.ts';
import type { StoredIssue } from '../github/github-answers.ts';
import type { GithubApi } from '../github/github-api.ts';
import { root } from '../project.ts';

export const TOKEN = 'a-token-that-nobody-may-see';
export const READ_ONLY_TOKEN = 'a-token-of-a-fork';

/** A job of the `needs` context. */
export interface NeededJob {
  readonly result: JobResult;
  readonly outputs?: Readonly<Record<string, string>> | null;
}

/** The `needs` of a workflow of the warehouse, green. */
export const LOAD = {
  create_redshift_cluster: {
    result: 'success',
    outputs: { outcome: 'succeeded', duration: '40', 'cost-per-hour-eur': '1.44' },
  },
  transfer_s3_to_redshift: {
    result: 'success',
    outputs: { outcome: 'succeeded', duration: '25', 'rows-in-manifest': '477', 'rows-staged': '477' },
  },
  run_data_validation: {
    result: 'success',
    outputs: { outcome: 'succeeded', duration: '100', passed: '24', rows: '477', 'freshness-hours': '6.20' },
  },
  publish_imdb_titles: {
    result: 'success',
    outputs: { outcome: 'succeeded', duration: '30', 'rows-inserted': '477', 'rows-total': '477' },
  },
} as const satisfies Readonly<Record<string, NeededJob>>;

/** {@link LOAD} with a check that failed. */
export const RED_LOAD: Readonly<Record<string, NeededJob>> = {
  ...LOAD,
  run_data_validation: { result: 'failure', outputs: { outcome: 'failed-data', failed: '1', passed: '23' } },
  publish_imdb_titles: { result: 'skipped', outputs: {} },
};

/** A step of the built action. */
export interface ReportStep {
  readonly needs: unknown;
  readonly with?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of the workspace, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs the built action to its end; see {@link startReport}. */
export async function reportRun(parent: string, step: ReportStep, api?: GithubApi): Promise<ActionResult> {
  return (await startReport(parent, step, api)).result;
}

/** Starts the built action in a new workspace below the folder; without a server there is no token either. */
export async function startReport(parent: string, step: ReportStep, api?: GithubApi): Promise<RunningAction> {
  const work = await mkdtemp(join(parent, 'work-'));
  for (const [name, text] of Object.entries(step.files ?? {})) {
    await mkdir(dirname(join(work, name)), { recursive: true });
    await writeFile(join(work, name), text);
  }
  return startAction({
    folder: join(root, 'actions', 'run-report'),
    work,
    inputs: {
      title: 'IMDb each morning',
      needs: typeof step.needs === 'string' ? step.needs : JSON.stringify(step.needs),
      'github-token': api === undefined ? '' : TOKEN,
      ...step.with,
    },
    environment: {
      GITHUB_API_URL: api?.url ?? 'http://127.0.0.1:9',
      GITHUB_EVENT_PATH: join(work, 'event.json'),
      ...step.environment,
    },
  });
}

/** A task that succeeded, with whatever the test says instead. */
export function createTask(overrides: Partial<RunTask> = {}): RunTask {
  return {
    task: 'load',
    part_of: null,
    after: [],
    result: 'success',
    outcome: 'succeeded',
    duration: null,
    rows: null,
    'cost-eur': null,
    'cost-is-estimate': false,
    'already-loaded': false,
    counts: {},
    'log-url': null,
    ...overrides,
  };
}

/** A run that succeeded, with whatever the test says instead. */
export function createRun(overrides: Partial<RunReport> = {}): RunReport {
  return {
    title: 'IMDb each morning',
    outcome: 'succeeded',
    runUrl: 'https://github.com/octo-org/imdb-titles/actions/runs/3003/attempts/1',
    runId: '3003',
    runAttempt: '1',
    isScheduled: false,
    jobs: [],
    tasks: [createTask()],
    graph: new Map(),
    details: [],
    ...overrides,
  };
}

/** Has the server hold an issue as another run has left it. */
export function openIssueOf(api: GithubApi, number: number, overrides: Partial<StoredIssue>): void {
  api.issues.push({
    number,
    title: 'An issue',
    body: '',
    state: 'open',
    state_reason: null,
    labels: ['pipeline-alert'],
    isPullRequest: false,
    ...overrides,
  });
}
