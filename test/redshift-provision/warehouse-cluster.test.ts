import { randomUUID } from 'node:crypto';
import {
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  DescribeUsageLimitsCommand,
  PauseClusterCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { describe, expect, test } from '@jest/globals';
import { noFacts } from '../../actions/redshift-provision/src/provision-access.ts';
import { ensureWarehouse } from '../../actions/redshift-provision/src/provision-on-redshift.ts';
import { PIPELINE } from '../../actions/redshift-provision/src/tags.ts';
import type { WarehousePlan } from '../../actions/redshift-provision/src/warehouse/warehouse-plan.ts';
import { until } from '../aws/redshift-bed.ts';
import { failureOf } from '../contract/failure-of.ts';
import { IDENTITY, LOADER, openWarehouses } from './open-warehouses.ts';

const warehouses = openWarehouses();

const OUR_TAGS = [
  { Key: 'pipeline', Value: PIPELINE },
  { Key: 'repository', Value: IDENTITY.repository },
];

async function look(ClusterIdentifier: string): Promise<Cluster | undefined> {
  const { Clusters } = await warehouses.redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
  return Clusters?.[0];
}

async function create(name: string, differences: object = {}): Promise<void> {
  await warehouses.redshift.send(
    new CreateClusterCommand({
      ClusterIdentifier: name,
      ClusterType: 'single-node',
      NodeType: 'ra3.large',
      MasterUsername: 'admin',
      ManageMasterPassword: true,
      Tags: OUR_TAGS,
      ...differences,
    }),
  );
}

const reached = (name: string, state: string) =>
  until(async () => (await look(name))?.ClusterStatus === state);

async function createAvailable(name: string, differences: object = {}): Promise<void> {
  await create(name, differences);
  await reached(name, 'available');
}

async function pauseIt(name: string): Promise<void> {
  await warehouses.redshift.send(new PauseClusterCommand({ ClusterIdentifier: name }));
}

async function ensure(
  given: Readonly<Record<string, string>>,
  onDrift: 'fail' | 'warn' | 'apply' = 'fail',
  settleCost: (found: WarehousePlan) => void = () => {},
) {
  const facts = noFacts();
  const access = warehouses.access({ onDrift, facts, settleCost });
  await ensureWarehouse(access, warehouses.plan({ kind: 'cluster', ...given }, randomUUID()));
  return facts;
}

test('an absent one is made: private, encrypted, with AWS’s secret, the role and tags; the second run changes nothing', async () => {
  const name = warehouses.name();
  const given = { identifier: name, 'iam-role': LOADER, database: 'films' };
  const facts = await ensure(given);
  // A single node has no concurrency scaling to be limited.
  expect(facts).toMatchObject({ changed: [`cluster ${name} created`], drift: [] });
  const cluster = await look(name);
  expect(cluster).toMatchObject({
    ClusterStatus: 'available',
    NodeType: 'ra3.large',
    NumberOfNodes: 1,
    DBName: 'films',
    Encrypted: true,
    PubliclyAccessible: false,
    IamRoles: [{ IamRoleArn: LOADER }],
    Tags: expect.arrayContaining([...OUR_TAGS, { Key: 'run-id', Value: '77' }]),
  });
  expect(facts.endpoint).toBe(`${cluster?.Endpoint?.Address}:5439`);
  expect(facts.secretArn).toMatch(/^arn:aws:secretsmanager:/);
  expect((await ensure(given)).changed).toEqual([]);
});

test('one of several nodes has its concurrency scaling limited', async () => {
  const name = warehouses.name();
  const given = { identifier: name, size: 'standard' };
  expect((await ensure(given)).changed).toEqual([
    `cluster ${name} created`,
    `cluster ${name}: daily minutes of concurrency scaling limited to 60, then disable`,
  ]);
  expect(await look(name)).toMatchObject({ NodeType: 'ra3.xlplus', NumberOfNodes: 2 });
  const { UsageLimits } = await warehouses.redshift.send(
    new DescribeUsageLimitsCommand({ ClusterIdentifier: name }),
  );
  expect(UsageLimits).toMatchObject([
    {
      FeatureType: 'concurrency-scaling',
      LimitType: 'time',
      Amount: 60,
      Period: 'daily',
      BreachAction: 'disable',
    },
  ]);
  expect((await ensure(given)).changed).toEqual([]);
});

test.each<[state: string, prepare: (name: string) => Promise<void>, changed: readonly string[]]>([
  ['creating', create, []],
  [
    'paused',
    async (name) => {
      await createAvailable(name);
      await pauseIt(name);
      await reached(name, 'paused');
    },
    ['resumed'],
  ],
  [
    'pausing',
    async (name) => {
      await createAvailable(name);
      await pauseIt(name);
    },
    ['resumed'],
  ],
  [
    'resuming',
    async (name) => {
      await createAvailable(name);
      await pauseIt(name);
      await reached(name, 'paused');
      await warehouses.redshift.send(new ResumeClusterCommand({ ClusterIdentifier: name }));
    },
    [],
  ],
  [
    'deleting',
    async (name) => {
      await createAvailable(name);
      await warehouses.redshift.send(
        new DeleteClusterCommand({ ClusterIdentifier: name, SkipFinalClusterSnapshot: true }),
      );
    },
    ['created'],
  ],
])('one that is %s becomes available', async (state, prepare, changed) => {
  const name = warehouses.name();
  await prepare(name);
  const facts = await ensure({ identifier: name });
  expect(warehouses.lines[0]).toBe(`cluster ${name}: ${state}`);
  expect(facts.changed).toEqual(changed.map((what) => `cluster ${name} ${what}`));
  expect((await look(name))?.ClusterStatus).toBe('available');
});

describe('one that is different', () => {
  const given = (name: string) => ({ identifier: name, 'number-of-nodes': '2' });
  const drift = (name: string) => [
    { subject: `cluster ${name}: nodes`, wanted: '2 x ra3.large', found: '1 x ra3.large' },
    { subject: `cluster ${name}: publicly accessible`, wanted: 'false', found: 'true' },
  ];

  test('and paused fails before it is resumed, which would cost', async () => {
    const name = warehouses.name();
    await createAvailable(name, { PubliclyAccessible: true });
    await pauseIt(name);
    expect(await failureOf(ensure(given(name)))).toMatchObject({
      kind: 'bad-input',
      what: '2 things are not as asked for',
      where: `cluster ${name}: nodes; cluster ${name}: publicly accessible`,
    });
    expect((await look(name))?.ClusterStatus).toBe('paused');
    expect(warehouses.proxy.calls('ResumeCluster')).toBe(0);
  });

  test.each(['warn', 'apply'] as const)(
    'and paused is priced as it is before it is resumed: %s',
    async (onDrift) => {
      const name = warehouses.name();
      await createAvailable(name, { ClusterType: 'multi-node', NumberOfNodes: 3 });
      await pauseIt(name);
      const refuse = (found: WarehousePlan) => {
        throw new Error(found.kind === 'cluster' ? `${found.nodes} nodes are too dear` : '');
      };
      await expect(ensure(given(name), onDrift, refuse)).rejects.toThrow('3 nodes are too dear');
      expect(warehouses.proxy.calls('ResumeCluster')).toBe(0);
    },
  );

  test('with warn is told and used as it is', async () => {
    const name = warehouses.name();
    await createAvailable(name, { PubliclyAccessible: true });
    expect((await ensure(given(name), 'warn')).drift).toEqual(drift(name));
    expect(await look(name)).toMatchObject({ NumberOfNodes: 1, PubliclyAccessible: true });
  });

  test('with apply is changed; the second run changes nothing', async () => {
    const name = warehouses.name();
    await createAvailable(name, { PubliclyAccessible: true });
    const facts = await ensure(given(name), 'apply');
    expect(facts.drift).toEqual([]);
    expect(facts.changed).toEqual([
      `cluster ${name}: daily minutes of concurrency scaling limited to 60, then disable`,
      `cluster ${name}: nodes: 1 x ra3.large to 2 x ra3.large`,
      `cluster ${name}: publicly accessible: true to false`,
    ]);
    expect(await look(name)).toMatchObject({ NumberOfNodes: 2, PubliclyAccessible: false });
    expect((await ensure(given(name), 'apply')).changed).toEqual([]);
  });

  test('cannot be moved to another subnet group', async () => {
    const name = warehouses.name();
    await createAvailable(name);
    expect(await failureOf(ensure({ identifier: name, 'subnet-group': 'inner' }, 'apply'))).toMatchObject({
      what: 'A cluster cannot be moved to another subnet group',
    });
  });
});

test('a role that is missing is attached', async () => {
  const name = warehouses.name();
  await createAvailable(name);
  expect((await ensure({ identifier: name, 'iam-role': LOADER })).changed).toEqual([
    `cluster ${name}: role attached`,
  ]);
  expect((await look(name))?.IamRoles).toMatchObject([{ IamRoleArn: LOADER }]);
});

test('one that is not this repository’s is left alone, also when it is paused', async () => {
  const name = warehouses.name();
  await createAvailable(name, { Tags: [] });
  await pauseIt(name);
  expect(await failureOf(ensure({ identifier: name }, 'apply'))).toMatchObject({
    kind: 'bad-input',
    why: 'its tags are not pipeline=redshift-provision, repository=anna/films',
  });
  await reached(name, 'paused');
});

test('what AWS refuses is told in its words', async () => {
  const name = warehouses.name();
  const plan = { ...warehouses.plan({ kind: 'cluster', identifier: name }), nodeType: 'dc2.large' };
  expect(await failureOf(ensureWarehouse(warehouses.access(), plan))).toMatchObject({
    kind: 'bad-input',
    what: 'AWS refused CreateCluster',
    why: expect.stringContaining('Invalid node type: dc2.large'),
  });
});
