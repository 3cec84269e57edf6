import { join } from 'node:path';
import { DescribeClustersCommand, PauseClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { beforeAll, expect, test } from '@jest/globals';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files, root } from '../project.ts';
import { buildRun } from '../transform/build-run.ts';
import { switchMotoIam } from './iam-gate.ts';
import { openRoles, putRun } from './open-roles.ts';

const roles = await openRoles({ WarehouseKind: 'cluster' });
let manifest = '';
beforeAll(async () => {
  const run = await buildRun('duckdb', files.sample, roles.folder);
  manifest = await putRun(roles, run.folder, run.manifest.run_id);
});

test('each role’s policies are enough for a warehouse that is a cluster', async () => {
  const contract = join(root, 'sql', 'imdb_titles.contract.yml');
  const { IMDB_COPY_ROLE = '', IMDB_WAREHOUSE = '' } = roles.stack.variables;
  const cluster = { kind: 'cluster', identifier: IMDB_WAREHOUSE };
  // Each call has to pass moto's IAM, for signature and action, and the gate, for resource and conditions.
  await switchMotoIam(roles.bed.endpoint, true);
  try {
    const provisioned = await roles.run('load', 'redshift-provision', {
      ...cluster,
      contract,
      'access-file': join(root, 'sql', 'access.yml'),
      'iam-role': IMDB_COPY_ROLE,
      'max-cost-eur': '20',
    });
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

    // As the janitor's workflow does it, with AWS's own program.
    const session = await roles.sessionOf('janitor');
    const redshift = new RedshiftClient({
      region: roles.bed.s3.region,
      endpoint: roles.gate.endpoint,
      credentials: {
        accessKeyId: session.AWS_ACCESS_KEY_ID,
        secretAccessKey: session.AWS_SECRET_ACCESS_KEY,
        sessionToken: session.AWS_SESSION_TOKEN,
      },
    });
    const ClusterIdentifier = IMDB_WAREHOUSE;
    const { Clusters = [] } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
    expect(Clusters[0]).toMatchObject({ ClusterStatus: 'available', MasterPasswordSecretArn: secret });
    const { Cluster } = await redshift.send(new PauseClusterCommand({ ClusterIdentifier }));
    expect(Cluster?.ClusterStatus).toBe('pausing');
  } finally {
    await switchMotoIam(roles.bed.endpoint, false);
  }
});
