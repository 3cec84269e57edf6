import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunJobFlowCommand } from '@aws-sdk/client-emr';
import { beforeAll, expect, test } from '@jest/globals';
import { runOnDuckdb } from '../../actions/emr-run/src/run-on-duckdb.ts';
import { createTaskRunner } from '../../actions/shared/src/tasks.ts';
import { files, root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { FinishedRun } from './act.ts';
import { BUCKET, type CalledWorkflow, countTitles, openPipeline, REPOSITORY } from './open-pipeline.ts';

const folder = await temporaryFolder();
const pipeline = openPipeline(folder);
const manifestOf = (run: string) => `s3://${BUCKET}/imdb_titles/run=${run}/manifest.json`;
const publishedTitles = async () =>
  Number((await pipeline.statements.rows('SELECT count(*) FROM imdb_titles'))[0]?.[0]);
const stateOf = async () =>
  (await pipeline.statements.rows('SELECT count(*), sum(num_votes), max(title_key) FROM imdb_titles'))[0];
const liveClusters = async () =>
  (await pipeline.clusters()).filter(({ Status }) => Status?.State?.startsWith('TERMINAT') !== true);
const issueOf = (title: string) => pipeline.github.issues.filter((issue) => issue.title === title);
const DAILY = 'imdb_daily is red';
const UP: CalledWorkflow = { exitCode: 0, outputs: {} };
/** A workflow that must not be called. */
const NEVER: CalledWorkflow = { exitCode: 1, outputs: {} };
const calledAs = ({ exitCode, outputs }: FinishedRun): CalledWorkflow => ({
  exitCode,
  outputs: { tasks: outputs['report.report.tasks'] ?? '' },
});

// The tests follow one another, as mornings do.
beforeAll(async () => {
  await pipeline.upload(join(root, 'samples', 'day-1'), 'raw');
  await pipeline.upload(join(root, 'samples', 'day-2'), 'raw/2026-11-24');
  await pipeline.upload(await writeBadRun(), 'imdb_titles/run=bad');
});

/** A run like that of the first day, but that all ratings are above the scale. */
async function writeBadRun(): Promise<string> {
  const input = join(folder, 'bad');
  await cp(files.sample, input, { recursive: true });
  const ratings = join(input, 'title.ratings.tsv');
  const text = await readFile(ratings, 'utf8');
  await writeFile(ratings, text.replaceAll(/^(tt\d+)\t\S+\t/gm, '$1\t99\t'));
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const tasks = createTaskRunner(
    { taskStarted: () => ({ info: () => {}, progress: () => {} }), taskEnded: () => {} },
    () => 0,
  );
  await runOnDuckdb(
    {
      script: files.sparkScript,
      scriptArguments: ['--input', input, '--output', join(folder, 'lake'), '--run-id', 'bad'],
    },
    {
      workspace: root,
      toolFolder: temporary,
      temporaryFolder: temporary,
      variables: process.env,
      now: () => new Date(),
    },
    tasks,
    new AbortController().signal,
  );
  return join(folder, 'lake', 'run=bad');
}

test('the first morning makes warehouse and table and publishes all titles', async () => {
  const run = await pipeline.run({ workflow: 'imdb_daily.yml', runId: '1001' });
  expect(run.failures).toEqual([]);
  expect(run.exitCode).toBe(0);
  const titles = String(await countTitles('day-1'));
  expect(run.outputs).toMatchObject({
    'imdb_process_data/process_data.run.rows-written': titles,
    'imdb_process_data/process_data.run.output-manifest': manifestOf('1001'),
    'imdb_to_redshift/transfer_s3_to_redshift.stage.rows-staged': titles,
    'imdb_to_redshift/run_data_validation.checks.failed': '0',
    'imdb_to_redshift/publish_imdb_titles.publish.rows-inserted': titles,
    'report.report.outcome': 'succeeded',
  });
  expect(await publishedTitles()).toBe(Number(titles));
  const summary = run.summaries.report ?? '';
  for (const task of [
    'process_data',
    'create_redshift_cluster',
    'create_redshift_table',
    'transfer_s3_to_redshift',
    'run_data_validation',
    'publish_imdb_titles',
  ])
    expect(summary).toContain(task);
  expect(summary).toMatch(/euro/);
  expect(pipeline.github.issues).toEqual([]);
  expect(await liveClusters()).toEqual([]);
});

test('a morning without its files leaves the table as it is and opens an issue', async () => {
  const before = await stateOf();
  const inputs = { date: '2026-11-23' };
  const run = await pipeline.run({ workflow: 'imdb_process_data.yml', runId: '1002', inputs });
  expect(run.exitCode).toBe(1);
  expect(run.jobs).toEqual({ process_data: 'failure', terminate_emr_cluster: 'success', report: 'success' });
  expect(run.outputs).toMatchObject({
    'process_data.run.outcome': 'bad-input',
    'report.report.outcome': 'failed',
  });
  expect(await liveClusters()).toEqual([]);

  const daily = await pipeline.runAfter(
    { workflow: 'imdb_daily.yml', runId: '1002', inputs },
    { imdb_process_data: calledAs(run), redshift_warehouse: UP, imdb_to_redshift: NEVER },
  );
  expect(daily.jobs).toEqual({
    check_inputs: 'success',
    imdb_process_data: 'failure',
    redshift_warehouse: 'success',
    report: 'success',
  });
  expect(daily.outputs['report.report.outcome']).toBe('failed');
  expect(daily.summaries.report).toContain('process_data');
  expect(await stateOf()).toEqual(before);
  expect(issueOf(DAILY)).toMatchObject([{ state: 'open', body: expect.stringContaining('1002') }]);
});

test('a run that fails its checks is not published, and the issue is brought up to date', async () => {
  const before = await stateOf();
  const manifest = manifestOf('bad');
  const run = await pipeline.run({ workflow: 'imdb_to_redshift.yml', runId: '1003', inputs: { manifest } });
  expect(run.exitCode).toBe(1);
  expect(run.jobs).toEqual({
    create_redshift_cluster: 'success',
    create_redshift_table: 'success',
    transfer_s3_to_redshift: 'success',
    run_data_validation: 'failure',
    report: 'success',
  });
  expect(run.outputs).toMatchObject({
    'run_data_validation.checks.outcome': 'failed-data',
    'run_data_validation.checks.failed': '1',
  });
  expect(run.summaries.report).toContain('average_rating_in_scale');
  expect(await stateOf()).toEqual(before);

  const processed = { exitCode: 0, outputs: { manifest } };
  const daily = await pipeline.runAfter(
    { workflow: 'imdb_daily.yml', runId: '1003', inputs: {} },
    { imdb_process_data: processed, redshift_warehouse: UP, imdb_to_redshift: calledAs(run) },
  );
  expect(daily.jobs).toMatchObject({ imdb_to_redshift: 'failure', report: 'success' });
  expect(issueOf(DAILY)).toMatchObject([{ state: 'open', body: expect.stringContaining('1003') }]);
});

test('the next day is merged into the table, and the issue is closed', async () => {
  const run = await pipeline.run({
    workflow: 'imdb_daily.yml',
    runId: '1004',
    inputs: { date: '2026-11-24' },
  });
  expect(run.failures).toEqual([]);
  expect(run.exitCode).toBe(0);
  const titles = await countTitles('day-2');
  expect(run.outputs).toMatchObject({
    'imdb_to_redshift/transfer_s3_to_redshift.stage.rows-staged': String(titles),
    'imdb_to_redshift/publish_imdb_titles.publish.rows-total': String(titles),
  });
  expect(await publishedTitles()).toBe(titles);
  expect(issueOf(DAILY)).toMatchObject([{ state: 'closed' }]);
});

test('a half without a manifest is red before anything is started, and the issue is open again', async () => {
  const inputs = { half: 'imdb_to_redshift' };
  const run = await pipeline.run({ workflow: 'imdb_daily.yml', runId: '1005', inputs });
  expect(run.jobs).toEqual({
    check_inputs: 'failure',
    report: 'success',
  });
  expect(run.log).toContain('needs the input manifest');
  expect(issueOf(DAILY)).toMatchObject([{ state: 'closed' }, { state: 'open' }]);
});

test('the same run again changes nothing', async () => {
  const before = await stateOf();
  const inputs = { half: 'imdb_to_redshift', manifest: manifestOf('1004') };
  const run = await pipeline.run({ workflow: 'imdb_daily.yml', runId: '1006', inputs });
  expect(run.exitCode).toBe(0);
  expect(run.outputs['imdb_to_redshift/transfer_s3_to_redshift.stage.already-loaded']).toBe('true');
  expect(run.jobs).not.toHaveProperty('imdb_to_redshift/publish_imdb_titles');
  expect(await stateOf()).toEqual(before);
});

// The bed's warehouses share a database, so the table is there.
test('a cluster is made under the ceiling of the stack, asked what going back would change, and paused', async () => {
  const before = await stateOf();
  const run = await pipeline.run({
    workflow: 'imdb_to_redshift.yml',
    runId: '1007',
    inputs: { manifest: manifestOf('1001'), mode: 'replace', 'dry-run': 'true', after: 'pause' },
    variables: {
      IMDB_WAREHOUSE: 'imdb-cluster',
      IMDB_WAREHOUSE_KIND: 'cluster',
      // What the stack sets for the kind, as a test of the template has it.
      IMDB_MAX_DAY_COST_EUR: '17',
    },
  });
  expect(run.failures).toEqual([]);
  expect(run.jobs).toEqual({
    create_redshift_cluster: 'success',
    create_redshift_table: 'success',
    transfer_s3_to_redshift: 'success',
    run_data_validation: 'success',
    pause_redshift_cluster: 'success',
    report: 'success',
  });
  const [titles, published] = [await countTitles('day-1'), await countTitles('day-2')];
  expect(run.outputs['run_data_validation.checks.rows']).toBe(String(titles));
  const { 'run_data_validation.checks.added': added, 'run_data_validation.checks.removed': removed } =
    run.outputs;
  expect(Number(added)).toBeGreaterThan(0);
  expect(Number(added) - Number(removed)).toBe(titles - published);
  expect(await stateOf()).toEqual(before);
  expect(run.log).toContain('The cluster imdb-cluster is pausing.');
});

test('a cancelled run leaves no cluster and the table as it was', async () => {
  const before = await stateOf();
  const inputs = { half: 'imdb_process_data' };
  const run = await pipeline.start({ workflow: 'imdb_daily.yml', runId: '1008', inputs });
  await run.logged('RUNNING');
  run.cancel();
  const { exitCode } = await run.result;
  expect(exitCode).not.toBe(0);
  const clusters = (await pipeline.clusters()).filter(({ Name }) => Name?.includes('/1008/'));
  expect(clusters).toHaveLength(1);
  expect(await liveClusters()).toEqual([]);
  expect(await stateOf()).toEqual(before);
});

test('the janitor ends a leaked cluster, drops dead staging, keeps the schedules and tells a stale table', async () => {
  const past = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000).toISOString();
  const { JobFlowId: leaked } = await pipeline.emr.send(
    new RunJobFlowCommand({
      Name: `${REPOSITORY}/process_data/999/0123456789ab/1`,
      ReleaseLabel: 'emr-7.13.0',
      ServiceRole: 'emr-service',
      JobFlowRole: 'emr-job',
      Instances: { KeepJobFlowAliveWhenNoSteps: true, MasterInstanceType: 'm7g.xlarge', InstanceCount: 1 },
      Tags: Object.entries({
        pipeline: 'emr-run',
        repository: REPOSITORY,
        'run-id': '999',
        'expires-at': past,
      }).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  await pipeline.statements.all(
    'CREATE TABLE imdb_titles_staging_dead (a INTEGER)',
    `COMMENT ON TABLE imdb_titles_staging_dead IS 'Staged at ${past}'`,
    `UPDATE imdb_titles_loads SET source_date = TIMESTAMP '${past.slice(0, 19).replace('T', ' ')}'`,
  );
  const { github } = pipeline;
  const fiftyDaysAgo = new Date(Date.now() - 50 * 24 * 60 * 60 * 1000).toISOString();
  // GitHub tells whole seconds.
  github.pushedAt = fiftyDaysAgo.replace(/\.\d+/, '');
  github.fail({ of: /^GET \/actions\/workflows\/\w+\.yml$/, status: 200, times: 2 });
  const run = await pipeline.run({ workflow: 'imdb_janitor.yml', runId: '1009' });
  expect(run.jobs).toEqual({
    end_leaked_clusters: 'success',
    find_redshift_cluster: 'success',
    drop_dead_staging: 'success',
    check_freshness: 'failure',
    keep_schedules: 'success',
    report: 'success',
  });
  const cluster = (await pipeline.clusters()).find(({ Id }) => Id === leaked);
  expect(cluster?.Status?.State).toMatch(/^TERMINAT/);
  const staged = await pipeline.statements.rows(
    "SELECT relname FROM pg_class WHERE relname = 'imdb_titles_staging_dead'",
  );
  expect(staged).toEqual([]);
  expect(run.outputs['drop_dead_staging.sweep.swept']).toBe('["imdb_titles_staging_dead"]');
  expect(github.enabledWorkflows).toEqual(['imdb_daily.yml', 'imdb_janitor.yml']);
  expect(run.log).toContain('Nothing was pushed for 50 days');
  expect(run.outputs['check_freshness.checks.outcome']).toBe('failed-data');
  expect(issueOf('imdb_janitor is red')).toMatchObject([{ state: 'open' }]);
  expect(issueOf(DAILY)).toMatchObject([{ state: 'closed' }, { state: 'closed' }]);
});
