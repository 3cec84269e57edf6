import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { endGroupOnDeath } from '../aws/processes.ts';
import { root } from '../project.ts';

const STAND_INS = join(root, 'test', 'workflows', 'stand-ins');

/** A run of a workflow. */
export interface WorkflowRun {
  /** Its file, a path in the repository or an absolute one. */
  readonly workflow: string;
  readonly event: 'schedule' | 'workflow_dispatch' | 'pull_request';
  /** The event's own content. */
  readonly payload?: object;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** What the steps find in their environment beside what the runner sets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly token: string;
  readonly runId: string;
}

/** How it went. */
export interface FinishedRun {
  readonly exitCode: number | null;
  /** By the jobs' names; those of a called workflow are `caller/job`. Skipped jobs are not among them. */
  readonly jobs: Readonly<Record<string, 'success' | 'failure'>>;
  /** The job summaries of each job, in the order in which they were written. */
  readonly summaries: Readonly<Record<string, string>>;
  /** The outputs of the steps by `job.step.output`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What jobs and steps that failed told of it. */
  readonly failures: readonly string[];
  /** Everything that was logged. */
  readonly log: string;
}

/** A run that goes on. */
export interface StartedRun {
  readonly result: Promise<FinishedRun>;
  /** Waits until a line of the log holds the text. */
  readonly logged: (text: string) => Promise<void>;
  /** Cancels it. */
  readonly cancel: () => void;
}

/** Where act works. */
export interface ActFolders {
  /** A Git repository with the project's files; its newest commit is what runs. */
  readonly repository: string;
  /** What it may fill, and what the artifacts are kept in. */
  readonly work: string;
}

const line = z.looseObject({
  job: z.string().optional(),
  jobID: z.string().optional(),
  msg: z.string().optional(),
  jobResult: z.enum(['success', 'failure']).optional(),
  stepID: z.array(z.string()).optional(),
  command: z.string().optional(),
  name: z.string().optional(),
  arg: z.string().optional(),
  content: z.string().optional(),
});

/**
 * Starts a workflow by act, each job on this machine. The actions of others are stand-ins; those of the
 * project run from their bundles.
 */
export async function startWorkflow(folders: ActFolders, run: WorkflowRun): Promise<StartedRun> {
  const { repository, work } = folders;
  const payload = join(work, `event-${run.runId}.json`);
  await writeFile(payload, JSON.stringify({ inputs: run.inputs ?? {}, ...run.payload }));
  const environment = {
    ...run.environment,
    GITHUB_RUN_ID: run.runId,
    STAND_IN_REPOSITORY: repository,
    STAND_IN_ARTIFACTS: join(work, `artifacts-${run.runId}`),
  };
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const programArguments = [
    run.event,
    ...['--workflows', run.workflow, '--eventpath', payload],
    ...['--json', '--platform', 'ubuntu-latest=-self-hosted'],
    ...['--action-offline-mode', '--no-cache-server', '--action-cache-path', join(work, 'act')],
    ...['--secret', `GITHUB_TOKEN=${run.token}`],
    ...pairs('--input', run.inputs ?? {}),
    ...pairs('--var', run.variables ?? {}),
    ...pairs('--env', environment),
    ...(await standIns(repository)).flatMap((one) => ['--local-repository', one]),
  ];
  const child = spawn('act', programArguments, {
    cwd: repository,
    // Nothing of a developer's own account gets in.
    env: { PATH: run.environment.PATH ?? process.env.PATH, HOME: work },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const disarm = child.pid === undefined ? () => {} : endGroupOnDeath(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const result = new Promise<FinishedRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      disarm();
      resolve({ exitCode, ...readLog(output) });
    });
  });
  return {
    result,
    logged: async (text) => {
      while (!output.includes(text)) {
        if (child.exitCode !== null) throw new Error(`It ended without ${text}:\n${readLog(output).log}`);
        await sleep(50);
      }
    },
    cancel: () => child.kill('SIGINT'),
  };
}

/** Each version of another's action that the workflows name, with the folder that stands in for it. */
async function standIns(repository: string): Promise<readonly string[]> {
  const folder = join(repository, '.github', 'workflows');
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  );
  const names = await readdir(STAND_INS);
  const used = texts.flatMap((text) => [...text.matchAll(/uses: ([\w-]+\/([\w-]+)@\w+)/g)]);
  return [
    ...new Set(
      used.flatMap(([, action = '', name = '']) =>
        names.includes(name) ? [`${action}=${join(STAND_INS, name)}`] : [],
      ),
    ),
  ];
}

/** Reads act's log, a JSON object a line; what is none is act's own word before and after the run. */
function readLog(output: string): Omit<FinishedRun, 'exitCode'> {
  const jobs: Record<string, 'success' | 'failure'> = {};
  const summaries: Record<string, string> = {};
  const outputs: Record<string, string> = {};
  const log: string[] = [];
  for (const text of output.split('\n').filter((one) => one !== '')) {
    const entry = text.startsWith('{') ? line.parse(JSON.parse(text)) : { msg: text };
    // A job is named `workflow/job`, one of a called workflow `caller/workflow/job`.
    const job = (entry.job ?? '').trim().split('/').toSpliced(-2, 1).join('/');
    log.push(`${job} ${entry.msg ?? ''}`.trim());
    if (entry.jobResult !== undefined) jobs[job] = entry.jobResult;
    if (entry.command === 'summary') summaries[job] = (summaries[job] ?? '') + (entry.content ?? '');
    if (entry.command === 'set-output')
      outputs[[job, ...(entry.stepID ?? []), entry.name].join('.')] = entry.arg ?? '';
  }
  const failures = log.filter((one) => /❌|❗ {2}::error|🏁 {2}Job failed/u.test(one));
  return { jobs, summaries, outputs, failures, log: log.join('\n') };
}
