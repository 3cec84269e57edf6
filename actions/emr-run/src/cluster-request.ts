import { resolve } from 'node:path';
import type { JobFlowInstancesConfig, RunJobFlowCommandInput, StepConfig } from '@aws-sdk/client-emr';
import { PipelineError } from '../../shared/src/errors.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import type { Inputs } from './inputs.ts';
import { type MachineChoice, PRESETS, type Preset } from './presets.ts';
import type { Step } from './steps.ts';

/** The shortest time EMR allows to find Spot capacity, in minutes; a run of a morning need not wait longer. */
const SPOT_MINUTES = 5;

/** The machines of a cluster, as RunJobFlow's `Instances` has them. */
export type Machines = Pick<JobFlowInstancesConfig, 'InstanceFleets' | 'InstanceGroups'>;

/** All that decides what a cluster is, but for its name, tags and steps. */
export interface ClusterSettings {
  /** What to try in turn when there is no capacity; one entry when the configuration gives the machines. */
  readonly choices: readonly Machines[];
  /** The rest of `Instances`: the network, and that the cluster ends by itself. */
  readonly instances: JobFlowInstancesConfig;
  /** The rest of the request. */
  readonly request: Omit<RunJobFlowCommandInput, 'Name' | 'Instances' | 'Steps' | 'Tags'>;
  /** The configuration's tags, added to the action's own. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The settings of the size with the keys of the configuration file in their place. A file that gives
 * InstanceFleets or InstanceGroups leaves nothing else to try when there is no capacity.
 *
 * @param workspace the folder that the configuration's path is relative to.
 * @throws PipelineError `bad-input` when the configuration cannot be used.
 */
export async function readClusterSettings(inputs: Inputs, workspace: string): Promise<ClusterSettings> {
  const preset = PRESETS[inputs.size];
  const configuration: Configuration =
    inputs.configuration === null ? {} : await readConfiguration(resolve(workspace, inputs.configuration));
  const { Instances = {}, Tags = [], ...given } = configuration;
  const { InstanceFleets, InstanceGroups, ...network } = Instances;
  const own = ownMachines(InstanceFleets, InstanceGroups);
  return {
    choices: own === null ? preset.choices.map((choice) => fleetsOf(choice, preset)) : [own],
    instances: {
      ...network,
      ...subnetsOf(inputs.subnets, InstanceGroups !== undefined),
      KeepJobFlowAliveWhenNoSteps: false,
      TerminationProtected: false,
    },
    request: {
      ReleaseLabel: inputs.release,
      ServiceRole: inputs['service-role'],
      JobFlowRole: inputs['job-role'],
      LogUri: logUriOf(inputs),
      AutoTerminationPolicy: { IdleTimeout: inputs['idle-timeout'] },
      StepConcurrencyLevel: inputs['step-concurrency'],
      Applications: [{ Name: 'Spark' }],
      Configurations: configurationsOf(preset),
      // The preset's limits are for the preset's machines.
      ...(own === null ? { ManagedScalingPolicy: scalingOf(preset) } : {}),
      ...given,
    },
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
  };
}

/**
 * The request of one cluster.
 *
 * @param choice which of the settings' machines, from 1.
 */
export function buildClusterRequest(
  { choices, instances, request, tags }: ClusterSettings,
  choice: number,
  naming: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
  steps: readonly Step[],
): RunJobFlowCommandInput {
  const machines = choices[choice - 1];
  if (machines === undefined) throw new RangeError(`there are ${choices.length} choices, ${choice} is none`);
  return {
    ...request,
    Name: naming.name,
    Instances: { ...instances, ...machines },
    Steps: steps.map((step) => stepConfig(step, request.StepConcurrencyLevel ?? 1)),
    Tags: Object.entries({ ...tags, ...naming.tags }).map(([Key, Value]) => ({ Key, Value })),
  };
}

/**
 * A step as RunJobFlow and AddJobFlowSteps take it. A failed step ends the cluster, but beside others that
 * run at the same time EMR allows no other answer than CONTINUE (EMR API Reference, StepConfig).
 */
export function stepConfig(step: Step, stepConcurrency: number): StepConfig {
  return {
    Name: step.name,
    ActionOnFailure: stepConcurrency > 1 ? 'CONTINUE' : 'TERMINATE_CLUSTER',
    HadoopJarStep: { Jar: step.jar, Args: [...step.arguments] },
  };
}

/** What a cluster's name tells a digest of: all that decides what the cluster does; no name, tag or time. */
export function requestDigest(settings: ClusterSettings, steps: readonly Step[]): unknown {
  const { tags: _tags, ...deciding } = settings;
  return { ...deciding, steps };
}

function ownMachines(
  fleets: NonNullable<Configuration['Instances']>['InstanceFleets'],
  groups: NonNullable<Configuration['Instances']>['InstanceGroups'],
): Machines | null {
  if (fleets !== undefined) return { InstanceFleets: fleets };
  return groups === undefined ? null : { InstanceGroups: groups };
}

/** The primary node on demand, since its loss ends the cluster; the units on Spot, else on demand. */
function fleetsOf({ primary, unit }: MachineChoice, { units }: Preset): Machines {
  return {
    InstanceFleets: [
      {
        Name: 'primary',
        InstanceFleetType: 'MASTER',
        TargetOnDemandCapacity: 1,
        InstanceTypeConfigs: primary.map((InstanceType) => ({ InstanceType })),
      },
      {
        Name: 'core',
        InstanceFleetType: 'CORE',
        TargetSpotCapacity: units.least,
        InstanceTypeConfigs: unit.map((InstanceType) => ({ InstanceType, WeightedCapacity: 1 })),
        LaunchSpecifications: {
          SpotSpecification: {
            TimeoutDurationMinutes: SPOT_MINUTES,
            TimeoutAction: 'SWITCH_TO_ON_DEMAND',
            AllocationStrategy: 'price-capacity-optimized',
          },
        },
      },
    ],
  };
}

function scalingOf({ units }: Preset): NonNullable<RunJobFlowCommandInput['ManagedScalingPolicy']> {
  return {
    ComputeLimits: {
      UnitType: 'InstanceFleetUnits',
      MinimumCapacityUnits: units.least,
      MaximumCapacityUnits: units.most,
      // Scaling fills this limit first and takes Spot beyond it (EMR Management Guide, managed scaling);
      // the first units must fit, as they may have come on demand.
      MaximumOnDemandCapacityUnits: units.least,
    },
  };
}

function configurationsOf({ sparkDefaults }: Preset): NonNullable<RunJobFlowCommandInput['Configurations']> {
  if (Object.keys(sparkDefaults).length === 0) return [];
  return [{ Classification: 'spark-defaults', Properties: { ...sparkDefaults } }];
}

function logUriOf({ 'log-uri': logUri, bucket, prefix }: Inputs): string {
  return logUri ?? `s3://${[bucket, prefix, 'logs'].filter(Boolean).join('/')}/`;
}

function subnetsOf(subnets: readonly string[], areGroups: boolean): JobFlowInstancesConfig {
  if (subnets.length === 0) return {};
  if (!areGroups) return { Ec2SubnetIds: [...subnets] };
  if (subnets.length === 1) return { Ec2SubnetId: subnets[0] };
  throw new PipelineError({
    kind: 'bad-input',
    what: 'The cluster cannot start in several subnets',
    where: 'inputs subnets, configuration',
    why: `${subnets.length} subnets are given, and a cluster of InstanceGroups starts in one`,
    done: 'Nothing was started.',
    next: 'Give one subnet, or InstanceFleets in place of InstanceGroups, and run again.',
  });
}
