import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMRClient, ListClustersCommand, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { GetNamespaceCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Statements } from '../aws/redshift-statements.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files, root } from '../project.ts';
import { buildRun } from '../transform/build-run.ts';
import { putRolePolicy, rolePolicies } from './deploy-template.ts';
import { switchMotoIam } from './iam-gate.ts';
import { type Duty, NETWORK, ON_CANCELLATION, openRoles, PASSWORD, putRun } from './open-roles.ts';
import { withoutAction } from './policy.ts';

const roles = await openRoles();
let manifest = '';
/** The administrator's, which the first test learns. */
let secret = '';
beforeAll(async () => {
  const run = await buildRun('duckdb', files.sample, roles.folder);
  manifest = await putRun(roles, run.folder, run.manifest.run_id);
  await writeFile(join(roles.folder, 'job.py'), 'print("done")\n');
});

const sql = (name: string) => join(root, 'sql', name);
const lakeAt = () => ({ contract: sql('imdb_titles.contract.yml'), manifest });
const target = () => ({ identifier: roles.stack.variables.IMDB_WAREHOUSE ?? '' });

/** What each role's workflow does, by the names of the tests. */
const WORK = {
  'emr-run': (steps = '') => ({
    ...(steps === '' ? { script: join(roles.folder, 'job.py') } : { steps }),
    manifest,
    bucket: roles.stack.lake,
    'service-role': roles.stack.variables.IMDB_EMR_SERVICE_ROLE ?? '',
    'job-role': roles.stack.variables.IMDB_EMR_JOB_ROLE ?? '',
    subnets: roles.stack.variables.IMDB_EMR_SUBNETS ?? '',
    configuration: join(root, 'infra', 'emr-cluster.yml'),
    'timeout-minutes': '10',
    'github-token': '',
  }),
  provision: () => ({
    ...target(),
    contract: sql('imdb_titles.contract.yml'),
    'access-file': sql('access.yml'),
    'iam-role': roles.stack.variables.IMDB_COPY_ROLE ?? '',
    subnets: roles.stack.variables.IMDB_WAREHOUSE_SUBNETS ?? '',
    'security-groups': roles.stack.variables.IMDB_WAREHOUSE_SECURITY_GROUPS ?? '',
  }),
  copy: (phase: string) => ({
    ...target(),
    'secret-arn': secret,
    ...lakeAt(),
    phase,
    'iam-role': roles.stack.variables.IMDB_COPY_ROLE ?? '',
  }),
  validate: (table: string) => ({
    ...target(),
    'secret-arn': secret,
    ...lakeAt(),
    table,
    checks: sql('imdb_titles.checks.yml'),
  }),
  dropStaging: () => ({
    ...target(),
    'secret-arn': secret,
    phase: 'sweep',
    contract: sql('imdb_titles.contract.yml'),
  }),
  sweep: () => ({ mode: 'sweep', 'github-token': '' }),
  freshness: () => ({
    ...target(),
    'secret-arn': secret,
    contract: sql('imdb_titles.contract.yml'),
    checks: sql('imdb_titles.freshness.yml'),
    'fail-on': 'never',
  }),
} as const;

const STEP = '- { name: first, command: "true" }';

/** Another warehouse than the one that is there, so that it would have to be made. */
function newWarehouse() {
  return { ...WORK.provision(), identifier: 'other', ensure: 'warehouse' };
}

/** How a client of AWS calls with the role's session. */
async function clientOptions(duty: Duty) {
  const session = await roles.sessionOf(duty);
  return {
    region: roles.bed.s3.region,
    endpoint: roles.gate.endpoint,
    credentials: {
      accessKeyId: session.AWS_ACCESS_KEY_ID,
      secretAccessKey: session.AWS_SECRET_ACCESS_KEY,
      sessionToken: session.AWS_SESSION_TOKEN,
    },
  };
}

/** A cluster of this repository that is past its time and tells no run. */
async function startLeakedCluster(): Promise<void> {
  const { accessKeyId, secretAccessKey, region } = roles.bed.s3;
  const credentials = { accessKeyId, secretAccessKey };
  // Through the gate, which asks no administrator, but has to learn the tags.
  const emr = new EMRClient({ region, endpoint: roles.gate.endpoint, credentials });
  const tags = {
    pipeline: 'emr-run',
    repository: 'octo-org/imdb-titles',
    'expires-at': '2026-01-01T00:00:00.000Z',
  };
  await emr.send(
    new RunJobFlowCommand({
      Name: 'octo-org/imdb-titles/process/1/0123456789ab/1',
      ReleaseLabel: 'emr-7.13.0',
      ServiceRole: 'service',
      JobFlowRole: 'job',
      Instances: {
        KeepJobFlowAliveWhenNoSteps: true,
        InstanceGroups: [{ InstanceRole: 'MASTER', InstanceType: 'm7g.xlarge', InstanceCount: 1 }],
      },
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
}

test('each role’s policies are enough for its workflow', async () => {
  await startLeakedCluster();
  // Each call has to pass moto's IAM, for signature and action, and the gate, for resource and conditions.
  await switchMotoIam(roles.bed.endpoint, true);
  try {
    const processed = await roles.run('process', 'emr-run', WORK['emr-run']());
    expect(processed.annotations).toEqual([]);
    expect(processed.outputs).toMatchObject({
      outcome: 'succeeded',
      'rows-written': String(expectedSampleCounts.titles),
    });
    const provisioned = await roles.run('load', 'redshift-provision', WORK.provision());
    expect(provisioned.annotations).toEqual([]);
    expect(provisioned.outputs).toMatchObject({ outcome: 'succeeded', changed: 'true' });
    const again = await roles.run('load', 'redshift-provision', WORK.provision());
    expect(again.outputs).toMatchObject({ outcome: 'succeeded', changed: 'false' });
    secret = provisioned.outputs['secret-arn'] ?? '';
    const staged = await roles.run('load', 'redshift-copy', WORK.copy('stage'));
    expect(staged.annotations).toEqual([]);
    expect(staged.outputs).toMatchObject({ 'rows-staged': String(expectedSampleCounts.titles) });
    const validated = await roles.run(
      'validate',
      'data-validate',
      WORK.validate(staged.outputs['staging-table'] ?? ''),
    );
    expect(validated.outputs).toMatchObject({ outcome: 'succeeded', 'not-run': '0' });
    const published = await roles.run('load', 'redshift-copy', WORK.copy('publish'));
    expect(published.outputs).toMatchObject({
      outcome: 'succeeded',
      'rows-total': String(expectedSampleCounts.titles),
    });
    const swept = await roles.run('janitor', 'emr-run', WORK.sweep());
    expect(swept.log).toContain('✔ terminate_emr_cluster');
    expect(swept.log).toContain('1 ended, 0 left');
    const old = ['imdb_titles_staging_old', 'imdb_titles_staging_older'];
    const statements = new Statements(new RedshiftDataClient(await clientOptions('load')), 'imdb');
    const staging = old.flatMap((table) => [
      `CREATE TABLE ${table} (a INTEGER)`,
      `COMMENT ON TABLE ${table} IS 'Staged at 2026-01-01T00:00:00.000Z'`,
    ]);
    expect(await statements.batch(staging, { SecretArn: secret })).toMatchObject({ Status: 'FINISHED' });
    const dropped = await roles.run('janitor', 'redshift-copy', WORK.dropStaging());
    expect(dropped.outputs).toMatchObject({ outcome: 'succeeded', swept: JSON.stringify(old) });
    // As its workflow looks for the warehouse, with AWS's own program.
    const serverless = new RedshiftServerlessClient(await clientOptions('janitor'));
    const { namespace } = await serverless.send(new GetNamespaceCommand({ namespaceName: 'imdb' }));
    expect(namespace?.adminPasswordSecretArn).toBe(secret);
    const fresh = await roles.run('janitor', 'data-validate', WORK.freshness());
    expect(fresh.outputs).toMatchObject({ 'not-run': '0' });
    expect(fresh.outputs['freshness-hours']).not.toBe('');
    // What they may beyond that has its reason.
    expect(roles.unasked()).toEqual({
      // A run that is tried again adds the steps that its first attempt did not come to.
      process: ['elasticmapreduce:AddJobFlowSteps'],
      load: [
        ...NETWORK,
        ON_CANCELLATION,
        // For whoever sets `on-drift: apply`, and for a namespace that has not the role of COPY yet.
        'redshift-serverless:UpdateNamespace',
        'redshift-serverless:UpdateUsageLimit',
        'redshift-serverless:UpdateWorkgroup',
        // Asked when a manifest is not there.
        's3:ListBucket',
        ...PASSWORD,
      ],
      validate: [ON_CANCELLATION],
      janitor: [ON_CANCELLATION],
    });
  } finally {
    await switchMotoIam(roles.bed.endpoint, false);
  }
});

test('moto’s IAM looks too: what its policies lack is refused, whatever the gate says', async () => {
  const role = `${roles.stack.name}-janitor`;
  const name = 'emr-run';
  const policy = (await rolePolicies(roles.bed.endpoint, role))[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  const lacking = withoutAction(policy, 'elasticmapreduce:ListClusters');
  await putRolePolicy(roles.bed.endpoint, role, name, lacking);
  const emr = new EMRClient(await clientOptions('janitor'));
  await emr.send(new ListClustersCommand({}));
  await switchMotoIam(roles.bed.endpoint, true);
  try {
    const refused: unknown = await emr.send(new ListClustersCommand({})).catch((error: unknown) => error);
    expect(refused).toHaveProperty('$metadata.httpStatusCode', 403);
  } finally {
    await switchMotoIam(roles.bed.endpoint, false);
    await putRolePolicy(roles.bed.endpoint, role, name, policy);
  }
});

describe('taken away from the role', () => {
  test.each<[duty: Duty, missing: string, action: string, inputs: () => Readonly<Record<string, string>>]>([
    // What is there already is not sent again.
    ['process', 's3:PutObject', 'emr-run', () => ({ ...WORK['emr-run'](), script: files.sparkScript })],
    ['process', 'elasticmapreduce:ListClusters', 'emr-run', () => WORK['emr-run'](STEP)],
    ['process', 'elasticmapreduce:RunJobFlow', 'emr-run', () => WORK['emr-run'](STEP)],
    ['process', 'elasticmapreduce:AddTags', 'emr-run', () => WORK['emr-run'](STEP)],
    ['process', 'iam:PassRole', 'emr-run', () => WORK['emr-run'](STEP)],
    ['load', 'redshift-serverless:GetNamespace', 'redshift-provision', () => WORK.provision()],
    ['load', 'secretsmanager:CreateSecret', 'redshift-provision', () => newWarehouse()],
    ['load', 'iam:PassRole', 'redshift-provision', () => newWarehouse()],
    ['load', 's3:GetObject', 'redshift-copy', () => WORK.copy('load')],
    ['load', 'redshift-data:ExecuteStatement', 'redshift-copy', () => WORK.copy('load')],
    ['validate', 'redshift-data:DescribeStatement', 'data-validate', () => WORK.validate('imdb_titles')],
    ['validate', 'secretsmanager:GetSecretValue', 'data-validate', () => WORK.validate('imdb_titles')],
    ['validate', 's3:GetObject', 'data-validate', () => WORK.validate('imdb_titles')],
    ['janitor', 'redshift-data:ExecuteStatement', 'redshift-copy', () => WORK.dropStaging()],
    ['janitor', 'secretsmanager:GetSecretValue', 'data-validate', () => WORK.freshness()],
    ['janitor', 'elasticmapreduce:DescribeCluster', 'emr-run', () => WORK.sweep()],
    ['janitor', 'elasticmapreduce:TerminateJobFlows', 'emr-run', () => WORK.sweep()],
  ])('%s, %s is named by the failure of %s', async (duty, missing, action, inputs) => {
    if (action === 'emr-run' && duty === 'janitor') await startLeakedCluster();
    const { exitCode, annotations } = await roles.without(duty, missing, () =>
      roles.run(duty, action, inputs()),
    );
    expect(exitCode).not.toBe(0);
    const failure = annotations.find(({ level }) => level === 'error');
    expect(failure?.message).toContain(`is not authorized to perform: ${missing}`);
  });
});
