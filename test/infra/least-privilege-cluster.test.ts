import { join } from 'node:path';
import { DescribeClustersCommand, PauseClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { beforeAll, expect, test } from '@jest/globals';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files, root } from '../project.ts';
import { buildRun } from '../transform/build-run.ts';
import { switchMotoIam } from './iam-gate.ts';
import { type Duty, NETWORK, ON_CANCELLATION, openRoles, PASSWORD, putRun } from './open-roles.ts';

const roles = await openRoles({ WarehouseKind: 'cluster' });
let manifest = '';
beforeAll(async () => {
  const run = await buildRun('duckdb', files.sample, roles.folder);
  manifest = await putRun(roles, run.folder, run.manifest.run_id);
});

/** AWS's client with the role's session. */
async function redshiftOf(duty: Duty): Promise<RedshiftClient> {
  const session = await roles.sessionOf(duty);
  return new RedshiftClient({
    region: roles.bed.s3.region,
    endpoint: roles.gate.endpoint,
    credentials: {
      accessKeyId: session.AWS_ACCESS_KEY_ID,
      secretAccessKey: session.AWS_SECRET_ACCESS_KEY,
      sessionToken: session.AWS_SESSION_TOKEN,
    },
  });
}

test('each role’s policies are enough for a warehouse that is a cluster', async () => {
  const contract = join(root, 'sql', 'imdb_titles.contract.yml');
  const { IMDB_COPY_ROLE = '', IMDB_WAREHOUSE = '', IMDB_MAX_DAY_COST_EUR = '' } = roles.stack.variables;
  const cluster = { kind: 'cluster', identifier: IMDB_WAREHOUSE };
  // Each call has to pass moto's IAM, for signature and action, and the gate, for resource and conditions.
  await switchMotoIam(roles.bed.endpoint, true);
  try {
    const provision = () =>
      roles.run('load', 'redshift-provision', {
        ...cluster,
        contract,
        'access-file': join(root, 'sql', 'access.yml'),
        'iam-role': IMDB_COPY_ROLE,
        // The schedule's ceiling: what the stack sets has to be enough for what the stack asks for.
        'max-cost-eur': IMDB_MAX_DAY_COST_EUR,
      });
    const provisioned = await provision();
    expect(provisioned.annotations).toEqual([]);
    expect(provisioned.outputs).toMatchObject({ outcome: 'succeeded', changed: 'true' });

    const secret = provisioned.outputs['secret-arn'] ?? '';
    const copy = { ...cluster, contract, manifest, 'secret-arn': secret, 'iam-role': IMDB_COPY_ROLE };
    const staged = await roles.run('load', 'redshift-copy', { ...copy, phase: 'stage' });
    expect(staged.annotations).toEqual([]);
    const validated = await roles.run('validate', 'data-validate', {
      ...cluster,
      contract,
      manifest,
      'secret-arn': secret,
      checks: join(root, 'sql', 'imdb_titles.checks.yml'),
      table: staged.outputs['staging-table'] ?? '',
    });
    expect(validated.outputs).toMatchObject({ outcome: 'succeeded', 'not-run': '0' });
    const published = await roles.run('load', 'redshift-copy', { ...copy, phase: 'publish' });
    expect(published.outputs).toMatchObject({ 'rows-total': String(expectedSampleCounts.titles) });

    // As the workflows do it, with AWS's own program: the janitor pauses, and so does each morning, after a resume.
    const ClusterIdentifier = IMDB_WAREHOUSE;
    const janitor = await redshiftOf('janitor');
    const { Clusters = [] } = await janitor.send(new DescribeClustersCommand({ ClusterIdentifier }));
    expect(Clusters[0]).toMatchObject({ ClusterStatus: 'available', MasterPasswordSecretArn: secret });
    const pause = new PauseClusterCommand({ ClusterIdentifier });
    expect((await janitor.send(pause)).Cluster?.ClusterStatus).toBe('pausing');
    expect((await provision()).outputs).toMatchObject({ outcome: 'succeeded' });
    expect((await (await redshiftOf('load')).send(pause)).Cluster?.ClusterStatus).toBe('pausing');
    // What it may beyond that has its reason.
    expect(roles.unasked().load).toEqual([
      ...NETWORK,
      ON_CANCELLATION,
      // For whoever sets a limit on concurrency scaling, or `on-drift: apply`.
      'redshift:CreateUsageLimit',
      'redshift:DescribeUsageLimits',
      'redshift:ModifyCluster',
      'redshift:ModifyClusterIamRoles',
      'redshift:ModifyUsageLimit',
      // Asked when a manifest is not there.
      's3:ListBucket',
      ...PASSWORD,
    ]);
  } finally {
    await switchMotoIam(roles.bed.endpoint, false);
  }
});
