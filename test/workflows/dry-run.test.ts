import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withJava } from '../../actions/shared/src/spark/spark-submit.ts';
import { ensurePythonEnvironment } from '../../actions/shared/src/transform/python-environment.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { type GithubApi, startGithubApi } from '../github/github-api.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type FinishedRun, startWorkflow } from './act.ts';
import { makeProjectRepository, type ProjectRepository } from './project-repository.ts';

const TITLES = String(expectedSampleCounts.titles);
const TOKENS = { token: 'a-token-that-may-write', readOnlyToken: 'a-token-of-a-fork' };
const folder = await temporaryFolder();
let github: GithubApi;
let project: ProjectRepository;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  github = await startGithubApi(TOKENS);
  project = await makeProjectRepository(folder);
  const silent = { info: () => {}, progress: () => {} };
  const python = await ensurePythonEnvironment(files.pythonEnvironment, [], silent);
  const { PATH = '', JAVA_HOME = '' } = await withJava(python, new AbortController().signal);
  // Nothing of AWS, and no service for identity tokens.
  environment = {
    PATH: [PATH, process.env.PATH].join(delimiter),
    JAVA_HOME,
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: 'octo-org/imdb-titles',
  };
});
afterAll(() => github.stop());

/**
 * Opens or updates the pull request 7 with what is in the repository's folder.
 *
 * @param main the newest commit of main, which GitHub merges with the pull request's. The event tells an older one:
 *   its base is that of the last push.
 */
async function runPullRequest(main: string, runId: string, token: string): Promise<FinishedRun> {
  const head = await project.commit();
  await project.merge(main, head);
  const payload = { pull_request: { number: 7, base: { sha: project.firstCommit }, head: { sha: head } } };
  const event = { workflow: '.github/workflows/imdb_dry_run.yml', event: 'pull_request', payload } as const;
  return (await startWorkflow(project, { ...event, environment, token, runId })).result;
}

async function replace(path: string, text: string, by: string): Promise<void> {
  const file = join(project.repository, path);
  const before = await readFile(file, 'utf8');
  if (!before.includes(text)) throw new Error(`${path} does not hold ${text}`);
  await writeFile(file, before.replace(text, by));
}

/** The films of the sample, counted in the file itself: whole records of the type `movie`. */
async function countFilms(): Promise<number> {
  const text = await readFile(join(files.sample, 'title.basics.tsv'), 'utf8');
  return text
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length === 9 && fields[1] === 'movie').length;
}

test('tells what a pull request changes, of rows and columns, in the summary and in one comment', async () => {
  github.issues.push({
    number: 7,
    title: 'Call them films',
    body: '',
    state: 'open',
    state_reason: null,
    labels: [],
    isPullRequest: true,
  });
  // Somebody else's change, which main has by now.
  const minutes = 'try_cast(runtimeMinutes AS INT)';
  await replace('spark/imdb_titles.sql', `${minutes} END`, `${minutes} + 1 END`);
  const main = await project.commit();

  const movie = "CASE WHEN title.titleType = 'movie' THEN 'film' ELSE title.titleType END AS title_type";
  await replace('spark/imdb_titles.sql', 'title.titleType AS title_type', movie);
  await replace('sql/imdb_titles.contract.yml', 'max_bytes: 128', 'max_bytes: 256');
  const films = String(await countFilms());

  const first = await runPullRequest(main, '7001', TOKENS.token);
  expect(first.failures).toEqual([]);
  expect(first.exitCode).toBe(0);
  expect(first.jobs).toEqual({
    imdb_process_data: 'success',
    imdb_process_data_on_spark: 'success',
    compare_engines: 'success',
    imdb_to_redshift: 'success',
    report: 'success',
  });
  expect(first.outputs).toMatchObject({
    'imdb_process_data.base.rows-written': TITLES,
    'imdb_process_data.head.rows-written': TITLES,
    'imdb_process_data_on_spark.run.rows-written': TITLES,
    'compare_engines.checks.rows': TITLES,
    'compare_engines.checks.changed': '0',
    'imdb_to_redshift.checks.added': '0',
    'imdb_to_redshift.checks.removed': '0',
    'imdb_to_redshift.checks.changed': films,
  });
  const [comment, ...others] = github.comments;
  expect(others).toEqual([]);
  expect(comment?.issue).toBe(7);
  for (const text of [comment?.body, first.summaries.report]) {
    expect(text).toContain('imdb_dry_run: succeeded');
    expect(text).toMatch(new RegExp(`title_type.*${films}`));
    expect(text).toContain('varchar(256)');
  }

  // Spark alone is given another transform; and the token is one of a fork's run.
  await replace(
    'spark/imdb_titles.py',
    'spark.sql(query)',
    `spark.sql(query).where("title_type <> 'short'")`,
  );
  const second = await runPullRequest(main, '7002', TOKENS.readOnlyToken);
  expect(second.exitCode).toBe(1);
  expect(second.jobs).toMatchObject({
    compare_engines: 'failure',
    imdb_to_redshift: 'success',
    report: 'success',
  });
  expect(second.log).toContain('Spark and DuckDB differ');
  expect(second.summaries.report).toContain('imdb_dry_run: failed');
  expect(github.comments).toEqual([comment]);
});
