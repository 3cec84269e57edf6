import {
  CreateUsageLimitCommand,
  ListUsageLimitsCommand,
  type Namespace,
  UpdateNamespaceCommand,
  UpdateUsageLimitCommand,
  UpdateWorkgroupCommand,
  type Workgroup,
} from '@aws-sdk/client-redshift-serverless';
import type { RedshiftTarget } from '../../../shared/src/redshift-data/data-api.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import { awaitAnswer, awaitAvailable } from './await-ready.ts';
import { bringUp } from './bring-up.ts';
import { type Comparison, type Difference, differencesOf, listed, settleDifferences } from './differences.ts';
import { foundWorkgroup } from './found-plan.ts';
import { sendWhenFree } from './send.ts';
import { namespaceResource, workgroupResource } from './serverless-resources.ts';
import { ensureUsageLimit, type FoundLimit } from './usage-limit.ts';
import type { ServerlessPlan } from './warehouse-plan.ts';

/**
 * Brings up namespace and workgroup, attaches the role, sets the limit on use, compares the rest, and gives
 * where statements run once it answers them.
 *
 * @throws PipelineError of whatever hinders it, or the signal's reason.
 */
export async function ensureServerless(
  access: ProvisionAccess,
  plan: ServerlessPlan,
): Promise<RedshiftTarget & { readonly kind: 'serverless' }> {
  const namespaces = namespaceResource(access.serverless, plan);
  const workgroups = workgroupResource(access.serverless, plan);
  const namespace = await bringUp(access, plan.tags, namespaces);
  const workgroup = await bringUp(access, plan.tags, workgroups);
  access.facts.endpoint = endpointOf(workgroup);
  await attachRole(access, plan, namespace);
  const { limit, differences } = await limitUse(access, plan, workgroup);
  await settleDifferences(access, [
    ...compareNamespace(access, plan, namespace),
    ...compareWorkgroup(access, plan, workgroup),
    ...differences,
  ]);
  access.settleCost(access.onDrift === 'warn' ? foundWorkgroup(plan, workgroup, limit) : plan);
  const ended = await awaitAvailable(access, namespaces);
  access.facts.endpoint = endpointOf(await awaitAvailable(access, workgroups));
  const secretArn = ended.adminPasswordSecretArn;
  access.facts.secretArn = secretArn ?? null;
  const target = {
    kind: 'serverless',
    workgroup: plan.identifier,
    database: plan.database,
    ...(secretArn === undefined ? {} : { secretArn }),
  } as const;
  await awaitAnswer(access, target);
  return target;
}

/** `host:port`; null while it has none. */
export function endpointOf({ endpoint }: Workgroup): string | null {
  return endpoint?.address === undefined ? null : `${endpoint.address}:${endpoint.port ?? ''}`;
}

async function attachRole(
  access: ProvisionAccess,
  { identifier, iamRole }: ServerlessPlan,
  namespace: Namespace,
): Promise<void> {
  // AWS writes a role as `IamRole(applyStatus=in-sync, iamRoleArn=arn:...)`.
  const attached = (namespace.iamRoles ?? []).map((role) => /arn:[^\s,)]+/.exec(role)?.[0] ?? role);
  if (iamRole === null || attached.includes(iamRole)) return;
  await updateNamespace(access, { namespaceName: identifier, iamRoles: [...attached, iamRole] });
  access.facts.changed.push(`namespace ${identifier}: role attached`);
  access.log.info(`namespace ${identifier}: the role for COPY is attached.`);
}

function compareNamespace(access: ProvisionAccess, plan: ServerlessPlan, namespace: Namespace): Difference[] {
  const found = namespace.adminPasswordSecretArn === undefined ? 'not in a secret' : 'in a secret of AWS’s';
  const apply = () => updateNamespace(access, { namespaceName: plan.identifier, manageAdminPassword: true });
  return differencesOf(`namespace ${plan.identifier}`, [
    ['administrator’s password', 'in a secret of AWS’s', found, apply],
  ]);
}

function compareWorkgroup(access: ProvisionAccess, plan: ServerlessPlan, found: Workgroup): Difference[] {
  const { identifier, baseCapacity, maxCapacity, subnets, securityGroups, isPublic } = plan;
  // Of some members AWS takes one a request (API reference, UpdateWorkgroup).
  const change = (members: object) => async () => {
    const request = new UpdateWorkgroupCommand({ workgroupName: identifier, ...members });
    const subject = `workgroup ${identifier}`;
    await sendWhenFree(access, 'UpdateWorkgroup', subject, () => access.serverless.send(request));
  };
  const capacities: readonly Comparison[] = [
    ['maximum capacity in RPU', maxCapacity, found.maxCapacity, change({ maxCapacity })],
    ['base capacity in RPU', baseCapacity, found.baseCapacity, change({ baseCapacity })],
  ];
  // The base may at no time be above the maximum.
  const isLowered = maxCapacity < (found.baseCapacity ?? 0);
  const network: Comparison[] = [];
  if (subnets.length > 0) {
    const apply = change({ subnetIds: [...subnets] });
    network.push(['subnets', listed(subnets), listed(found.subnetIds ?? []), apply]);
  }
  if (securityGroups.length > 0) {
    const apply = change({ securityGroupIds: [...securityGroups] });
    network.push(['security groups', listed(securityGroups), listed(found.securityGroupIds ?? []), apply]);
  }
  return differencesOf(`workgroup ${identifier}`, [
    ...(isLowered ? capacities.toReversed() : capacities),
    ['publicly accessible', isPublic, found.publiclyAccessible, change({ publiclyAccessible: isPublic })],
    ...network,
  ]);
}

function limitUse(
  access: ProvisionAccess,
  { identifier, dailyRpuHours: amount, breachAction }: ServerlessPlan,
  { workgroupArn: resourceArn }: Workgroup,
): Promise<FoundLimit> {
  const { serverless } = access;
  const ofDay = { resourceArn, usageType: 'serverless-compute', period: 'daily' } as const;
  const read = async () => {
    const { usageLimits = [] } = await serverless.send(
      new ListUsageLimitsCommand({ resourceArn, usageType: ofDay.usageType }),
    );
    return usageLimits.find(({ period }) => period === ofDay.period) ?? null;
  };
  return ensureUsageLimit(
    access,
    { amount, breachAction },
    {
      subject: `workgroup ${identifier}: daily RPU-hours`,
      read: async () => {
        const found = await read();
        return found === null ? null : { amount: found.amount, breachAction: found.breachAction };
      },
      create: () => serverless.send(new CreateUsageLimitCommand({ ...ofDay, amount, breachAction })),
      update: async () => {
        const usageLimitId = (await read())?.usageLimitId;
        await serverless.send(new UpdateUsageLimitCommand({ usageLimitId, amount, breachAction }));
      },
    },
  );
}

async function updateNamespace(
  access: ProvisionAccess,
  members: UpdateNamespaceCommand['input'],
): Promise<void> {
  const send = () => access.serverless.send(new UpdateNamespaceCommand(members));
  await sendWhenFree(access, 'UpdateNamespace', `namespace ${members.namespaceName}`, send);
}
