import type { Inputs, Size } from '../inputs.ts';
import { type Tags } from '../tags.ts';

interface CommonPlan {
  /** The name of the workgroup and its namespace, or of the cluster. */
  readonly identifier: string;
  readonly database: string;
  /** What is made bears them; what is there is ours if it has the same pipeline and repository. */
  readonly tags: Tags;
  /** The ARN of the role for COPY; null for none. */
  readonly iamRole: string | null;
  /** Ids; none for the network's own choice. */
  readonly securityGroups: readonly string[];
  readonly isPublic: boolean;
  /** What happens when the day's limit is reached. */
  readonly breachAction: 'log' | 'emit-metric' | 'deactivate';
}

/** A Serverless workgroup with its namespace, as it is asked for. */
export interface ServerlessPlan extends CommonPlan {
  readonly kind: 'serverless';
  /** RPUs that a query starts with. */
  readonly baseCapacity: number;
  /** RPUs at once, at most. */
  readonly maxCapacity: number;
  /** RPU-hours of a day. */
  readonly dailyRpuHours: number;
  readonly subnets: readonly string[];
}

/** A cluster, as it is asked for. */
export interface ClusterPlan extends CommonPlan {
  readonly kind: 'cluster';
  readonly nodeType: string;
  readonly nodes: number;
  /** Minutes of concurrency scaling in a day. */
  readonly scalingMinutes: number;
  /** The name of a cluster subnet group; null for the default network. */
  readonly subnetGroup: string | null;
}

/** A warehouse as it is asked for. */
export type WarehousePlan = ServerlessPlan | ClusterPlan;

interface Preset {
  readonly baseCapacity: number;
  readonly maxCapacity: number;
  readonly dailyRpuHours: number;
  readonly nodeType: string;
  readonly nodes: number;
}

/** The sizes. A day's RPU-hours are three hours at the base for `small`, which is below 6 euro, then six and eight. */
export const PRESETS: Readonly<Record<Size, Preset>> = {
  small: { baseCapacity: 4, maxCapacity: 8, dailyRpuHours: 12, nodeType: 'ra3.large', nodes: 1 },
  standard: { baseCapacity: 8, maxCapacity: 32, dailyRpuHours: 48, nodeType: 'ra3.xlplus', nodes: 2 },
  x100: { baseCapacity: 64, maxCapacity: 256, dailyRpuHours: 512, nodeType: 'ra3.4xlarge', nodes: 4 },
};

/** What the inputs ask for. */
export function planWarehouse(inputs: Inputs, tags: Tags): WarehousePlan {
  const preset = PRESETS[inputs.size];
  const { identifier } = inputs;
  if (identifier === null) throw new TypeError('readInputs sees to it that Redshift has an identifier');
  const common: CommonPlan = {
    identifier,
    database: inputs.database,
    tags,
    iamRole: inputs['iam-role'],
    securityGroups: inputs['security-groups'],
    isPublic: inputs['publicly-accessible'],
    breachAction: inputs['breach-action'],
  };
  if (inputs.kind === 'cluster') {
    return {
      ...common,
      kind: 'cluster',
      nodeType: inputs['node-type'] ?? preset.nodeType,
      nodes: inputs['number-of-nodes'] ?? preset.nodes,
      scalingMinutes: inputs['concurrency-scaling-minutes'],
      subnetGroup: inputs['subnet-group'],
    };
  }
  const baseCapacity = inputs['base-capacity'] ?? preset.baseCapacity;
  return {
    ...common,
    kind: 'serverless',
    baseCapacity,
    // A base above the size's most leaves no room to scale, which is what Redshift then holds to.
    maxCapacity: inputs['max-capacity'] ?? Math.max(preset.maxCapacity, baseCapacity),
    dailyRpuHours: inputs['daily-rpu-hours'] ?? preset.dailyRpuHours,
    subnets: inputs.subnets,
  };
}
