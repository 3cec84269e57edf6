import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateClusterCommand, DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { ListStatementsCommand } from '@aws-sdk/client-redshift-data';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startAction } from '../aws/action-runner.ts';
import { defaultClaims, startOidcIssuer } from '../aws/oidc-issuer.ts';
import { roleArn, trustIssuer } from '../aws/oidc-roles.ts';
import { LOADER, until } from '../aws/redshift-bed.ts';
import { root } from '../project.ts';
import { writeRun } from '../warehouse/films.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';
import { expectHandOver } from './hand-over.ts';
import { runAndKill } from './killed-at.ts';
import { openCopies } from './open-copies.ts';
import { startStsForS3 } from './sts-for-s3.ts';

const copies = await openCopies();
const endings: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

describe('the phases apart', () => {
  test('stage leaves the table alone, publish finds the staging table', async () => {
    const day1 = await copies.upload(1, DAY_1);
    const staged = await copies.run({ manifest: day1, phase: 'stage' });
    const table = staged.outputs['staging-table'] ?? '';
    expect(staged.outputs).toMatchObject({ outcome: 'succeeded', 'rows-staged': '9', 'rows-total': '' });
    expect(await copies.rows(`SELECT * FROM ${table} ORDER BY film_key`)).toEqual(DAY_1);
    expect(await copies.films()).toEqual([]);
    const published = await copies.run({ manifest: day1, phase: 'publish', 'iam-role': '' });
    expect(published.outputs).toMatchObject({
      outcome: 'succeeded',
      'load-id': staged.outputs['load-id'],
      'rows-staged': '9',
      'rows-total': '9',
    });
    expect(await copies.films()).toEqual(DAY_1);

    const day2 = await copies.upload(2, DAY_2);
    await copies.run({ manifest: day2, phase: 'stage' });
    expect((await copies.run({ manifest: day2, phase: 'publish' })).outputs.outcome).toBe('succeeded');
    expect(await copies.films()).toEqual(DAY_2);
    expect(await copies.tables()).toEqual(['films', 'films_loads', 'films_metrics']);
  });

  test('publish without stage says that there is nothing to publish', async () => {
    const { outputs, annotations } = await copies.run({
      manifest: await copies.upload(1, DAY_1),
      phase: 'publish',
    });
    expect(outputs.outcome).toBe('bad-input');
    expect(annotations.find(({ level }) => level === 'error')?.message).toContain(
      'There is no staging table to publish',
    );
  });
});

test('a sweep drops what dead loads left over a day ago, and needs neither manifest nor role', async () => {
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  const staged = await copies.run({ manifest: await copies.upload(2, DAY_2), phase: 'stage' });
  await copies.execute(
    'CREATE TABLE films_staging_old (a INTEGER)',
    "COMMENT ON TABLE films_staging_old IS 'Staged at 2026-01-01T00:00:00.000Z'",
    'CREATE TABLE films_staging_untold (a INTEGER)',
    'CREATE TABLE films_staged_by_me (a INTEGER)',
  );
  const sweep = () => copies.run({ phase: 'sweep', 'iam-role': '' });
  expect((await sweep()).outputs).toMatchObject({
    outcome: 'succeeded',
    swept: '["films_staging_old","films_staging_untold"]',
  });
  const alive = staged.outputs['staging-table'] ?? '';
  expect(await copies.tables()).toEqual(
    ['films', 'films_loads', 'films_metrics', 'films_staged_by_me', alive].toSorted(),
  );
  expect((await sweep()).outputs).toMatchObject({ outcome: 'succeeded', swept: '[]' });
});

test('merge with delete-missing leaves what the source has, and a replace of it has nothing to do', async () => {
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  const day2 = await copies.upload(2, DAY_2);
  const merged = await copies.run({ manifest: day2, mode: 'merge', 'delete-missing': 'true' });
  expect(merged.outputs).toMatchObject({
    'rows-inserted': '2',
    'rows-updated': '4',
    'rows-deleted': '2',
    'rows-vanished': '2',
    'rows-unchanged': '3',
  });
  expect(await copies.films()).toEqual(DAY_2);
  const replaced = await copies.run({ manifest: day2 });
  expect(replaced.outputs).toMatchObject({
    'already-loaded': 'true',
    'load-id': merged.outputs['load-id'],
  });
});

test('only what dead loads left over a day ago is swept', async () => {
  await copies.run({ manifest: await copies.upload(1, DAY_1) });
  const day = 24 * 60 * 60 * 1000;
  for (const [name, age] of [
    ['old', day + 60_000],
    ['running', day - 60_000],
  ] as const) {
    await copies.execute(`CREATE TABLE films_staging_${name} (a INTEGER)`);
    const at = new Date(Date.now() - age).toISOString();
    await copies.execute(`COMMENT ON TABLE films_staging_${name} IS 'Staged at ${at}'`);
  }
  // The own mark of a staged run keeps it, too.
  const other = await copies.run({ manifest: await copies.upload(3, DAY_1), phase: 'stage' });
  await copies.run({ manifest: await copies.upload(2, DAY_2) });
  const left = [other.outputs['staging-table'], 'films_staging_running'];
  expect(await copies.tables()).toEqual(['films', 'films_loads', 'films_metrics', ...left]);
});

/** The most memory that the bundle held while it loaded the run, in MB. */
async function peakOf(manifest: string): Promise<number> {
  const [hook, peak] = [join(copies.work, 'note-peak.mjs'), join(copies.work, 'peak')];
  const note = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));`;
  await writeFile(hook, note);
  const step = copies.step({ manifest, 'min-rows-ratio': '0' }, { NODE_OPTIONS: `--import=${hook}` });
  const { outputs } = await (await startAction(step)).result;
  expect(outputs.outcome).toBe('succeeded');
  return Number(await readFile(peak, 'utf8')) / 1024;
}

test('a large run takes no more memory than a small one: its rows do not pass through the runner', async () => {
  const rows = 1_000_000;
  const many = `SELECT 'film-' || range AS film_key, 'The Title Number ' || range AS title, range % 2 = 0 AS is_short,
range::INTEGER AS "order", random() AS rating FROM range(${rows})`;
  const large = await writeRun(join(copies.work, 'large'), [many], { run_id: 'large' });
  const small = await peakOf(await copies.upload(1, DAY_1));
  const peak = await peakOf(await copies.uploadRun(large));
  expect(await copies.rows('SELECT COUNT(*) FROM films')).toEqual([[rows]]);
  // Held as values of JavaScript, the rows would take some hundred MB.
  expect(peak / small).toBeLessThan(1.25);
});

/** Makes a cluster of one node that may use the loader's role. */
async function createCluster(ClusterIdentifier: string): Promise<void> {
  const { credentials, region } = copies.data.config;
  const redshift = new RedshiftClient({ endpoint: copies.proxy.endpoint, region, credentials });
  endings.push(() => redshift.destroy());
  await redshift.send(
    new CreateClusterCommand({
      ClusterIdentifier,
      ClusterType: 'single-node',
      NodeType: 'ra3.large',
      MasterUsername: 'admin',
      ManageMasterPassword: true,
      IamRoles: [LOADER],
    }),
  );
  await until(async () => {
    const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
    return Clusters?.[0]?.ClusterStatus === 'available';
  });
}

/** The variables of a step that has no credentials but those of the role of the name, which trusts its token. */
async function variablesOfRole(name: string) {
  const { environment = {} } = copies.step({});
  const issuer = await startOidcIssuer();
  const sts = await startStsForS3(environment);
  endings.push(issuer.stop, sts.stop);
  await trustIssuer(environment.AWS_ENDPOINT_URL ?? '', issuer, { [name]: defaultClaims.sub });
  const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...others } = environment;
  const variables = { ...others, ...issuer.environment, AWS_ENDPOINT_URL_STS: sts.endpoint };
  return { variables, sessions: sts.sessions };
}

test('data-validate between the phases, on a cluster and as a role, leaves what it measured to the next load', async () => {
  const identifier = 'films-cluster';
  await createCluster(identifier);
  const { variables, sessions } = await variablesOfRole('films-load');
  const common = { kind: 'cluster', identifier, 'role-to-assume': roleArn('films-load') };
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:films-abc';
  let steps = 0;
  const run = async (action: string, inputs: Readonly<Record<string, string>>) => {
    steps += 1;
    const folder = join(root, 'actions', action);
    const { work } = copies;
    return (await startAction({ folder, work, inputs, environment: variables })).result;
  };
  const { inputs: given = {} } = copies.step(common);
  await expectHandOver({
    work: copies.work,
    upload: (day, films) => copies.upload(day, films),
    copy: (inputs) => run('redshift-copy', { ...given, 'db-user': 'loader', ...inputs }),
    validate: (inputs) => {
      const { 'iam-role': _role, ...others } = given;
      return run('data-validate', {
        ...others,
        'secret-arn': secret,
        checks: 'films.checks.yml',
        ...inputs,
      });
    },
    rows: (sql) => copies.rows(sql),
  });
  expect(sessions()).toBeGreaterThanOrEqual(steps);
  const { Statements = [] } = await copies.data.send(
    new ListStatementsCommand({
      ClusterIdentifier: identifier,
      Database: copies.database,
      Status: 'FINISHED',
    }),
  );
  expect(Statements.filter(({ StatementName = '' }) => StatementName.includes('/copy-'))).toHaveLength(3);
});

test('the run before the last is loaded again, as a load that is found again after a kill', async () => {
  const day1 = await copies.upload(1, DAY_1);
  const first = await copies.run({ manifest: day1 });
  const second = await copies.run({ manifest: await copies.upload(2, DAY_2) });
  const id = `${first.outputs['load-id']}_2`;
  // Once COPY was sent.
  const killed = await runAndKill(copies, { manifest: day1 }, 'BatchExecuteStatement', 0);
  expect(killed.outputs.outcome).toBeUndefined();
  expect((await copies.run({ manifest: day1 })).outputs).toMatchObject({
    outcome: 'succeeded',
    'load-id': id,
  });
  expect(await copies.films()).toEqual(DAY_1);
  expect((await copies.run({ manifest: day1 })).outputs).toMatchObject({
    'already-loaded': 'true',
    'load-id': id,
    'rows-updated': '4',
  });
  expect(await copies.rows('SELECT load_id FROM films_loads ORDER BY load_number')).toEqual([
    [first.outputs['load-id']],
    [second.outputs['load-id']],
    [id],
  ]);
  expect(await copies.tables()).toEqual(['films', 'films_loads', 'films_metrics']);
});
