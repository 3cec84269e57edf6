import {
  type Cluster,
  CreateUsageLimitCommand,
  DescribeUsageLimitsCommand,
  ModifyClusterCommand,
  ModifyClusterIamRolesCommand,
  ModifyUsageLimitCommand,
} from '@aws-sdk/client-redshift';
import { PipelineError } from '../../../shared/src/errors.ts';
import type { RedshiftTarget } from '../../../shared/src/redshift-data/data-api.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import { awaitAnswer, awaitAvailable } from './await-ready.ts';
import { bringUp } from './bring-up.ts';
import { clusterResource, sizeOf } from './cluster-resource.ts';
import { type Comparison, type Difference, differencesOf, listed, settleDifferences } from './differences.ts';
import { foundCluster } from './found-plan.ts';
import { sendWhenFree } from './send.ts';
import { ensureUsageLimit, type FoundLimit } from './usage-limit.ts';
import type { ClusterPlan } from './warehouse-plan.ts';

/**
 * Brings up the cluster, attaches the role, limits concurrency scaling, compares the rest, and gives where
 * statements run once it answers them.
 *
 * @throws PipelineError of whatever hinders it, or the signal's reason.
 */
export async function ensureCluster(
  access: ProvisionAccess,
  plan: ClusterPlan,
): Promise<RedshiftTarget & { readonly kind: 'cluster' }> {
  const clusters = {
    ...clusterResource(access.redshift, plan),
    beforeResume: async (cluster: Cluster) => {
      if (access.onDrift === 'fail') await settleDifferences(access, compareCluster(access, plan, cluster));
      access.settleCost(foundCluster(plan, cluster, null));
    },
  };
  const cluster = await bringUp(access, plan.tags, clusters);
  await attachRole(access, plan, cluster);
  const { limit, differences } = await limitScaling(access, plan, cluster);
  await settleDifferences(access, [...compareCluster(access, plan, cluster), ...differences]);
  access.settleCost(access.onDrift === 'warn' ? foundCluster(plan, cluster, limit) : plan);
  const ready = await awaitAvailable(access, clusters);
  access.facts.endpoint = clusterEndpoint(ready);
  const target = clusterTarget(plan, ready);
  access.facts.secretArn = target.login.secretArn;
  await awaitAnswer(access, target);
  return target;
}

/** `host:port`; null while it has none. */
export function clusterEndpoint({ Endpoint }: Cluster): string | null {
  return Endpoint?.Address === undefined ? null : `${Endpoint.Address}:${Endpoint.Port ?? ''}`;
}

/**
 * Where the cluster's statements run, as its administrator.
 *
 * @throws PipelineError `bad-input` when the administrator's password is in no secret.
 */
export function clusterTarget(
  { identifier: cluster, database }: Pick<ClusterPlan, 'identifier' | 'database'>,
  { MasterPasswordSecretArn: secretArn }: Cluster,
): { kind: 'cluster'; cluster: string; database: string; login: { readonly secretArn: string } } {
  if (secretArn !== undefined) return { kind: 'cluster', cluster, database, login: { secretArn } };
  throw new PipelineError({
    kind: 'bad-input',
    what: 'The cluster’s password is in no secret, so that nobody can log in',
    where: `cluster ${cluster}`,
    why: 'it was made with a password of its own',
    done: 'It was left as it is.',
    next: 'Set on-drift to apply, which hands the password to AWS, and run again.',
  });
}

async function attachRole(
  access: ProvisionAccess,
  { identifier: ClusterIdentifier, iamRole }: ClusterPlan,
  { IamRoles = [] }: Cluster,
): Promise<void> {
  if (iamRole === null || IamRoles.some(({ IamRoleArn }) => IamRoleArn === iamRole)) return;
  const subject = `cluster ${ClusterIdentifier}`;
  const request = new ModifyClusterIamRolesCommand({ ClusterIdentifier, AddIamRoles: [iamRole] });
  await sendWhenFree(access, 'ModifyClusterIamRoles', subject, () => access.redshift.send(request));
  access.facts.changed.push(`${subject}: role attached`);
  access.log.info(`${subject}: the role for COPY is attached.`);
}

function compareCluster(access: ProvisionAccess, plan: ClusterPlan, found: Cluster): Difference[] {
  const { identifier: ClusterIdentifier, securityGroups, isPublic } = plan;
  const change = (members: object) => async () => {
    const request = new ModifyClusterCommand({ ClusterIdentifier, ...members });
    const subject = `cluster ${ClusterIdentifier}`;
    await sendWhenFree(access, 'ModifyCluster', subject, () => access.redshift.send(request));
  };
  const nodes = (number: number | undefined, type: string | undefined) => `${number} x ${type}`;
  const size = nodes(plan.nodes, plan.nodeType);
  const secret = found.MasterPasswordSecretArn === undefined ? 'not in a secret' : 'in a secret of AWS’s';
  const groups = (found.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId);
  const network: Comparison[] = [];
  if (securityGroups.length > 0) {
    const apply = change({ VpcSecurityGroupIds: [...securityGroups] });
    network.push(['security groups', listed(securityGroups), listed(groups), apply]);
  }
  if (plan.subnetGroup !== null) {
    network.push(['subnet group', plan.subnetGroup, found.ClusterSubnetGroupName, refuseMove(plan)]);
  }
  return differencesOf(`cluster ${ClusterIdentifier}`, [
    ['nodes', size, nodes(found.NumberOfNodes, found.NodeType), change(sizeOf(plan))],
    ['encrypted', true, found.Encrypted, change({ Encrypted: true })],
    ['publicly accessible', isPublic, found.PubliclyAccessible, change({ PubliclyAccessible: isPublic })],
    ['administrator’s password', 'in a secret of AWS’s', secret, change({ ManageMasterPassword: true })],
    ...network,
  ]);
}

/** A cluster's network is settled when it is made (API reference, ModifyCluster has no subnet group). */
function refuseMove({ identifier }: ClusterPlan): () => Promise<void> {
  return () =>
    Promise.reject(
      new PipelineError({
        kind: 'bad-input',
        what: 'A cluster cannot be moved to another subnet group',
        where: `cluster ${identifier}, input subnet-group`,
        why: 'AWS has no such change',
        done: 'It was left where it is.',
        next: 'Name the group that it is in; or restore a snapshot of it into the other group under another name.',
      }),
    );
}

async function limitScaling(
  access: ProvisionAccess,
  plan: ClusterPlan,
  { NumberOfNodes }: Cluster,
): Promise<FoundLimit> {
  // What differs is used as it is.
  const nodes = access.onDrift === 'warn' ? NumberOfNodes : plan.nodes;
  // A single node has no concurrency scaling (Redshift guide, concurrency-scaling).
  if (nodes === 1) return { limit: null, differences: [] };
  const { identifier: ClusterIdentifier, scalingMinutes: Amount } = plan;
  const BreachAction = plan.breachAction === 'deactivate' ? 'disable' : plan.breachAction;
  const ofDay = {
    ClusterIdentifier,
    FeatureType: 'concurrency-scaling',
    LimitType: 'time',
    Period: 'daily',
  } as const;
  const { redshift } = access;
  const read = async () => {
    const { UsageLimits = [] } = await redshift.send(
      new DescribeUsageLimitsCommand({ ClusterIdentifier, FeatureType: ofDay.FeatureType }),
    );
    return UsageLimits.find(({ Period }) => Period === ofDay.Period) ?? null;
  };
  return ensureUsageLimit(
    access,
    { amount: Amount, breachAction: BreachAction },
    {
      subject: `cluster ${ClusterIdentifier}: daily minutes of concurrency scaling`,
      read: async () => {
        const found = await read();
        return found === null ? null : { amount: found.Amount, breachAction: found.BreachAction };
      },
      create: () => redshift.send(new CreateUsageLimitCommand({ ...ofDay, Amount, BreachAction })),
      update: async () => {
        const UsageLimitId = (await read())?.UsageLimitId;
        await redshift.send(new ModifyUsageLimitCommand({ UsageLimitId, Amount, BreachAction }));
      },
    },
  );
}
