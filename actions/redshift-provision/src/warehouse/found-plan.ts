import type { Cluster } from '@aws-sdk/client-redshift';
import type { Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { UsageLimit } from './usage-limit.ts';
import type { ClusterPlan, ServerlessPlan } from './warehouse-plan.ts';

/**
 * The plan with the size of the cluster that is there, for the cost of what was found is another than that
 * of what was asked for.
 *
 * @param limit the limit on concurrency scaling; null where there is none or it is not known.
 */
export function foundCluster(
  plan: ClusterPlan,
  { NodeType = plan.nodeType, NumberOfNodes = plan.nodes }: Cluster,
  limit: UsageLimit | null,
): ClusterPlan {
  return {
    ...plan,
    nodeType: NodeType,
    nodes: NumberOfNodes,
    scalingMinutes: limit?.amount ?? plan.scalingMinutes,
    breachAction: actionOf(limit) ?? plan.breachAction,
  };
}

/**
 * The plan with the size of the workgroup that is there.
 *
 * @param limit the limit on the day's use.
 */
export function foundWorkgroup(
  plan: ServerlessPlan,
  { baseCapacity = plan.baseCapacity, maxCapacity = Number.POSITIVE_INFINITY }: Workgroup,
  limit: UsageLimit | null,
): ServerlessPlan {
  return {
    ...plan,
    baseCapacity,
    maxCapacity,
    dailyRpuHours: limit?.amount ?? plan.dailyRpuHours,
    breachAction: actionOf(limit) ?? plan.breachAction,
  };
}

/** Clusters call it `disable`. What is not known stops nothing. */
function actionOf(limit: UsageLimit | null): ServerlessPlan['breachAction'] | null {
  if (limit === null) return null;
  const { breachAction } = limit;
  if (breachAction === 'deactivate' || breachAction === 'disable') return 'deactivate';
  return breachAction === 'emit-metric' ? breachAction : 'log';
}
