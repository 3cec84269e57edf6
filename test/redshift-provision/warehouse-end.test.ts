import {
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
  PauseClusterCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { GetNamespaceCommand, GetWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, test } from '@jest/globals';
import { ensureWarehouse } from '../../actions/redshift-provision/src/provision-on-redshift.ts';
import { bringUp } from '../../actions/redshift-provision/src/warehouse/bring-up.ts';
import { clusterResource } from '../../actions/redshift-provision/src/warehouse/cluster-resource.ts';
import { endWarehouse } from '../../actions/redshift-provision/src/warehouse/end-warehouse.ts';
import { until } from '../aws/redshift-bed.ts';
import { failureOf } from '../contract/failure-of.ts';
import { openWarehouses } from './open-warehouses.ts';

const warehouses = openWarehouses();

const statusOf = async (ClusterIdentifier: string) => {
  const { Clusters } = await warehouses.redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
  return Clusters?.[0]?.ClusterStatus;
};

async function makeCluster() {
  const name = warehouses.name();
  const plan = warehouses.plan({ kind: 'cluster', identifier: name });
  if (plan.kind !== 'cluster') throw new TypeError('asked for a cluster');
  const access = warehouses.access();
  await bringUp(access, plan.tags, clusterResource(access.redshift, plan));
  return { name, plan };
}

describe('a cluster', () => {
  test('is paused; a second time nothing is wrong with that', async () => {
    const { name, plan } = await makeCluster();
    await endWarehouse(warehouses.access(), plan, 'pause', null, 10);
    expect(await statusOf(name)).toMatch(/^paus(ing|ed)$/);
    await endWarehouse(warehouses.access(), plan, 'pause', null, 10);
    expect(warehouses.proxy.calls('PauseCluster')).toBe(1);
  });

  test('whose pause AWS refuses for the moment is paused when it accepts', async () => {
    const { name, plan } = await makeCluster();
    await warehouses.redshift.send(new PauseClusterCommand({ ClusterIdentifier: name }));
    await until(async () => (await statusOf(name)) === 'paused');
    const access = warehouses.access();
    await access.redshift.send(new ResumeClusterCommand({ ClusterIdentifier: name }));
    await endWarehouse(access, plan, 'pause', null, 20);
    expect(warehouses.lines.join('\n')).toMatch(/PauseCluster has to wait \(There is an operation running/);
    expect(warehouses.proxy.calls('PauseCluster')).toBeGreaterThan(1);
    await until(async () => (await statusOf(name)) === 'paused');
  });

  test('that will not be paused is told as left', async () => {
    const { name, plan } = await makeCluster();
    warehouses.proxy.add({ operation: 'PauseCluster', fault: 'server-error', times: 100 });
    expect(await failureOf(endWarehouse(warehouses.access(), plan, 'pause', null, 4))).toMatchObject({
      kind: 'failed-infra',
      what: `The cluster ${name} is left, and may cost money`,
      why: 'PauseCluster was not accepted: Internal failure',
    });
    expect(await statusOf(name)).toBe('available');
  });

  test('is deleted with a last snapshot, also while it is still being made', async () => {
    const name = warehouses.name();
    const plan = warehouses.plan({ kind: 'cluster', identifier: name });
    if (plan.kind !== 'cluster') throw new TypeError('asked for a cluster');
    const access = warehouses.access();
    await clusterResource(access.redshift, plan).create[1]();
    await endWarehouse(access, plan, 'delete', `${name}-last`, 20);
    const { Snapshots } = await warehouses.redshift.send(
      new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: `${name}-last` }),
    );
    expect(Snapshots).toMatchObject([{ ClusterIdentifier: name }]);
    await until(() =>
      statusOf(name).then(
        () => false,
        () => true,
      ),
    );
    // Gone is well.
    await endWarehouse(access, plan, 'delete', `${name}-last`, 20);
  });

  test('of another repository stays', async () => {
    const { name, plan } = await makeCluster();
    const others = { ...plan, tags: { ...plan.tags, repository: 'other/films' } };
    await endWarehouse(warehouses.access(), others, 'delete', null, 10);
    expect(await statusOf(name)).toBe('available');
    expect(warehouses.lines.at(-1)).toBe(`cluster ${name} is not this repository’s; it stays.`);
  });
});

describe('a workgroup', () => {
  const readBoth = async (name: string) => {
    const { serverless } = warehouses;
    const workgroup = serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
    const namespace = serverless.send(new GetNamespaceCommand({ namespaceName: name }));
    const answers = await Promise.allSettled([workgroup, namespace]);
    return answers.map(({ status }) => status);
  };

  test('has no pause: it is said, and nothing is done', async () => {
    const plan = warehouses.plan({ identifier: warehouses.name() });
    await endWarehouse(warehouses.access(), plan, 'pause', null, 10);
    expect(warehouses.lines).toEqual([
      `workgroup ${plan.identifier}: Serverless has no pause; idle it costs nothing but its storage.`,
    ]);
  });

  test('is deleted, and then its namespace', async () => {
    const name = warehouses.name();
    const plan = warehouses.plan({ identifier: name });
    await ensureWarehouse(warehouses.access(), plan);
    await endWarehouse(warehouses.access(), plan, 'delete', null, 20);
    await until(async () => (await readBoth(name)).every((status) => status === 'rejected'));
    expect(warehouses.lines).toContain(`workgroup ${name}: not there.`);
  });
});
