import {
  CreateClusterCommand,
  CreateUsageLimitCommand,
  DeleteClusterCommand,
  DeleteUsageLimitCommand,
  DescribeClustersCommand,
  DescribeUsageLimitsCommand,
  GetClusterCredentialsWithIAMCommand,
  ModifyClusterIamRolesCommand,
  ModifyUsageLimitCommand,
  PauseClusterCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import {
  CreateNamespaceCommand,
  CreateUsageLimitCommand as CreateServerlessLimitCommand,
  CreateWorkgroupCommand,
  DeleteNamespaceCommand,
  DeleteUsageLimitCommand as DeleteServerlessLimitCommand,
  DeleteWorkgroupCommand,
  GetNamespaceCommand,
  GetUsageLimitCommand,
  GetWorkgroupCommand,
  ListNamespacesCommand,
  ListTagsForResourceCommand,
  ListUsageLimitsCommand,
  ListWorkgroupsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateUsageLimitCommand,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, test } from '@jest/globals';
import { createWorkgroup, startRedshiftBed, until } from './redshift-bed.ts';

const bed = await startRedshiftBed(0.8);
const { redshift, serverless } = bed;

const cluster = (ClusterIdentifier: string, differences: object = {}) =>
  new CreateClusterCommand({
    ClusterIdentifier,
    ClusterType: 'single-node',
    NodeType: 'ra3.large',
    MasterUsername: 'admin',
    ManageMasterPassword: true,
    ...differences,
  });

async function describeCluster(ClusterIdentifier: string) {
  const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
  return Clusters?.[0];
}

const statusOf = async (name: string) => (await describeCluster(name))?.ClusterStatus;

async function createCluster(name: string, differences: object = {}): Promise<void> {
  await redshift.send(cluster(name, differences));
  await until(async () => (await statusOf(name)) === 'available');
}

/** The states that are seen until the last of them is reached. */
async function seen(state: () => Promise<string | undefined>, last: string): Promise<(string | undefined)[]> {
  const states: (string | undefined)[] = [];
  await until(async () => {
    const now = await state();
    if (now !== states.at(-1)) states.push(now);
    return now === last;
  });
  return states;
}

describe('a cluster', () => {
  test('is encrypted, private and has a secret, and takes time to come', async () => {
    const created = await redshift.send(cluster('fresh'));
    expect(created.Cluster?.ClusterStatus).toBe('creating');
    expect(
      created.Cluster?.MasterPasswordSecretArn ?? (await describeCluster('fresh'))?.MasterPasswordSecretArn,
    ).toMatch(/^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:redshift!fresh-admin/);
    expect(await describeCluster('fresh')).toMatchObject({ Encrypted: true, PubliclyAccessible: false });
    expect(await seen(() => statusOf('fresh'), 'available')).toEqual(['creating', 'available']);
  });

  test.each<[rule: string, differences: object, error: string]>([
    ['unencrypted', { Encrypted: false }, 'InvalidParameterValue'],
    ['of an old node type', { NodeType: 'dc2.large' }, 'InvalidParameterValue'],
    ['of a still older node type', { NodeType: 'ds2.xlarge' }, 'InvalidParameterValue'],
    ['without a password', { ManageMasterPassword: undefined }, 'InvalidParameterCombination'],
    ['with two passwords', { MasterUserPassword: 'Abcdefg1' }, 'InvalidParameterCombination'],
    ['of many nodes but one', { ClusterType: 'multi-node' }, 'InvalidParameterCombination'],
  ])('is not made %s', async (_rule, differences, name) => {
    await expect(redshift.send(cluster('refused', differences))).rejects.toMatchObject({ name });
    await expect(describeCluster('refused')).rejects.toMatchObject({ name: 'ClusterNotFoundFault' });
  });

  test('pauses and resumes, each when it may', async () => {
    const ClusterIdentifier = 'pausing';
    await redshift.send(cluster(ClusterIdentifier));
    const refused = { name: 'InvalidClusterStateFault' };
    await expect(redshift.send(new PauseClusterCommand({ ClusterIdentifier }))).rejects.toMatchObject(
      refused,
    );
    await until(async () => (await statusOf(ClusterIdentifier)) === 'available');
    await expect(redshift.send(new ResumeClusterCommand({ ClusterIdentifier }))).rejects.toMatchObject(
      refused,
    );
    await redshift.send(new PauseClusterCommand({ ClusterIdentifier }));
    await expect(redshift.send(new PauseClusterCommand({ ClusterIdentifier }))).rejects.toMatchObject(
      refused,
    );
    expect(await seen(() => statusOf(ClusterIdentifier), 'paused')).toEqual(['pausing', 'paused']);
    const statement = { ClusterIdentifier, Database: 'dev', DbUser: 'admin', Sql: 'SELECT 1' };
    await expect(bed.data.send(new ExecuteStatementCommand(statement))).rejects.toThrow(
      /is not available: paused/,
    );
    await redshift.send(new ResumeClusterCommand({ ClusterIdentifier }));
    expect(await seen(() => statusOf(ClusterIdentifier), 'available')).toEqual(['resuming', 'available']);
    expect((await bed.data.send(new ExecuteStatementCommand(statement))).Id).toBeDefined();
  });

  test('is deleted with a word on the snapshot only', async () => {
    const ClusterIdentifier = 'deleted';
    await createCluster(ClusterIdentifier);
    await expect(redshift.send(new DeleteClusterCommand({ ClusterIdentifier }))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    const both = { SkipFinalClusterSnapshot: true, FinalClusterSnapshotIdentifier: 'last' };
    await expect(
      redshift.send(new DeleteClusterCommand({ ClusterIdentifier, ...both })),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await redshift.send(new DeleteClusterCommand({ ClusterIdentifier, SkipFinalClusterSnapshot: true }));
    expect(await statusOf(ClusterIdentifier)).toBe('deleting');
    await until(() =>
      describeCluster(ClusterIdentifier).then(
        () => false,
        (error: Error) => error.name === 'ClusterNotFoundFault',
      ),
    );
  });

  test('takes and loses roles', async () => {
    await createCluster('roles', { IamRoles: ['arn:aws:iam::123456789012:role/a'] });
    const AddIamRoles = ['arn:aws:iam::123456789012:role/b'];
    const RemoveIamRoles = ['arn:aws:iam::123456789012:role/a'];
    await redshift.send(
      new ModifyClusterIamRolesCommand({ ClusterIdentifier: 'roles', AddIamRoles, RemoveIamRoles }),
    );
    const roles = (await describeCluster('roles'))?.IamRoles?.map(({ IamRoleArn }) => IamRoleArn);
    expect(roles).toEqual(AddIamRoles);
  });

  test('is not deleted while it comes, and its name is free when it is gone', async () => {
    const ClusterIdentifier = 'again';
    const remove = new DeleteClusterCommand({ ClusterIdentifier, SkipFinalClusterSnapshot: true });
    await redshift.send(cluster(ClusterIdentifier));
    await expect(redshift.send(remove)).rejects.toMatchObject({ name: 'InvalidClusterStateFault' });
    await until(async () => (await statusOf(ClusterIdentifier)) === 'available');
    await redshift.send(remove);
    await expect(redshift.send(cluster(ClusterIdentifier))).rejects.toMatchObject({
      name: 'ClusterAlreadyExistsFault',
    });
    await until(() =>
      statusOf(ClusterIdentifier).then(
        () => false,
        () => true,
      ),
    );
    expect((await redshift.send(cluster(ClusterIdentifier))).Cluster?.ClusterStatus).toBe('creating');
  });

  test('has no default role that is not one of its roles', async () => {
    await createCluster('default-role');
    const stranger = 'arn:aws:iam::123456789012:role/stranger';
    await expect(
      redshift.send(
        new ModifyClusterIamRolesCommand({ ClusterIdentifier: 'default-role', DefaultIamRoleArn: stranger }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('gives temporary credentials, of 15 to 60 minutes', async () => {
    const ClusterIdentifier = 'credentials';
    await createCluster(ClusterIdentifier);
    const { DbUser, Expiration } = await redshift.send(
      new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier, DurationSeconds: 3600 }),
    );
    expect(DbUser).toMatch(/^IAM/);
    expect(Math.abs(Number(Expiration) - Date.now() - 3_600_000)).toBeLessThan(30_000);
    await expect(
      redshift.send(new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier, DurationSeconds: 60 })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('is found by its tags', async () => {
    await redshift.send(cluster('tag-1', { Tags: [{ Key: 'pipeline', Value: 'titles' }] }));
    await redshift.send(cluster('tag-2', { Tags: [{ Key: 'pipeline', Value: 'others' }] }));
    const find = async (filter: object) =>
      (await redshift.send(new DescribeClustersCommand(filter))).Clusters?.map(
        (found) => found.ClusterIdentifier,
      );
    expect(await find({ TagKeys: ['pipeline'] })).toEqual(['tag-1', 'tag-2']);
    expect(await find({ TagKeys: ['pipeline'], TagValues: ['titles'] })).toEqual(['tag-1']);
    expect(await find({ TagValues: ['others'] })).toEqual(['tag-2']);
    expect(await find({ TagKeys: ['other'] })).toEqual([]);
  });

  test('has usage limits', async () => {
    const ClusterIdentifier = 'limited';
    await redshift.send(cluster(ClusterIdentifier));
    const limit = {
      ClusterIdentifier,
      FeatureType: 'concurrency-scaling',
      LimitType: 'time',
      Amount: 60,
      Period: 'daily',
    } as const;
    const { UsageLimitId, BreachAction } = await redshift.send(new CreateUsageLimitCommand(limit));
    expect(BreachAction).toBe('log');
    await expect(redshift.send(new CreateUsageLimitCommand(limit))).rejects.toMatchObject({
      name: 'UsageLimitAlreadyExistsFault',
    });
    await expect(
      redshift.send(new CreateUsageLimitCommand({ ...limit, LimitType: 'data-scanned' })),
    ).rejects.toMatchObject({ name: 'InvalidUsageLimitFault' });
    await redshift.send(new ModifyUsageLimitCommand({ UsageLimitId, Amount: 30, BreachAction: 'disable' }));
    const { UsageLimits } = await redshift.send(new DescribeUsageLimitsCommand({ ClusterIdentifier }));
    expect(UsageLimits).toMatchObject([
      { UsageLimitId, Amount: 30, BreachAction: 'disable', Period: 'daily' },
    ]);
    await expect(
      redshift.send(new ModifyUsageLimitCommand({ UsageLimitId, Amount: 0 })),
    ).rejects.toMatchObject({ name: 'InvalidUsageLimitFault' });
    const elsewhere = new DescribeUsageLimitsCommand({ ClusterIdentifier, FeatureType: 'spectrum' });
    expect((await redshift.send(elsewhere)).UsageLimits).toEqual([]);
    const remove = new DeleteUsageLimitCommand({ UsageLimitId });
    await redshift.send(remove);
    await expect(redshift.send(remove)).rejects.toMatchObject({ name: 'UsageLimitNotFoundFault' });
  });
});

describe('a workgroup', () => {
  const workgroupStatus = async (workgroupName: string) =>
    (await serverless.send(new GetWorkgroupCommand({ workgroupName }))).workgroup?.status;

  test('takes time to come and to change', async () => {
    const name = 'states';
    const { namespace } = await serverless.send(
      new CreateNamespaceCommand({ namespaceName: name, manageAdminPassword: true, dbName: 'titles' }),
    );
    expect(namespace).toMatchObject({ status: 'AVAILABLE', dbName: 'titles' });
    expect(namespace?.adminPasswordSecretArn).toMatch(/^arn:aws:secretsmanager:/);
    expect(namespace?.creationDate).toBeInstanceOf(Date);
    const tags = [{ key: 'pipeline', value: 'titles' }];
    const { workgroup } = await serverless.send(
      new CreateWorkgroupCommand({ workgroupName: name, namespaceName: name, baseCapacity: 4, tags }),
    );
    expect(workgroup).toMatchObject({ status: 'CREATING', publiclyAccessible: false, baseCapacity: 4 });
    const statement = { WorkgroupName: name, Database: 'dev', Sql: 'SELECT 1' };
    await expect(bed.data.send(new ExecuteStatementCommand(statement))).rejects.toThrow(
      /not available: CREATING/,
    );
    const change = new UpdateWorkgroupCommand({ workgroupName: name, baseCapacity: 8 });
    await expect(serverless.send(change)).rejects.toMatchObject({ name: 'ConflictException' });
    expect(await seen(() => workgroupStatus(name), 'AVAILABLE')).toEqual(['CREATING', 'AVAILABLE']);
    expect((await serverless.send(change)).workgroup).toMatchObject({ status: 'MODIFYING', baseCapacity: 8 });
    expect(await seen(() => workgroupStatus(name), 'AVAILABLE')).toEqual(['MODIFYING', 'AVAILABLE']);
    const listed = new ListTagsForResourceCommand({ resourceArn: workgroup?.workgroupArn });
    expect((await serverless.send(listed)).tags).toEqual(tags);
  });

  test('goes before its namespace', async () => {
    const name = await createWorkgroup(bed, 'leaving');
    const deleteNamespace = new DeleteNamespaceCommand({ namespaceName: name });
    await expect(serverless.send(deleteNamespace)).rejects.toMatchObject({ name: 'ConflictException' });
    const { workgroup } = await serverless.send(new DeleteWorkgroupCommand({ workgroupName: name }));
    expect(workgroup?.status).toBe('DELETING');
    await until(async () => {
      const { workgroups } = await serverless.send(new ListWorkgroupsCommand({}));
      return workgroups?.every(({ workgroupName }) => workgroupName !== name) ?? true;
    });
    await expect(workgroupStatus(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await serverless.send(deleteNamespace)).namespace?.status).toBe('DELETING');
    await until(() =>
      serverless.send(new GetNamespaceCommand({ namespaceName: name })).then(
        () => false,
        (error: Error) => error.name === 'ResourceNotFoundException',
      ),
    );
  });

  test.each<[rule: string, differences: object, error: string]>([
    ['below 4 RPU', { baseCapacity: 2 }, 'ValidationException'],
    ['of 5 RPU', { baseCapacity: 5 }, 'ValidationException'],
    ['of less than its base', { baseCapacity: 16, maxCapacity: 8 }, 'ValidationException'],
    ['of no namespace', { namespaceName: 'nowhere' }, 'ResourceNotFoundException'],
    ['of a wrong name', { workgroupName: 'Upper_Case' }, 'ValidationException'],
  ])('is not made %s', async (rule, differences, name) => {
    const namespaceName = `refused-${rule.replaceAll(/[^a-z0-9]/g, '-')}`;
    await serverless.send(new CreateNamespaceCommand({ namespaceName }));
    const request = { workgroupName: namespaceName, namespaceName, baseCapacity: 4, ...differences };
    await expect(serverless.send(new CreateWorkgroupCommand(request))).rejects.toMatchObject({ name });
  });

  test('is made once', async () => {
    await expect(createWorkgroup(bed, 'twice')).resolves.toBe('twice');
    const conflict = { name: 'ConflictException' };
    await expect(
      serverless.send(new CreateNamespaceCommand({ namespaceName: 'twice' })),
    ).rejects.toMatchObject(conflict);
    await expect(
      serverless.send(new CreateWorkgroupCommand({ workgroupName: 'twice', namespaceName: 'twice' })),
    ).rejects.toMatchObject(conflict);
  });

  test('has usage limits', async () => {
    await createWorkgroup(bed, 'limits');
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: 'limits' }));
    const limit = {
      resourceArn: workgroup?.workgroupArn,
      usageType: 'serverless-compute',
      amount: 4,
      period: 'daily',
    } as const;
    const create = new CreateServerlessLimitCommand(limit);
    const { usageLimit } = await serverless.send(create);
    expect(usageLimit).toMatchObject({ breachAction: 'log', amount: 4, period: 'daily' });
    await expect(serverless.send(create)).rejects.toMatchObject({ name: 'ConflictException' });
    await serverless.send(
      new UpdateUsageLimitCommand({ usageLimitId: usageLimit?.usageLimitId, breachAction: 'deactivate' }),
    );
    const { usageLimits } = await serverless.send(
      new ListUsageLimitsCommand({ resourceArn: limit.resourceArn }),
    );
    expect(usageLimits).toMatchObject([{ amount: 4, breachAction: 'deactivate' }]);
    await expect(
      serverless.send(new CreateServerlessLimitCommand({ ...limit, resourceArn: 'arn:aws:nothing' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each<[rule: string, differences: object]>([
    ['amount', { amount: 0 }],
    ['breach action', { breachAction: 'disable' }],
    ['period', { period: 'yearly' }],
  ])('has no usage limit of a wrong %s', async (rule, differences) => {
    const name = await createWorkgroup(bed, `limit-${rule.replaceAll(' ', '-')}`);
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
    const limit = {
      resourceArn: workgroup?.workgroupArn,
      usageType: 'serverless-compute',
      amount: 4,
    } as const;
    await expect(
      serverless.send(new CreateServerlessLimitCommand({ ...limit, ...differences })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    const { resourceArn } = limit;
    expect((await serverless.send(new ListUsageLimitsCommand({ resourceArn }))).usageLimits).toEqual([]);
  });

  test('loses a usage limit', async () => {
    const name = await createWorkgroup(bed, 'unlimited');
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
    const limit = {
      resourceArn: workgroup?.workgroupArn,
      usageType: 'serverless-compute',
      amount: 4,
    } as const;
    const { usageLimit } = await serverless.send(new CreateServerlessLimitCommand(limit));
    const usageLimitId = usageLimit?.usageLimitId;
    expect((await serverless.send(new GetUsageLimitCommand({ usageLimitId }))).usageLimit?.period).toBe(
      'monthly',
    );
    const remove = new DeleteServerlessLimitCommand({ usageLimitId });
    await serverless.send(remove);
    await expect(serverless.send(remove)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('shares its namespace with no other', async () => {
    const namespaceName = await createWorkgroup(bed, 'alone');
    const second = { workgroupName: 'second', namespaceName, baseCapacity: 4 };
    await expect(serverless.send(new CreateWorkgroupCommand(second))).rejects.toMatchObject({
      name: 'ConflictException',
    });
  });

  test('gains, changes and loses tags', async () => {
    await createWorkgroup(bed, 'tagged', { tags: [{ key: 'a', value: '1' }] });
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: 'tagged' }));
    const resourceArn = workgroup?.workgroupArn;
    const tags = [
      { key: 'a', value: '2' },
      { key: 'b', value: '3' },
    ];
    await serverless.send(new TagResourceCommand({ resourceArn, tags }));
    await serverless.send(new UntagResourceCommand({ resourceArn, tagKeys: ['b'] }));
    const listed = new ListTagsForResourceCommand({ resourceArn });
    expect((await serverless.send(listed)).tags).toEqual([{ key: 'a', value: '2' }]);
  });

  test('and namespaces are listed a page at a time', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await createWorkgroup(bed, name);
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    let pages = 0;
    do {
      const page = await serverless.send(new ListWorkgroupsCommand({ maxResults: 2, nextToken }));
      expect(page.workgroups?.length).toBeLessThanOrEqual(2);
      names.push(...(page.workgroups ?? []).map(({ workgroupName }) => workgroupName));
      nextToken = page.nextToken;
      pages += 1;
    } while (nextToken !== undefined);
    expect(names).toEqual(expect.arrayContaining(['page-1', 'page-2', 'page-3']));
    expect(new Set(names).size).toBe(names.length);
    expect(pages).toBe(Math.ceil(names.length / 2));
    const { namespaces, nextToken: more } = await serverless.send(
      new ListNamespacesCommand({ maxResults: 1 }),
    );
    expect([namespaces?.length, more === undefined]).toEqual([1, false]);
    await expect(
      serverless.send(new ListNamespacesCommand({ nextToken: 'workgroups@1' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
