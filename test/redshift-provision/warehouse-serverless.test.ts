import { randomUUID } from 'node:crypto';
import {
  CreateNamespaceCommand,
  CreateUsageLimitCommand,
  CreateWorkgroupCommand,
  DeleteWorkgroupCommand,
  GetNamespaceCommand,
  GetWorkgroupCommand,
  ListTagsForResourceCommand,
  ListUsageLimitsCommand,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, test } from '@jest/globals';
import { noFacts } from '../../actions/redshift-provision/src/provision-access.ts';
import { ensureWarehouse } from '../../actions/redshift-provision/src/provision-on-redshift.ts';
import { PIPELINE } from '../../actions/redshift-provision/src/tags.ts';
import type { WarehousePlan } from '../../actions/redshift-provision/src/warehouse/warehouse-plan.ts';
import { failureOf } from '../contract/failure-of.ts';
import { IDENTITY, LOADER, openWarehouses } from './open-warehouses.ts';

// Long enough for a busy machine to see a state that is to be waited for.
const warehouses = openWarehouses(1.2);

const OUR_TAGS = [
  { key: 'pipeline', value: PIPELINE },
  { key: 'repository', value: IDENTITY.repository },
];

async function look(name: string) {
  const { serverless } = warehouses;
  const { namespace } = await serverless.send(new GetNamespaceCommand({ namespaceName: name }));
  const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
  const { usageLimits } = await serverless.send(
    new ListUsageLimitsCommand({ resourceArn: workgroup?.workgroupArn }),
  );
  return { namespace, workgroup, limits: usageLimits };
}

async function createNamespace(name: string, tags = OUR_TAGS): Promise<void> {
  await warehouses.serverless.send(
    new CreateNamespaceCommand({ namespaceName: name, manageAdminPassword: true, tags }),
  );
}

async function createWorkgroup(name: string, differences: object = {}): Promise<void> {
  await warehouses.serverless.send(
    new CreateWorkgroupCommand({
      workgroupName: name,
      namespaceName: name,
      baseCapacity: 4,
      maxCapacity: 8,
      tags: OUR_TAGS,
      ...differences,
    }),
  );
}

async function ensure(given: Readonly<Record<string, string>>, onDrift: 'fail' | 'warn' | 'apply' = 'fail') {
  const facts = noFacts();
  const access = warehouses.access({ onDrift, facts });
  await ensureWarehouse(access, warehouses.plan(given, randomUUID()));
  return facts;
}

const created = (name: string) => [
  `namespace ${name} created`,
  `workgroup ${name} created`,
  `workgroup ${name}: daily RPU-hours limited to 12, then deactivate`,
];

test('an absent one is made: private, with AWS’s secret, the role, tags and a limit; the second run changes nothing', async () => {
  const name = warehouses.name();
  const given = { identifier: name, 'iam-role': LOADER, database: 'films' };
  const facts = await ensure(given);
  expect(facts.changed).toEqual(created(name));
  const { namespace, workgroup, limits } = await look(name);
  expect(namespace).toMatchObject({ dbName: 'films', iamRoles: [LOADER], status: 'AVAILABLE' });
  expect(namespace?.adminPasswordSecretArn).toMatch(/^arn:aws:secretsmanager:/);
  expect(workgroup).toMatchObject({
    status: 'AVAILABLE',
    namespaceName: name,
    baseCapacity: 4,
    maxCapacity: 8,
    publiclyAccessible: false,
  });
  expect(limits).toMatchObject([
    { amount: 12, breachAction: 'deactivate', period: 'daily', usageType: 'serverless-compute' },
  ]);
  for (const resourceArn of [namespace?.namespaceArn, workgroup?.workgroupArn]) {
    const { tags } = await warehouses.serverless.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual(
      expect.arrayContaining([
        ...OUR_TAGS,
        { key: 'run-id', value: '77' },
        { key: 'run-attempt', value: '1' },
      ]),
    );
  }
  expect(facts.endpoint).toBe(`${name}.123456789012.eu-west-1.redshift-serverless.amazonaws.com:5439`);
  expect(facts.secretArn).toBe(namespace?.adminPasswordSecretArn);

  const calls = [
    'CreateNamespace',
    'CreateWorkgroup',
    'CreateUsageLimit',
    'UpdateWorkgroup',
    'UpdateNamespace',
  ];
  const before = calls.map((operation) => warehouses.proxy.calls(operation));
  const again = await ensure(given);
  expect(again).toMatchObject({ changed: [], drift: [], endpoint: facts.endpoint });
  expect(calls.map((operation) => warehouses.proxy.calls(operation))).toEqual(before);
});

test('one that somebody makes at the moment is waited for', async () => {
  const name = warehouses.name();
  await createNamespace(name);
  await createWorkgroup(name);
  const facts = await ensure({ identifier: name });
  expect(warehouses.lines).toContain(`workgroup ${name}: creating`);
  expect(facts.changed).toEqual(created(name).slice(2));
  expect(warehouses.proxy.calls('CreateWorkgroup')).toBe(0);
});

test('a namespace that a failed run left gets its workgroup', async () => {
  const name = warehouses.name();
  await createNamespace(name);
  const facts = await ensure({ identifier: name, 'iam-role': LOADER });
  expect(facts.changed).toEqual([
    `workgroup ${name} created`,
    `namespace ${name}: role attached`,
    `workgroup ${name}: daily RPU-hours limited to 12, then deactivate`,
  ]);
  expect((await look(name)).namespace?.iamRoles).toEqual([LOADER]);
});

test('one that changes at the moment is waited for', async () => {
  const name = warehouses.name();
  await ensure({ identifier: name });
  await warehouses.serverless.send(new UpdateWorkgroupCommand({ workgroupName: name, port: 5440 }));
  const facts = await ensure({ identifier: name });
  expect(warehouses.lines).toContain(`workgroup ${name}: modifying`);
  expect(facts.changed).toEqual([]);
});

test('one that is being deleted is made anew when it is gone', async () => {
  const name = warehouses.name();
  await ensure({ identifier: name });
  await warehouses.serverless.send(new DeleteWorkgroupCommand({ workgroupName: name }));
  const facts = await ensure({ identifier: name });
  expect(warehouses.lines).toContain(`workgroup ${name}: deleting`);
  expect(facts.changed[0]).toBe(`workgroup ${name} created`);
});

describe('one that is different', () => {
  const wanted = { 'base-capacity': '16', 'max-capacity': '32', 'daily-rpu-hours': '20' };
  const drift = (name: string) => [
    { subject: `workgroup ${name}: maximum capacity in RPU`, wanted: '32', found: '8' },
    { subject: `workgroup ${name}: base capacity in RPU`, wanted: '16', found: '4' },
    { subject: `workgroup ${name}: publicly accessible`, wanted: 'false', found: 'true' },
    {
      subject: `workgroup ${name}: daily RPU-hours: amount and action`,
      wanted: '20, then deactivate',
      found: '12, then log',
    },
  ];
  const prepare = async () => {
    const name = warehouses.name();
    await createNamespace(name);
    await createWorkgroup(name, { publiclyAccessible: true });
    const { workgroup } = await look(name);
    await warehouses.serverless.send(
      new CreateUsageLimitCommand({
        resourceArn: workgroup?.workgroupArn,
        usageType: 'serverless-compute',
        amount: 12,
        period: 'daily',
        breachAction: 'log',
      }),
    );
    return name;
  };

  test('fails, is told, and is left as it is', async () => {
    const name = await prepare();
    const facts = noFacts();
    const plan = warehouses.plan({ identifier: name, ...wanted });
    expect(await failureOf(ensureWarehouse(warehouses.access({ facts }), plan))).toMatchObject({
      kind: 'bad-input',
      what: '4 things are not as asked for',
      why: expect.stringContaining(`workgroup ${name}: base capacity in RPU is 4, wanted is 16`),
      done: 'It was left as it is.',
    });
    expect(facts).toMatchObject({ drift: drift(name), changed: [] });
    expect((await look(name)).workgroup).toMatchObject({ baseCapacity: 4, publiclyAccessible: true });
  });

  test('with warn is told and used as it is', async () => {
    const name = await prepare();
    const facts = noFacts();
    const priced: WarehousePlan[] = [];
    const settleCost = (found: WarehousePlan) => void priced.push(found);
    const plan = warehouses.plan({ identifier: name, ...wanted });
    await ensureWarehouse(warehouses.access({ onDrift: 'warn', facts, settleCost }), plan);
    expect(facts).toMatchObject({ drift: drift(name), changed: [] });
    const found = { baseCapacity: 4, maxCapacity: 8, dailyRpuHours: 12, breachAction: 'log' };
    expect(priced).toEqual([{ ...plan, ...found }]);
    expect((await look(name)).workgroup).toMatchObject({ baseCapacity: 4, publiclyAccessible: true });
  });

  test('with apply is changed, one thing after the other; the second run changes nothing', async () => {
    const name = await prepare();
    const facts = await ensure({ identifier: name, ...wanted }, 'apply');
    expect(facts.drift).toEqual([]);
    expect(facts.changed).toEqual([
      `workgroup ${name}: maximum capacity in RPU: 8 to 32`,
      `workgroup ${name}: base capacity in RPU: 4 to 16`,
      `workgroup ${name}: publicly accessible: true to false`,
      `workgroup ${name}: daily RPU-hours: amount and action: 12, then log to 20, then deactivate`,
    ]);
    const { workgroup, limits } = await look(name);
    expect(workgroup).toMatchObject({ baseCapacity: 16, maxCapacity: 32, publiclyAccessible: false });
    expect(limits).toMatchObject([{ amount: 20, breachAction: 'deactivate' }]);
    expect((await ensure({ identifier: name, ...wanted }, 'apply')).changed).toEqual([]);
    // Downwards the base has to go first.
    expect((await ensure({ identifier: name, 'daily-rpu-hours': '20' }, 'apply')).changed).toEqual([
      `workgroup ${name}: base capacity in RPU: 16 to 4`,
      `workgroup ${name}: maximum capacity in RPU: 32 to 8`,
    ]);
  });
});

test('an administrator’s password outside a secret is drift; apply hands it to AWS', async () => {
  const name = warehouses.name();
  await warehouses.serverless.send(new CreateNamespaceCommand({ namespaceName: name, tags: OUR_TAGS }));
  const facts = await ensure({ identifier: name }, 'apply');
  expect(facts.changed).toContain(
    `namespace ${name}: administrator’s password: not in a secret to in a secret of AWS’s`,
  );
  expect(facts.secretArn).toMatch(/^arn:aws:secretsmanager:/);
});

test('one that is not this repository’s is left alone', async () => {
  const name = warehouses.name();
  await createNamespace(name, [
    OUR_TAGS[0] ?? { key: '', value: '' },
    { key: 'repository', value: 'other/films' },
  ]);
  expect(await failureOf(ensure({ identifier: name }, 'apply'))).toMatchObject({
    kind: 'bad-input',
    what: `The namespace ${name} is there and is not this repository’s`,
  });
  await expect(look(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
