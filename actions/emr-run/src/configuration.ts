import { z } from 'zod';
import { readYaml } from '../../shared/src/read-yaml.ts';
import { TAGS } from './cluster-naming.ts';

/** A key that the action owns; the message tells what to use in its place. */
function owned(instead: string) {
  return z.undefined({ error: `is set by the action; ${instead}` }).optional();
}

const text = z.string().min(1);
/** EMR takes texts only; YAML reads `true` and `2` as something else. */
const property = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const amount = z.int().min(0);

/** A classification of EMR's configuration, for example `spark-defaults`; it may hold others. */
export interface Classification {
  readonly Classification: string;
  readonly Properties?: Record<string, string> | undefined;
  readonly Configurations?: Classification[] | undefined;
}

const classification: z.ZodType<Classification> = z.strictObject({
  Classification: text,
  Properties: z.record(z.string(), property).optional(),
  get Configurations() {
    return z.array(classification).optional();
  },
});

const ebs = z.strictObject({
  EbsOptimized: z.boolean().optional(),
  EbsBlockDeviceConfigs: z
    .array(
      z.strictObject({
        VolumeSpecification: z.strictObject({
          VolumeType: text,
          SizeInGB: z.int().positive(),
          Iops: z.int().positive().optional(),
          Throughput: z.int().positive().optional(),
        }),
        VolumesPerInstance: z.int().positive().optional(),
      }),
    )
    .optional(),
});

const fleet = z.strictObject({
  Name: text.optional(),
  InstanceFleetType: z.enum(['MASTER', 'CORE', 'TASK']),
  TargetOnDemandCapacity: amount.optional(),
  TargetSpotCapacity: amount.optional(),
  InstanceTypeConfigs: z
    .array(
      z.strictObject({
        InstanceType: text,
        WeightedCapacity: z.int().positive().optional(),
        BidPrice: text.optional(),
        BidPriceAsPercentageOfOnDemandPrice: z.number().positive().optional(),
        Priority: z.number().optional(),
        CustomAmiId: text.optional(),
        EbsConfiguration: ebs.optional(),
        Configurations: z.array(classification).optional(),
      }),
    )
    .min(1),
  LaunchSpecifications: z
    .strictObject({
      SpotSpecification: z
        .strictObject({
          TimeoutDurationMinutes: z.int().min(5).max(1440),
          TimeoutAction: z.enum(['SWITCH_TO_ON_DEMAND', 'TERMINATE_CLUSTER']),
          AllocationStrategy: z
            .enum([
              'price-capacity-optimized',
              'capacity-optimized',
              'capacity-optimized-prioritized',
              'lowest-price',
              'diversified',
            ])
            .optional(),
        })
        .optional(),
      OnDemandSpecification: z
        .strictObject({ AllocationStrategy: z.enum(['lowest-price', 'prioritized']) })
        .optional(),
    })
    .optional(),
});

const group = z.strictObject({
  Name: text.optional(),
  InstanceRole: z.enum(['MASTER', 'CORE', 'TASK']),
  Market: z.enum(['ON_DEMAND', 'SPOT']).optional(),
  BidPrice: text.optional(),
  InstanceType: text,
  InstanceCount: z.int().positive(),
  CustomAmiId: text.optional(),
  EbsConfiguration: ebs.optional(),
  Configurations: z.array(classification).optional(),
});

const alwaysEnds = 'a cluster always ends after its last step';
const instances = z
  .strictObject({
    InstanceFleets: z.array(fleet).min(1).optional(),
    InstanceGroups: z.array(group).min(1).optional(),
    Ec2KeyName: text.optional(),
    EmrManagedMasterSecurityGroup: text.optional(),
    EmrManagedSlaveSecurityGroup: text.optional(),
    ServiceAccessSecurityGroup: text.optional(),
    AdditionalMasterSecurityGroups: z.array(text).optional(),
    AdditionalSlaveSecurityGroups: z.array(text).optional(),
    UnhealthyNodeReplacement: z.boolean().optional(),
    KeepJobFlowAliveWhenNoSteps: owned(alwaysEnds),
    TerminationProtected: owned(alwaysEnds),
    Ec2SubnetId: owned('use the input subnets'),
    Ec2SubnetIds: owned('use the input subnets'),
  })
  .refine(
    ({ InstanceFleets, InstanceGroups }) => InstanceFleets === undefined || InstanceGroups === undefined,
    {
      message: 'has InstanceFleets and InstanceGroups; EMR takes one of them',
    },
  );

const ownTags: readonly string[] = Object.values(TAGS);

const configuration = z.strictObject({
  Instances: instances.optional(),
  ManagedScalingPolicy: z
    .strictObject({
      ComputeLimits: z.strictObject({
        UnitType: z.enum(['InstanceFleetUnits', 'Instances'], {
          error: 'must be InstanceFleetUnits or Instances, since the cost is counted in machines',
        }),
        MinimumCapacityUnits: z.int().positive(),
        MaximumCapacityUnits: z.int().positive(),
        MaximumOnDemandCapacityUnits: amount.optional(),
        MaximumCoreCapacityUnits: amount.optional(),
      }),
      UtilizationPerformanceIndex: z.int().min(1).max(100).optional(),
      ScalingStrategy: z.enum(['DEFAULT', 'ADVANCED']).optional(),
    })
    .optional(),
  Applications: z.array(z.strictObject({ Name: text, Version: text.optional() })).optional(),
  Configurations: z.array(classification).optional(),
  BootstrapActions: z
    .array(
      z.strictObject({
        Name: text,
        ScriptBootstrapAction: z.strictObject({ Path: text, Args: z.array(property).optional() }),
      }),
    )
    .optional(),
  Tags: z
    .array(
      z.strictObject({
        Key: text.refine((key) => !ownTags.includes(key), `is a tag of the action's own`),
        Value: property,
      }),
    )
    .optional(),
  SecurityConfiguration: text.optional(),
  LogEncryptionKmsKeyId: text.optional(),
  CustomAmiId: text.optional(),
  OSReleaseLabel: text.optional(),
  ScaleDownBehavior: z.enum(['TERMINATE_AT_INSTANCE_HOUR', 'TERMINATE_AT_TASK_COMPLETION']).optional(),
  EbsRootVolumeSize: z.int().positive().optional(),
  EbsRootVolumeIops: z.int().positive().optional(),
  EbsRootVolumeThroughput: z.int().positive().optional(),
  Name: owned('its name tells the repository, job and run'),
  Steps: owned('use the input script or steps'),
  ReleaseLabel: owned('use the input release'),
  ServiceRole: owned('use the input service-role'),
  JobFlowRole: owned('use the input job-role'),
  LogUri: owned('use the input log-uri'),
  AutoTerminationPolicy: owned('use the input idle-timeout'),
  StepConcurrencyLevel: owned('use the input step-concurrency'),
});

/** Keys of the RunJobFlow request that replace those of the size. */
export type Configuration = z.output<typeof configuration>;

/**
 * Reads the input `configuration`: keys of EMR's RunJobFlow request as YAML, in EMR's own spelling
 * (EMR API Reference, RunJobFlow).
 *
 * @throws PipelineError `bad-input` with line and column when a key is unknown, is the action's own or
 *   has a wrong value.
 */
export async function readConfiguration(path: string): Promise<Configuration> {
  return readYaml(path, configuration);
}
