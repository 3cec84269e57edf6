import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetNamespaceCommand,
  GetWorkgroupCommand,
  ListTagsForResourceCommand,
  type Namespace,
  type RedshiftServerlessClient,
  type Tag,
  type Workgroup,
} from '@aws-sdk/client-redshift-serverless';
import { type Tags } from '../tags.ts';
import type { Resource } from './bring-up.ts';
import { isAbsent } from './refusal.ts';
import type { ServerlessPlan } from './warehouse-plan.ts';

/** The administrator's name; the password is AWS's own affair. */
export const ADMINISTRATOR = 'admin';

/** The namespace: database, roles and the secret. */
export function namespaceResource(
  client: RedshiftServerlessClient,
  { identifier, database, iamRole, tags }: ServerlessPlan,
): Resource<Namespace> {
  const request = new CreateNamespaceCommand({
    namespaceName: identifier,
    dbName: database,
    adminUsername: ADMINISTRATOR,
    manageAdminPassword: true,
    ...(iamRole === null ? {} : { iamRoles: [iamRole] }),
    tags: tagList(tags),
  });
  return {
    subject: `namespace ${identifier}`,
    read: (abortSignal) => readNamespace(client, identifier, abortSignal),
    stateOf: ({ status = 'unknown' }) => status.toLowerCase(),
    tagsOf: ({ namespaceArn }) => readTags(client, namespaceArn),
    create: ['CreateNamespace', () => client.send(request)],
  };
}

/** The workgroup: capacity and network. */
export function workgroupResource(
  client: RedshiftServerlessClient,
  plan: ServerlessPlan,
): Resource<Workgroup> {
  const { identifier, subnets, securityGroups, tags } = plan;
  const request = new CreateWorkgroupCommand({
    workgroupName: identifier,
    namespaceName: identifier,
    baseCapacity: plan.baseCapacity,
    maxCapacity: plan.maxCapacity,
    publiclyAccessible: plan.isPublic,
    ...(subnets.length === 0 ? {} : { subnetIds: [...subnets] }),
    ...(securityGroups.length === 0 ? {} : { securityGroupIds: [...securityGroups] }),
    tags: tagList(tags),
  });
  return {
    subject: `workgroup ${identifier}`,
    read: (abortSignal) => readWorkgroup(client, identifier, abortSignal),
    stateOf: ({ status = 'unknown' }) => status.toLowerCase(),
    tagsOf: ({ workgroupArn }) => readTags(client, workgroupArn),
    create: ['CreateWorkgroup', () => client.send(request)],
  };
}

/** The namespace of the name, or null. */
export async function readNamespace(
  client: RedshiftServerlessClient,
  namespaceName: string,
  abortSignal: AbortSignal,
): Promise<Namespace | null> {
  return orNull(async () => {
    const answer = await client.send(new GetNamespaceCommand({ namespaceName }), { abortSignal });
    return answer.namespace ?? null;
  });
}

/** The workgroup of the name, or null. */
export async function readWorkgroup(
  client: RedshiftServerlessClient,
  workgroupName: string,
  abortSignal: AbortSignal,
): Promise<Workgroup | null> {
  return orNull(async () => {
    const answer = await client.send(new GetWorkgroupCommand({ workgroupName }), { abortSignal });
    return answer.workgroup ?? null;
  });
}

async function readTags(client: RedshiftServerlessClient, resourceArn: string | undefined): Promise<Tags> {
  const { tags = [] } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  return Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value] as const));
}

function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** What was read; null when AWS says that there is no such thing. */
export async function orNull<Found>(read: () => Promise<Found | null>): Promise<Found | null> {
  try {
    return await read();
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
