import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MotoServer } from '../aws/moto.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DUTIES, deployTemplate, rolePolicies, type Stack } from './deploy-template.ts';
import { startMotoAlone } from './open-stack.ts';
import { list, type Policy, type Statement } from './policy.ts';

const work = await temporaryFolder();
let moto: MotoServer;
const stacks = new Map<string, Stack>();
beforeAll(async () => {
  moto = await startMotoAlone(work);
  for (const WarehouseKind of KINDS) {
    stacks.set(
      WarehouseKind,
      await deployTemplate(moto.endpoint, 'issuer.example', WarehouseKind, { WarehouseKind }),
    );
  }
});
afterAll(() => moto.stop());

const KINDS = ['serverless', 'cluster'] as const;

/** What a role may not do of what the README's statement allows, and why. */
const LEFT_OUT: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // No workflow deletes a warehouse.
  load: {
    'redshift-provision KeepWorkgroups': [
      'redshift-serverless:CreateSnapshot',
      'redshift-serverless:DeleteNamespace',
      'redshift-serverless:DeleteWorkgroup',
    ],
    'redshift-provision KeepClusters': ['redshift:CreateClusterSnapshot', 'redshift:DeleteCluster'],
    'redshift-provision LetAwsKeepThePassword': ['secretsmanager:DeleteSecret'],
  },
  // It logs in with the secret.
  validate: { 'data-validate RunStatements': ['redshift-serverless:GetCredentials'] },
  // It ends clusters and pauses, and starts, changes and reads nothing.
  janitor: {
    'emr-run UseOnlyTaggedClusters': [
      'elasticmapreduce:AddJobFlowSteps',
      'elasticmapreduce:AddTags',
      'elasticmapreduce:ListInstances',
      'elasticmapreduce:ListSteps',
      'elasticmapreduce:PutAutoTerminationPolicy',
    ],
    'redshift-provision KeepWorkgroups': [
      'redshift-serverless:CreateNamespace',
      'redshift-serverless:CreateSnapshot',
      'redshift-serverless:CreateUsageLimit',
      'redshift-serverless:CreateWorkgroup',
      'redshift-serverless:DeleteNamespace',
      'redshift-serverless:DeleteWorkgroup',
      'redshift-serverless:GetWorkgroup',
      'redshift-serverless:ListTagsForResource',
      'redshift-serverless:ListUsageLimits',
      'redshift-serverless:TagResource',
      'redshift-serverless:UpdateNamespace',
      'redshift-serverless:UpdateUsageLimit',
      'redshift-serverless:UpdateWorkgroup',
    ],
    'redshift-provision KeepClusters': [
      'redshift:CreateCluster',
      'redshift:CreateClusterSnapshot',
      'redshift:CreateTags',
      'redshift:CreateUsageLimit',
      'redshift:DeleteCluster',
      'redshift:DescribeUsageLimits',
      'redshift:ModifyCluster',
      'redshift:ModifyClusterIamRoles',
      'redshift:ModifyUsageLimit',
      'redshift:ResumeCluster',
    ],
  },
};

/** The statements that a role has of a README, where it has not all of them. */
const STATEMENTS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  load: {
    'redshift-provision': [
      'RunStatements',
      'KeepWorkgroups',
      'KeepClusters',
      'LetAwsKeepThePassword',
      'HandRoleToRedshift',
      'FindNetwork',
    ],
    // Without the statement of those who log in without a secret.
    'redshift-copy': [
      'RunStatements',
      'FollowOwnStatements',
      'ReadRunsAndWriteTheListForCopy',
      'TellMissingFromForbidden',
    ],
  },
  janitor: {
    'emr-run': ['UseOnlyTaggedClusters', 'FindClusters'],
    'redshift-copy': ['RunStatements', 'FollowOwnStatements'],
    'redshift-provision': ['KeepWorkgroups', 'KeepClusters'],
  },
};

/** Which README's policies a role has, in the order of the template. */
const ACTIONS = {
  process: ['emr-run'],
  load: ['redshift-provision', 'redshift-copy'],
  validate: ['data-validate'],
  janitor: ['emr-run', 'redshift-copy', 'redshift-provision'],
} as const;

/** The statement of the READMEs' words "allow secretsmanager:GetSecretValue on its secret". */
const SECRET: Statement = {
  Sid: 'LogInAsAdministrator',
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:redshift!imdb-*',
};

async function readmePolicy(action: string): Promise<Policy> {
  const readme = await readFile(join(root, 'actions', action, 'README.md'), 'utf8');
  const [, json = ''] = /```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(readme) ?? [];
  return JSON.parse(json) as Policy;
}

/** The README's text with the stack's names in place of the examples. */
function fillIn(policy: Policy, { name, lake }: Stack): Policy {
  const filled = JSON.stringify(policy)
    .replaceAll('role/EMR_DefaultRole', `role/${name}-emr-service`)
    .replaceAll('role/EMR_EC2_DefaultRole', `role/${name}-emr-job`)
    .replaceAll('role/imdb-copy', `role/${name}-copy`)
    .replaceAll('workgroup/WORKGROUP-ID', 'workgroup/*')
    .replaceAll('my-lake', lake);
  return JSON.parse(filled) as Policy;
}

/** What the README says in words for a cluster: its ARN in place of the workgroup's. */
function forCluster(statement: Statement): Statement {
  const cluster = 'arn:aws:redshift:eu-west-1:123456789012:cluster:imdb';
  const isWorkgroup = list(statement.Resource).some((one) => one.includes(':workgroup/'));
  return isWorkgroup ? { ...statement, Resource: cluster } : statement;
}

/** The roles that log in with the administrator's secret, and after which statement the template says so. */
const LOGS_IN: Readonly<Record<string, string>> = {
  'validate data-validate': 'RunStatements',
  'janitor redshift-copy': 'FollowOwnStatements',
};

function expectedStatements(duty: string, action: string, kind: string, policy: Policy): Statement[] {
  const wanted = STATEMENTS[duty]?.[action];
  const other = kind === 'serverless' ? 'KeepClusters' : 'KeepWorkgroups';
  const kept = policy.Statement.filter(
    ({ Sid = '' }) => (wanted === undefined || wanted.includes(Sid)) && Sid !== other,
  );
  const narrowed = kept.map((statement) => {
    const left = LEFT_OUT[duty]?.[`${action} ${statement.Sid}`] ?? [];
    // What is left out must be there, or the list is out of date.
    expect(list(statement.Action)).toEqual(expect.arrayContaining([...left]));
    return { ...statement, Action: list(statement.Action).filter((one) => !left.includes(one)) };
  });
  return narrowed.flatMap((statement) => {
    const ofKind = kind === 'cluster' ? forCluster(statement) : statement;
    return LOGS_IN[`${duty} ${action}`] === statement.Sid ? [ofKind, SECRET] : [ofKind];
  });
}

/** One action or several in any order mean the same. */
function normalized(statements: readonly Statement[]): object[] {
  return statements.map(({ Action, Resource, ...rest }) => ({
    ...rest,
    Action: list(Action).toSorted(),
    Resource: list(Resource).toSorted(),
  }));
}

describe.each(KINDS)('for a warehouse of the kind %s', (kind) => {
  test.each(DUTIES)('the role %s has the policies of the READMEs and no others', async (duty) => {
    const stack = stacks.get(kind);
    if (stack === undefined) throw new Error(`no stack ${kind}`);
    const policies = await rolePolicies(moto.endpoint, `${stack.name}-${duty}`);
    expect(Object.keys(policies)).toEqual([...ACTIONS[duty]]);
    for (const action of ACTIONS[duty]) {
      const readme = fillIn(await readmePolicy(action), stack);
      expect(normalized(policies[action]?.Statement ?? [])).toEqual(
        normalized(expectedStatements(duty, action, kind, readme)),
      );
    }
  });
});
