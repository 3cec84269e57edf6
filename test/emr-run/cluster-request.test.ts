import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMRClient } from '@aws-sdk/client-emr';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TAGS } from '../../actions/emr-run/src/cluster-naming.ts';
import {
  buildClusterRequest,
  readClusterSettings,
  requestDigest,
} from '../../actions/emr-run/src/cluster-request.ts';
import { PRESETS } from '../../actions/emr-run/src/presets.ts';
import type { Step } from '../../actions/emr-run/src/steps.ts';
import { describeCluster, run, untilCluster } from '../aws/emr-clusters.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { inputsOf } from './inputs-of.ts';

const folder = await temporaryFolder();
const given = { script: 'job.py', bucket: 'titles' };
const steps: readonly Step[] = [{ name: 'one', jar: 'command-runner.jar', arguments: ['true'] }];
const naming = { name: 'o/r/job/1/abc/1', tags: { pipeline: 'emr-run' } };

/** The settings of the inputs, with the text as the configuration file. */
async function settingsOf(changes: Readonly<Record<string, string>> = {}, configuration = '') {
  if (configuration === '') return readClusterSettings(inputsOf({ ...given, ...changes }), folder);
  await writeFile(join(folder, 'emr.yml'), configuration);
  return readClusterSettings(inputsOf({ ...given, configuration: 'emr.yml', ...changes }), folder);
}

const groups = `
Instances:
  InstanceGroups:
    - { InstanceRole: MASTER, InstanceType: m5.xlarge, InstanceCount: 1 }
    - { InstanceRole: CORE, InstanceType: m5.xlarge, InstanceCount: 3, Market: SPOT }
`;

test('a small cluster is one primary on demand and two units on Spot, and ends by itself', async () => {
  const settings = await settingsOf({ subnets: 'subnet-1\nsubnet-2', 'idle-timeout': '120' });
  expect(buildClusterRequest(settings, 1, naming, steps)).toEqual({
    Name: 'o/r/job/1/abc/1',
    ReleaseLabel: 'emr-7.13.0',
    ServiceRole: 'EMR_DefaultRole',
    JobFlowRole: 'EMR_EC2_DefaultRole',
    LogUri: 's3://titles/emr-run/logs/',
    AutoTerminationPolicy: { IdleTimeout: 120 },
    StepConcurrencyLevel: 1,
    Applications: [{ Name: 'Spark' }],
    Configurations: [],
    ManagedScalingPolicy: {
      ComputeLimits: {
        UnitType: 'InstanceFleetUnits',
        MinimumCapacityUnits: 2,
        MaximumCapacityUnits: 4,
        MaximumOnDemandCapacityUnits: 2,
      },
    },
    Instances: {
      KeepJobFlowAliveWhenNoSteps: false,
      TerminationProtected: false,
      Ec2SubnetIds: ['subnet-1', 'subnet-2'],
      InstanceFleets: [
        {
          Name: 'primary',
          InstanceFleetType: 'MASTER',
          TargetOnDemandCapacity: 1,
          InstanceTypeConfigs: [{ InstanceType: 'm7g.xlarge' }, { InstanceType: 'm6g.xlarge' }],
        },
        {
          Name: 'core',
          InstanceFleetType: 'CORE',
          TargetSpotCapacity: 2,
          InstanceTypeConfigs: [
            { InstanceType: 'm7g.xlarge', WeightedCapacity: 1 },
            { InstanceType: 'm6g.xlarge', WeightedCapacity: 1 },
          ],
          LaunchSpecifications: {
            SpotSpecification: {
              TimeoutDurationMinutes: 5,
              TimeoutAction: 'SWITCH_TO_ON_DEMAND',
              AllocationStrategy: 'price-capacity-optimized',
            },
          },
        },
      ],
    },
    Steps: [
      {
        Name: 'one',
        ActionOnFailure: 'TERMINATE_CLUSTER',
        HadoopJarStep: { Jar: 'command-runner.jar', Args: ['true'] },
      },
    ],
    Tags: [{ Key: 'pipeline', Value: 'emr-run' }],
  });
});

test.each<['small' | 'standard' | 'x100', number, number]>([
  ['small', 2, 4],
  ['standard', 4, 8],
  ['x100', 8, 64],
])('%s begins with %i units and grows to %i, on three families', async (size, least, most) => {
  const settings = await settingsOf({ size });
  expect(settings.request.ManagedScalingPolicy?.ComputeLimits).toMatchObject({
    MinimumCapacityUnits: least,
    MaximumCapacityUnits: most,
  });
  expect(settings.choices).toHaveLength(3);
  const families = PRESETS[size].choices.map(({ unit }) => unit.map((type) => type.split('.')[0]));
  expect(families).toEqual([
    ['m7g', 'm6g'],
    ['r7g', 'r6g'],
    ['m6i', 'r6i'],
  ]);
});

test('each choice has other machines and nothing else; there is no fourth', async () => {
  const settings = await settingsOf();
  const [first, second] = [1, 2].map((choice) => buildClusterRequest(settings, choice, naming, steps));
  expect(first?.Instances?.InstanceFleets?.[1]?.InstanceTypeConfigs?.[0]?.InstanceType).toBe('m7g.xlarge');
  expect(second?.Instances?.InstanceFleets?.[1]?.InstanceTypeConfigs?.[0]?.InstanceType).toBe('r7g.xlarge');
  expect({ ...second, Instances: null }).toEqual({ ...first, Instances: null });
  expect(() => buildClusterRequest(settings, 4, naming, steps)).toThrow('there are 3 choices, 4 is none');
});

test('steps that run at once do not end the cluster', async () => {
  const settings = await settingsOf({ 'step-concurrency': '2' });
  const { Steps, StepConcurrencyLevel } = buildClusterRequest(settings, 1, naming, steps);
  expect(Steps?.[0]?.ActionOnFailure).toBe('CONTINUE');
  expect(StepConcurrencyLevel).toBe(2);
});

test('logs go where they are wanted', async () => {
  const { request } = await settingsOf({ 'log-uri': 's3://logs/emr/' });
  expect(request.LogUri).toBe('s3://logs/emr/');
});

describe('a configuration', () => {
  test('replaces keys of the size and leaves the others', async () => {
    const settings = await settingsOf(
      { size: 'x100' },
      `
Instances: { Ec2KeyName: ours }
Applications: [{ Name: Spark }, { Name: Hadoop }]
Configurations:
  - Classification: spark-defaults
    Properties: { spark.sql.adaptive.enabled: true, spark.executor.cores: 4 }
    Configurations: [{ Classification: export }]
BootstrapActions:
  - { Name: tools, ScriptBootstrapAction: { Path: s3://titles/tools.sh, Args: [1] } }
Tags: [{ Key: team, Value: data }]
`,
    );
    expect(settings.choices).toHaveLength(3);
    const request = buildClusterRequest(settings, 1, naming, steps);
    expect(request).toMatchObject({
      Instances: { Ec2KeyName: 'ours', KeepJobFlowAliveWhenNoSteps: false },
      Applications: [{ Name: 'Spark' }, { Name: 'Hadoop' }],
      Configurations: [
        {
          Classification: 'spark-defaults',
          Properties: { 'spark.sql.adaptive.enabled': 'true', 'spark.executor.cores': '4' },
          Configurations: [{ Classification: 'export' }],
        },
      ],
      BootstrapActions: [
        { Name: 'tools', ScriptBootstrapAction: { Path: 's3://titles/tools.sh', Args: ['1'] } },
      ],
      ManagedScalingPolicy: { ComputeLimits: { MaximumCapacityUnits: 64 } },
      ReleaseLabel: 'emr-7.13.0',
    });
    expect(request.Tags).toEqual([
      { Key: 'team', Value: 'data' },
      { Key: 'pipeline', Value: 'emr-run' },
    ]);
  });

  test('that gives machines is the only choice and has no limits of the size', async () => {
    const settings = await settingsOf({ subnets: 'subnet-1' }, groups);
    expect(settings.choices).toHaveLength(1);
    expect(settings.request.ManagedScalingPolicy).toBeUndefined();
    const { Instances } = buildClusterRequest(settings, 1, naming, steps);
    expect(Instances?.InstanceFleets).toBeUndefined();
    expect(Instances).toMatchObject({ Ec2SubnetId: 'subnet-1', InstanceGroups: [{}, { InstanceCount: 3 }] });
  });

  test('with groups takes one subnet', async () => {
    expect(await failureOf(settingsOf({ subnets: 'subnet-1\nsubnet-2' }, groups))).toMatchObject({
      kind: 'bad-input',
      where: 'inputs subnets, configuration',
      why: '2 subnets are given, and a cluster of InstanceGroups starts in one',
    });
  });

  test.each<[string, string, string]>([
    ['an unknown key', 'Aplications: []', 'line 1, column 1: Unrecognized key: "Aplications"'],
    [
      'the name',
      '\nName: mine',
      'line 2, column 7: Name: is set by the action; its name tells the repository, job and run',
    ],
    ...(
      [
        ['Steps', 'use the input script or steps'],
        ['ReleaseLabel', 'use the input release'],
        ['ServiceRole', 'use the input service-role'],
        ['JobFlowRole', 'use the input job-role'],
        ['LogUri', 'use the input log-uri'],
        ['AutoTerminationPolicy', 'use the input idle-timeout'],
        ['StepConcurrencyLevel', 'use the input step-concurrency'],
      ] as const
    ).map(([key, instead]): [string, string, string] => [
      key,
      `${key}: x`,
      `line 1, column ${key.length + 3}: ${key}: is set by the action; ${instead}`,
    ]),
    ...(
      [
        ['KeepJobFlowAliveWhenNoSteps', 'a cluster always ends after its last step'],
        ['TerminationProtected', 'a cluster always ends after its last step'],
        ['Ec2SubnetId', 'use the input subnets'],
        ['Ec2SubnetIds', 'use the input subnets'],
      ] as const
    ).map(([key, instead]): [string, string, string] => [
      `Instances.${key}`,
      `Instances:\n  ${key}: x`,
      `line 2, column ${key.length + 5}: Instances.${key}: is set by the action; ${instead}`,
    ]),
    [
      "a tag of the action's own",
      `Tags: [{ Key: ${TAGS.expiresAt}, Value: never }]`,
      "line 1, column 15: Tags.0.Key: is a tag of the action's own",
    ],
    [
      'limits in cores',
      'ManagedScalingPolicy:\n  ComputeLimits: { UnitType: VCPU, MinimumCapacityUnits: 1, MaximumCapacityUnits: 2 }',
      'line 2, column 30: ManagedScalingPolicy.ComputeLimits.UnitType: must be InstanceFleetUnits or Instances, since the cost is counted in machines',
    ],
    [
      'fleets and groups',
      `${groups.trimEnd()}\n  InstanceFleets: [{ InstanceFleetType: MASTER, InstanceTypeConfigs: [{ InstanceType: m5.xlarge }] }]`,
      'line 3, column 3: Instances: has InstanceFleets and InstanceGroups; EMR takes one of them',
    ],
  ])('is refused for %s', async (_case, text, why) => {
    expect(await failureOf(settingsOf({}, text))).toEqual({
      kind: 'bad-input',
      what: 'A configuration is not usable',
      where: join(folder, 'emr.yml'),
      why,
      done: 'Nothing was started.',
      next: 'Mend it and run again.',
    });
  });
});

describe('the digest', () => {
  const digest = async (changes: Readonly<Record<string, string>>, file = '', of = steps) =>
    JSON.stringify(requestDigest(await settingsOf(changes, file), of));

  test('is the same for the same, whatever the time, cost ceiling and tags', async () => {
    const same = await digest({});
    expect(await digest({ 'timeout-minutes': '7', 'max-cost-eur': '' })).toBe(same);
    expect(await digest({}, 'Tags: [{ Key: team, Value: data }]')).toBe(same);
  });

  test.each<[string, Readonly<Record<string, string>>, string, readonly Step[]]>([
    ['size', { size: 'standard' }, '', steps],
    ['release', { release: 'emr-7.12.0' }, '', steps],
    ['configuration', {}, groups, steps],
    ['step', {}, '', [{ name: 'one', jar: 'command-runner.jar', arguments: ['false'] }]],
  ])('differs with another %s', async (_case, changes, file, of) => {
    expect(await digest(changes, file, of)).not.toBe(await digest({}));
  });
});

describe('EMR', () => {
  let bed: TestBed;
  let emr: EMRClient;
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds: 0.1 });
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    const credentials = { accessKeyId, secretAccessKey };
    emr = new EMRClient({ endpoint: bed.endpoint, region, credentials });
  });
  afterAll(() => bed.stop());

  test.each<[string, Readonly<Record<string, string>>, string, number]>([
    ['small', {}, '', 1],
    ['standard', { size: 'standard', 'step-concurrency': '4' }, '', 2],
    ['x100', { size: 'x100', subnets: 'subnet-1\nsubnet-2' }, '', 3],
    ['configured', {}, groups, 1],
  ])('runs the steps of a %s cluster, which then ends', async (_case, changes, file, choice) => {
    const settings = await settingsOf(changes, file);
    const id = await run(emr, buildClusterRequest(settings, choice, naming, steps));
    await untilCluster(emr, id, 'TERMINATED');
    expect(await describeCluster(emr, id)).toMatchObject({
      Name: 'o/r/job/1/abc/1',
      Tags: [{ Key: 'pipeline', Value: 'emr-run' }],
      Status: { StateChangeReason: { Code: 'ALL_STEPS_COMPLETED' } },
    });
  });
});
