import {
  type Cluster,
  CreateClusterCommand,
  DescribeClustersCommand,
  type RedshiftClient,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { type Tags } from '../tags.ts';
import type { Resource } from './bring-up.ts';
import { ADMINISTRATOR, orNull } from './serverless-resources.ts';
import type { ClusterPlan } from './warehouse-plan.ts';

/** The cluster, encrypted and with its password in a secret of AWS's. */
export function clusterResource(
  client: RedshiftClient,
  plan: ClusterPlan,
): Omit<Resource<Cluster>, 'beforeResume'> {
  const { identifier: ClusterIdentifier, iamRole, securityGroups, subnetGroup } = plan;
  const request = new CreateClusterCommand({
    ClusterIdentifier,
    ...sizeOf(plan),
    DBName: plan.database,
    MasterUsername: ADMINISTRATOR,
    ManageMasterPassword: true,
    Encrypted: true,
    PubliclyAccessible: plan.isPublic,
    ...(iamRole === null ? {} : { IamRoles: [iamRole] }),
    ...(securityGroups.length === 0 ? {} : { VpcSecurityGroupIds: [...securityGroups] }),
    ...(subnetGroup === null ? {} : { ClusterSubnetGroupName: subnetGroup }),
    Tags: Object.entries(plan.tags).map(([Key, Value]) => ({ Key, Value })),
  });
  return {
    subject: `cluster ${ClusterIdentifier}`,
    read: (abortSignal) => readCluster(client, ClusterIdentifier, abortSignal),
    stateOf: ({ ClusterStatus = 'unknown' }) => ClusterStatus.toLowerCase(),
    tagsOf: (cluster) => Promise.resolve(clusterTags(cluster)),
    create: ['CreateCluster', () => client.send(request)],
    resume: ['ResumeCluster', () => client.send(new ResumeClusterCommand({ ClusterIdentifier }))],
  };
}

/** The cluster of the name, or null. */
export async function readCluster(
  client: RedshiftClient,
  ClusterIdentifier: string,
  abortSignal: AbortSignal,
): Promise<Cluster | null> {
  return orNull(async () => {
    const answer = await client.send(new DescribeClustersCommand({ ClusterIdentifier }), { abortSignal });
    return answer.Clusters?.[0] ?? null;
  });
}

/** The cluster's tags by their keys. */
export function clusterTags({ Tags: tags = [] }: Cluster): Tags {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** The size as requests have it; one node is a type of cluster of its own and has no number. */
export function sizeOf({
  nodeType: NodeType,
  nodes: NumberOfNodes,
}: Pick<ClusterPlan, 'nodeType' | 'nodes'>) {
  return NumberOfNodes === 1
    ? { NodeType, ClusterType: 'single-node' }
    : { NodeType, ClusterType: 'multi-node', NumberOfNodes };
}
