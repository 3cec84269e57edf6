import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddInstanceFleetCommand,
  AddJobFlowStepsCommand,
  AddTagsCommand,
  CancelStepsCommand,
  type ClusterState,
  DescribeClusterCommand,
  DescribeStepCommand,
  GetAutoTerminationPolicyCommand,
  GetManagedScalingPolicyCommand,
  ListBootstrapActionsCommand,
  ListClustersCommand,
  ListInstanceFleetsCommand,
  ListInstanceGroupsCommand,
  ListInstancesCommand,
  ListStepsCommand,
  ModifyInstanceFleetCommand,
  PutAutoTerminationPolicyCommand,
  PutManagedScalingPolicyCommand,
  RemoveAutoTerminationPolicyCommand,
  RemoveManagedScalingPolicyCommand,
  RemoveTagsCommand,
  type RunJobFlowCommandInput,
  SetKeepJobFlowAliveWhenNoStepsCommand,
  SetTerminationProtectionCommand,
  type StepConfig,
  type StepState,
  TerminateJobFlowsCommand,
  waitUntilStepComplete,
} from '@aws-sdk/client-emr';
import { afterAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../temporary-folder.ts';
import * as c from './emr-clusters.ts';
import { bucket } from './emr-clusters.ts';
import { startTestBed } from './test-bed.ts';

const work = await temporaryFolder();
/** How long each state of a cluster lasts in these tests. */
const stateSeconds = 0.15;
const startBed = async () => c.connect(await startTestBed({ stateSeconds, logDelaySeconds: 0.1 }));
/** The second is the one that a test ends itself. */
const [bed, other] = await Promise.all([startBed(), startBed()]);
afterAll(() => Promise.all([bed.stop(), other.stop()]));

/** Starts a cluster that waits for steps. */
const start = (
  changes: Partial<RunJobFlowCommandInput> = {},
  instances: Partial<RunJobFlowCommandInput['Instances']> = {},
): Promise<string> => c.run(bed.emr, c.request(changes, instances));

const terminate = (id: string) => bed.emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] }));

const cancel = (id: string, steps: string[], option?: 'SEND_INTERRUPT' | 'TERMINATE_PROCESS') =>
  bed.emr.send(
    new CancelStepsCommand({
      ClusterId: id,
      StepIds: steps,
      ...(option ? { StepCancellationOption: option } : {}),
    }),
  );

/** The ids of a cluster's steps, in their order. */
const ids = async (id: string): Promise<string[]> =>
  (await c.stepsOf(bed.emr, id)).map((step) => step.Id ?? '');

/** The number that a step has written into a file, once it is there. */
const pidFrom = (file: string): Promise<number> =>
  c.until(() => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return Promise.resolve(text.endsWith('\n') ? Number(text) : undefined);
  }, file);

describe('life cycle', () => {
  test('a cluster without keep-alive passes all states and ends after its steps', async () => {
    const id = await start({ Steps: [c.bash('sleep 0.2')] }, { KeepJobFlowAliveWhenNoSteps: false });
    const { cluster, seen } = await c.untilCluster(bed.emr, id, 'TERMINATED');
    expect(c.inOrder(seen, ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'TERMINATING', 'TERMINATED'])).toBe(true);
    expect(cluster.Status?.StateChangeReason).toStrictEqual({
      Code: 'ALL_STEPS_COMPLETED',
      Message: 'Steps completed',
    });
    const { CreationDateTime, ReadyDateTime, EndDateTime } = cluster.Status?.Timeline ?? {};
    const [created, ready, ended] = [CreationDateTime, ReadyDateTime, EndDateTime].map(Number);
    expect(Number(ready) - Number(created)).toBeGreaterThanOrEqual(2 * stateSeconds * 1000);
    expect(Number(ended) - Number(ready)).toBeGreaterThanOrEqual(200 + stateSeconds * 1000);
    expect(cluster.AutoTerminate).toBe(true);
  });

  test('a kept cluster waits, takes another step, and ends at the user’s request', async () => {
    const id = await start();
    const first = await c.untilCluster(bed.emr, id, 'WAITING');
    expect(first.cluster.Status?.StateChangeReason?.Message).toBe('Cluster ready to run steps.');
    expect(first.cluster.AutoTerminate).toBe(false);
    const { StepIds } = await bed.emr.send(
      new AddJobFlowStepsCommand({ JobFlowId: id, Steps: [c.bash('sleep 0.2')] }),
    );
    await c.untilStep(bed.emr, id, StepIds?.[0] ?? '', 'COMPLETED');
    const second = await c.untilCluster(bed.emr, id, 'WAITING');
    expect(second.cluster.Status?.StateChangeReason?.Message).toBe(
      'Cluster ready after last step completed.',
    );
    await terminate(id);
    const { cluster } = await c.untilCluster(bed.emr, id, 'TERMINATED');
    expect(cluster.Status?.StateChangeReason).toStrictEqual({
      Code: 'USER_REQUEST',
      Message: 'Terminated by user request',
    });
  });

  test('without keep-alive a failure with CONTINUE still ends as TERMINATED', async () => {
    const id = await start({ Steps: [c.bash('exit 1')] }, { KeepJobFlowAliveWhenNoSteps: false });
    const { cluster } = await c.untilCluster(bed.emr, id, 'TERMINATED');
    expect(cluster.Status?.StateChangeReason?.Message).toBe('Steps completed with errors');
    expect(await c.stepStates(bed.emr, id)).toStrictEqual(['FAILED']);
  });

  test('SetKeepJobFlowAliveWhenNoSteps ends a waiting cluster', async () => {
    const id = await start();
    await c.untilCluster(bed.emr, id, 'WAITING');
    await bed.emr.send(
      new SetKeepJobFlowAliveWhenNoStepsCommand({ JobFlowIds: [id], KeepJobFlowAliveWhenNoSteps: false }),
    );
    const { cluster } = await c.untilCluster(bed.emr, id, 'TERMINATED');
    expect(cluster.Status?.StateChangeReason?.Code).toBe('ALL_STEPS_COMPLETED');
  });

  test('an idle cluster ends by its policy, not before the time', async () => {
    const id = await start({ AutoTerminationPolicy: { IdleTimeout: 1 } });
    const { cluster } = await c.untilCluster(bed.emr, id, 'TERMINATED');
    const { ReadyDateTime, EndDateTime } = cluster.Status?.Timeline ?? {};
    expect(Number(EndDateTime) - Number(ReadyDateTime)).toBeGreaterThanOrEqual(
      1000 + 2 * stateSeconds * 1000,
    );
  });

  test('termination protection refuses TerminateJobFlows until it is taken away', async () => {
    const id = await start({ AutoTerminationPolicy: { IdleTimeout: 1 } }, { TerminationProtected: true });
    await c.untilCluster(bed.emr, id, 'WAITING');
    // One that began to wait later, without protection, and by the same policy is gone first.
    const later = await start({ AutoTerminationPolicy: { IdleTimeout: 1 } });
    await c.untilCluster(bed.emr, later, 'TERMINATED');
    expect((await c.describeCluster(bed.emr, id)).Status?.State).toBe('WAITING');
    expect(await c.refusal(terminate(id))).toMatchObject({
      name: 'ValidationException',
      message: 'Could not shut down one or more job flows since they are termination protected.',
    });
    const { TerminationProtected, Status } = await c.describeCluster(bed.emr, id);
    expect([TerminationProtected, Status?.State]).toStrictEqual([true, 'WAITING']);
    await bed.emr.send(
      new SetTerminationProtectionCommand({ JobFlowIds: [id], TerminationProtected: false }),
    );
    await terminate(id);
    await c.untilCluster(bed.emr, id, 'TERMINATED');
  });

  test.each<[fault: string, code: string, last: string, steps: StepState[]]>([
    ['capacity', 'INSTANCE_FLEET_TIMEOUT', 'STARTING', ['CANCELLED', 'CANCELLED']],
    ['validation', 'VALIDATION_ERROR', 'STARTING', ['CANCELLED', 'CANCELLED']],
    ['bootstrap', 'BOOTSTRAP_FAILURE', 'BOOTSTRAPPING', ['CANCELLED', 'CANCELLED']],
    ['dies-in-step', 'INSTANCE_FAILURE', 'RUNNING', ['CANCELLED', 'CANCELLED']],
    ['interrupts-step', 'INSTANCE_FAILURE', 'RUNNING', ['INTERRUPTED', 'CANCELLED']],
  ])('fault %s ends with errors and %s', async (fault, code, last, states) => {
    const file = join(work, `${fault}.pid`);
    const id = await start({
      Tags: [{ Key: 'bed:fault', Value: fault }],
      Steps: [c.bash(`echo $$ > '${file}'; sleep 60`), c.bash('true')],
    });
    const { cluster, seen } = await c.untilCluster(bed.emr, id, 'TERMINATED_WITH_ERRORS');
    const all = ['STARTING', 'BOOTSTRAPPING', 'RUNNING'];
    const passed = all.slice(0, all.indexOf(last) + 1);
    expect(c.inOrder(seen, [...passed, 'TERMINATING', 'TERMINATED_WITH_ERRORS'])).toBe(true);
    expect(cluster.Status?.Timeline?.ReadyDateTime === undefined).toBe(last !== 'RUNNING');
    expect(cluster.Status?.StateChangeReason?.Code).toBe(code);
    expect(cluster.Status?.ErrorDetails?.[0]?.ErrorCode).toBe(code);
    expect(await c.stepStates(bed.emr, id)).toStrictEqual(states);
    expect(existsSync(file)).toBe(last === 'RUNNING');
    expect(last === 'RUNNING' && c.isAlive(await pidFrom(file))).toBe(false);
  });
});

describe('steps', () => {
  test.each<
    [action: StepConfig['ActionOnFailure'], isProtected: boolean, end: ClusterState, steps: StepState[]]
  >([
    ['TERMINATE_CLUSTER', false, 'TERMINATED_WITH_ERRORS', ['FAILED', 'CANCELLED']],
    ['TERMINATE_CLUSTER', true, 'WAITING', ['FAILED', 'CANCELLED']],
    ['CANCEL_AND_WAIT', false, 'WAITING', ['FAILED', 'CANCELLED']],
    ['CONTINUE', false, 'WAITING', ['FAILED', 'COMPLETED']],
  ])('a failure with %s (protected: %s) leads to %s', async (action, isProtected, last, states) => {
    const id = await start(
      { Steps: [c.bash('exit 3', action), c.bash('true')] },
      { TerminationProtected: isProtected },
    );
    const { cluster } = await c.untilCluster(bed.emr, id, last);
    expect(await c.stepStates(bed.emr, id)).toStrictEqual(states);
    expect(cluster.Status?.StateChangeReason?.Code).toBe(last === 'WAITING' ? undefined : 'STEP_FAILURE');
  });

  test('one at a time, unless the concurrency level allows more', async () => {
    const meet = (mine: string, theirs: string): StepConfig =>
      c.bash(
        `cd '${work}'; touch ${mine}; for i in $(seq 10); do [ -e ${theirs} ] && exit; sleep 0.1; done; exit 1`,
      );
    const one = await start({ Steps: [meet('a1', 'b1'), meet('b1', 'a1')] });
    const two = await start({ StepConcurrencyLevel: 2, Steps: [meet('a2', 'b2'), meet('b2', 'a2')] });
    await Promise.all([one, two].map((id) => c.untilCluster(bed.emr, id, 'WAITING')));
    expect(await c.stepStates(bed.emr, one)).toStrictEqual(['FAILED', 'COMPLETED']);
    expect(await c.stepStates(bed.emr, two)).toStrictEqual(['COMPLETED', 'COMPLETED']);
    expect((await c.describeCluster(bed.emr, two)).StepConcurrencyLevel).toBe(2);
  });

  test('logs reach LogUri; a failure names its last line and its log', async () => {
    const id = await start({
      Steps: [
        c.bash('echo out; echo first >&2; echo "the reason" >&2; exit 7'),
        c.program(['no-such-program']),
      ],
    });
    const { cluster } = await c.untilCluster(bed.emr, id, 'WAITING');
    expect(cluster.Status?.StateChangeReason?.Message).toBe('Cluster ready after last step failed.');
    const [first = '', second = ''] = await ids(id);
    const { Status } = await c.untilStep(bed.emr, id, first, 'FAILED');
    expect(Status?.FailureDetails).toStrictEqual({
      Reason: 'Unknown Error.',
      Message: 'the reason',
      LogFile: `s3://${bucket}/logs/${id}/steps/${first}/stderr.gz`,
    });
    expect(Status?.Timeline?.EndDateTime).toBeInstanceOf(Date);
    expect(await c.untilLog(bed, id, first, 'stdout')).toBe('out\n');
    expect(await c.untilLog(bed, id, first, 'stderr')).toBe('first\nthe reason\n');
    expect(await c.untilLog(bed, id, first, 'controller')).toContain('WARN Step failed with exitCode 7');
    const missing = await c.untilStep(bed.emr, id, second, 'FAILED');
    expect(missing.Status?.FailureDetails?.Message).toContain('no-such-program');
  });

  test('a step’s environment: this Python first, a Java, the keys of S3', async () => {
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'SPARK_LOCAL_IP'].map(
      (name) => `"$${name}"`,
    );
    const id = await start({
      Steps: [
        c.bash(
          `command -v spark-submit; test -x "$JAVA_HOME/bin/java" && echo java; echo ${names.join(' ')}`,
        ),
      ],
    });
    const [step = ''] = await ids(id);
    const [submit, java, keys] = (await c.untilLog(bed, id, step, 'stdout')).split('\n');
    expect(submit).toMatch(/\.venv\/bin\/spark-submit$/);
    expect([java, keys]).toStrictEqual(['java', 'bed-key-id bed-secret-access-key 127.0.0.1']);
  });

  test('CancelSteps: pending at once, running by a signal; the ended is refused; no ActionOnFailure', async () => {
    const file = join(work, 'cancelled.pid');
    const id = await start({
      Steps: [
        c.bash('true', 'TERMINATE_CLUSTER'),
        c.bash(`trap 'echo asked; exit 1' TERM; echo $$ > '${file}'; sleep 60 & wait`, 'TERMINATE_CLUSTER'),
        c.bash('touch never', 'TERMINATE_CLUSTER'),
        c.bash('true', 'TERMINATE_CLUSTER'),
      ],
    });
    const steps = await ids(id);
    const pid = await pidFrom(file);
    const { CancelStepsInfoList } = await cancel(id, steps.slice(0, 3));
    expect(CancelStepsInfoList?.map(({ StepId, Status }) => [StepId, Status])).toStrictEqual([
      [steps[0], 'FAILED'],
      [steps[1], 'SUBMITTED'],
      [steps[2], 'SUBMITTED'],
    ]);
    expect(CancelStepsInfoList?.[0]?.Reason).toContain('COMPLETED');
    await c.untilCluster(bed.emr, id, 'WAITING');
    expect(await c.stepStates(bed.emr, id)).toStrictEqual([
      'COMPLETED',
      'CANCELLED',
      'CANCELLED',
      'COMPLETED',
    ]);
    expect(c.isAlive(pid)).toBe(false);
    expect(await c.untilLog(bed, id, steps[1] ?? '', 'stdout')).toBe('asked\n');
  });

  test('SEND_INTERRUPT may be ignored, TERMINATE_PROCESS may not', async () => {
    const file = join(work, 'stubborn.pid');
    const id = await start({
      Steps: [c.bash(`trap '' TERM; echo $$ > '${file}'; while :; do sleep 0.1; done`)],
    });
    const steps = await ids(id);
    const pid = await pidFrom(file);
    await cancel(id, steps, 'SEND_INTERRUPT');
    await new Promise((resolve) => {
      setTimeout(resolve, 400);
    });
    expect(await c.stepStates(bed.emr, id)).toStrictEqual(['CANCEL_PENDING']);
    expect(c.isAlive(pid)).toBe(true);
    await cancel(id, steps, 'TERMINATE_PROCESS');
    const step = await c.untilStep(bed.emr, id, steps[0] ?? '', 'CANCELLED');
    expect(step.Status?.StateChangeReason?.Message).toBe('Cancelled by user');
    expect(c.isAlive(pid)).toBe(false);
  });

  test('TerminateJobFlows cancels open steps, kills their processes and saves their logs', async () => {
    const file = join(work, 'terminated.pid');
    const id = await start({
      Steps: [c.bash(`echo begun; sleep 60 & echo $! > '${file}'; wait`), c.bash('true')],
    });
    const pid = await pidFrom(file);
    expect(await c.stepStates(bed.emr, id)).toStrictEqual(['RUNNING', 'PENDING']);
    await terminate(id);
    await c.untilCluster(bed.emr, id, 'TERMINATED');
    expect(await c.stepStates(bed.emr, id)).toStrictEqual(['CANCELLED', 'CANCELLED']);
    expect(c.isAlive(pid)).toBe(false);
    expect(await c.untilLog(bed, id, (await ids(id))[0] ?? '', 'stdout')).toBe('begun\n');
  });

  test('the SDK’s waiter fails on a failed step', async () => {
    const id = await start({ Steps: [c.bash('exit 1')] });
    const [StepId = ''] = await ids(id);
    await c.untilStep(bed.emr, id, StepId, 'FAILED');
    expect(
      (
        await c.refusal(
          waitUntilStepComplete({ client: bed.emr, minDelay: 1, maxWaitTime: 20 }, { ClusterId: id, StepId }),
        )
      ).message,
    ).toMatch(/FAILURE/);
  });

  test('ListSteps: newest first, by state, by id, 50 a page', async () => {
    const Steps = [
      c.bash('sleep 60'),
      ...Array.from({ length: 59 }, (_, index) => c.program(['echo', String(index)])),
    ];
    const id = await start({ Steps });
    await c.untilCluster(bed.emr, id, 'RUNNING');
    const first = await bed.emr.send(new ListStepsCommand({ ClusterId: id }));
    const second = await bed.emr.send(new ListStepsCommand({ ClusterId: id, Marker: first.Marker }));
    expect([first.Steps?.length, second.Steps?.length, second.Marker]).toStrictEqual([50, 10, undefined]);
    const all = [...(first.Steps ?? []), ...(second.Steps ?? [])];
    expect(new Set(all.map((step) => step.Id)).size).toBe(60);
    expect(all[0]?.Config?.Args).toStrictEqual(['echo', '58']);
    expect(all.at(-1)?.Config?.Jar).toBe('command-runner.jar');
    const oldest = all.at(-1)?.Id ?? '';
    await c.untilStep(bed.emr, id, oldest, 'RUNNING');
    const running = await bed.emr.send(new ListStepsCommand({ ClusterId: id, StepStates: ['RUNNING'] }));
    expect(running.Steps?.map((step) => step.Id)).toStrictEqual([oldest]);
    const asked = [oldest, all[3]?.Id ?? ''];
    const found = await bed.emr.send(new ListStepsCommand({ ClusterId: id, StepIds: asked }));
    expect(found.Steps?.map((step) => step.Id)).toStrictEqual(asked);
    await terminate(id);
  });
});

describe('refusals', () => {
  const group = { InstanceRole: 'MASTER', InstanceType: 'm5.xlarge', InstanceCount: 1 } as const;
  const fleet = { InstanceFleetType: 'MASTER', TargetOnDemandCapacity: 1 } as const;

  test.each<
    [what: string, changes: object, message: string, instances?: Partial<RunJobFlowCommandInput['Instances']>]
  >([
    ['no service role', { ServiceRole: undefined }, 'ServiceRole'],
    ['no instance role', { JobFlowRole: undefined }, 'JobFlowRole'],
    ['no release', { ReleaseLabel: undefined }, 'The supplied release label is invalid'],
    [
      'a release of another form',
      { ReleaseLabel: '7.13.0' },
      'The supplied release label is invalid: 7.13.0.',
    ],
    [
      'too many steps',
      { Steps: Array.from({ length: 257 }, () => c.bash('true')) },
      'Maximum number of active steps',
    ],
    ['long arguments', { Steps: [c.bash('x'.repeat(10_240))] }, '10240 characters'],
    [
      'parallel steps that end the cluster',
      { StepConcurrencyLevel: 2, Steps: [c.bash('true', 'CANCEL_AND_WAIT')] },
      'only ActionOnFailure CONTINUE',
    ],
    ['a concurrency above 256', { StepConcurrencyLevel: 257 }, 'between 1 and 256'],
    ['an idle time above seven days', { AutoTerminationPolicy: { IdleTimeout: 604_801 } }, '604800'],
    ['groups and fleets', {}, 'one and only one', { InstanceGroups: [group], InstanceFleets: [fleet] }],
    ['a log address that is not S3', { LogUri: 'file:///tmp' }, 'log URI'],
  ])('RunJobFlow refuses %s', async (_what, changes, message, instances = {}) => {
    expect(await c.refusal(start(changes, instances))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  test('a terminated cluster takes no step', async () => {
    const id = await start();
    await terminate(id);
    const add = () => bed.emr.send(new AddJobFlowStepsCommand({ JobFlowId: id, Steps: [c.bash('true')] }));
    const refusal = {
      name: 'ValidationException',
      message: 'A job flow that is shutting down, terminating, or finished may not be modified.',
    };
    expect(await c.refusal(add())).toMatchObject(refusal);
    await c.untilCluster(bed.emr, id, 'TERMINATED');
    expect(await c.refusal(add())).toMatchObject(refusal);
  });

  test('256 open steps are the most', async () => {
    const id = await start({ Steps: Array.from({ length: 256 }, () => c.bash('sleep 60')) });
    expect(
      (await c.refusal(bed.emr.send(new AddJobFlowStepsCommand({ JobFlowId: id, Steps: [c.bash('true')] }))))
        .message,
    ).toMatch('Maximum number of active steps');
    await terminate(id);
  });

  test('unknown ids', async () => {
    const [ClusterId, StepId] = ['j-UNKNOWN', 's-UNKNOWN'];
    const known = await start();
    const invalid = { name: 'InvalidRequestException' };
    const cluster = { ...invalid, message: "Cluster id 'j-UNKNOWN' is not valid." };
    const { emr } = bed;
    expect(await c.refusal(emr.send(new DescribeClusterCommand({ ClusterId })))).toMatchObject(cluster);
    expect(await c.refusal(emr.send(new ListStepsCommand({ ClusterId })))).toMatchObject(cluster);
    expect(await c.refusal(emr.send(new ListInstanceFleetsCommand({ ClusterId })))).toMatchObject(cluster);
    expect(await c.refusal(emr.send(new ListInstanceGroupsCommand({ ClusterId })))).toMatchObject(cluster);
    expect(await c.refusal(emr.send(new DescribeStepCommand({ ClusterId, StepId })))).toMatchObject(cluster);
    expect(await c.refusal(emr.send(new DescribeStepCommand({ ClusterId: known, StepId })))).toMatchObject(
      invalid,
    );
    expect(
      await c.refusal(emr.send(new ListStepsCommand({ ClusterId: known, StepIds: [StepId] }))),
    ).toMatchObject(invalid);
    expect(await c.refusal(cancel(known, [StepId]))).toMatchObject(invalid);
    expect(await c.refusal(terminate(ClusterId))).toMatchObject({
      name: 'ValidationException',
      message: 'Specified job flow ID does not exist.',
    });
    await terminate(known);
  });
});

describe('what is kept', () => {
  test('fleets, tags, configuration, hours', async () => {
    const id = await start(
      {
        Tags: [{ Key: 'run', Value: '1' }],
        Applications: [{ Name: 'Spark' }],
        Configurations: [{ Classification: 'spark-defaults', Properties: { 'spark.x.Y_z': '1' } }],
      },
      {
        InstanceGroups: undefined,
        InstanceFleets: [
          {
            InstanceFleetType: 'MASTER',
            TargetOnDemandCapacity: 1,
            InstanceTypeConfigs: [{ InstanceType: 'm5.xlarge' }],
          },
          {
            InstanceFleetType: 'CORE',
            TargetSpotCapacity: 8,
            InstanceTypeConfigs: [{ InstanceType: 'm5.2xlarge', WeightedCapacity: 4 }],
          },
        ],
      },
    );
    const fleets = async () => {
      const { InstanceFleets } = await bed.emr.send(new ListInstanceFleetsCommand({ ClusterId: id }));
      return InstanceFleets?.map((one) => [
        one.InstanceFleetType,
        one.Status?.State,
        one.TargetSpotCapacity,
        one.ProvisionedSpotCapacity,
        one.InstanceTypeSpecifications?.[0]?.InstanceType,
      ]);
    };
    expect(await fleets()).toStrictEqual([
      ['MASTER', 'PROVISIONING', 0, 0, 'm5.xlarge'],
      ['CORE', 'PROVISIONING', 8, 0, 'm5.2xlarge'],
    ]);
    expect((await c.describeCluster(bed.emr, id)).NormalizedInstanceHours).toBe(0);
    await c.untilCluster(bed.emr, id, 'WAITING');
    expect((await fleets())?.[1]).toStrictEqual(['CORE', 'RUNNING', 8, 8, 'm5.2xlarge']);
    await bed.emr.send(new AddTagsCommand({ ResourceId: id, Tags: [{ Key: 'more', Value: '2' }] }));
    await bed.emr.send(new RemoveTagsCommand({ ResourceId: id, TagKeys: ['run'] }));
    expect(await c.describeCluster(bed.emr, id)).toMatchObject({
      ClusterArn: expect.stringContaining(':eu-west-1:'),
      InstanceCollectionType: 'INSTANCE_FLEET',
      Tags: [{ Key: 'more', Value: '2' }],
      Applications: [{ Name: 'Spark' }],
      Configurations: [{ Classification: 'spark-defaults', Properties: { 'spark.x.Y_z': '1' } }],
      LogUri: `s3n://${bucket}/logs/`,
      ReleaseLabel: 'emr-7.13.0',
      ServiceRole: 'service',
      VisibleToAllUsers: true,
      // One m5.xlarge and two m5.2xlarge.
      NormalizedInstanceHours: 8 + 2 * 16,
    });
    await terminate(id);
  });

  const typesOf = (...types: string[]) => types.map((InstanceType) => ({ InstanceType }));

  test('fleets: another one added, one changed, and the instances of each', async () => {
    const ClusterId = await start(
      {},
      {
        InstanceGroups: undefined,
        InstanceFleets: [
          {
            InstanceFleetType: 'MASTER',
            TargetOnDemandCapacity: 1,
            InstanceTypeConfigs: typesOf('m5.xlarge'),
          },
          {
            InstanceFleetType: 'CORE',
            TargetOnDemandCapacity: 1,
            TargetSpotCapacity: 5,
            InstanceTypeConfigs: [{ InstanceType: 'm5.2xlarge', WeightedCapacity: 2 }],
          },
        ],
      },
    );
    const { emr } = bed;
    const instances = async (filter: object = {}) => {
      const { Instances = [] } = await emr.send(new ListInstancesCommand({ ClusterId, ...filter }));
      return Instances.map(
        (one) => `${one.InstanceFleetId} ${one.Market} ${one.InstanceType} ${one.Status?.State}`,
      );
    };
    const { InstanceFleets } = await emr.send(new ListInstanceFleetsCommand({ ClusterId }));
    const [master = '', core = ''] = (InstanceFleets ?? []).map(({ Id }) => Id ?? '');
    expect(await instances({ InstanceFleetType: 'MASTER' })).toStrictEqual([
      `${master} ON_DEMAND m5.xlarge PROVISIONING`,
    ]);
    await c.untilCluster(emr, ClusterId, 'WAITING');
    const spot = `${core} SPOT m5.2xlarge RUNNING`;
    // Capacities of 1 and 5 at 2 for each instance.
    const cores = [`${core} ON_DEMAND m5.2xlarge RUNNING`, spot, spot, spot];
    expect(await instances()).toStrictEqual([`${master} ON_DEMAND m5.xlarge RUNNING`, ...cores]);
    expect(await instances({ InstanceStates: ['TERMINATED'] })).toStrictEqual([]);
    const all = await emr.send(new ListInstancesCommand({ ClusterId, InstanceFleetId: core }));
    expect(new Set(all.Instances?.flatMap(({ Id, Ec2InstanceId }) => [Id, Ec2InstanceId])).size).toBe(8);

    const task = {
      InstanceFleetType: 'TASK',
      TargetSpotCapacity: 1,
      InstanceTypeConfigs: typesOf('c7g.xlarge'),
    } as const;
    const add = () => emr.send(new AddInstanceFleetCommand({ ClusterId, InstanceFleet: task }));
    const { InstanceFleetId = '' } = await add();
    expect(await instances({ InstanceFleetId })).toStrictEqual([
      `${InstanceFleetId} SPOT c7g.xlarge RUNNING`,
    ]);
    expect(await c.refusal(add())).toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining('TASK'),
    });
    const modify = (id: string) =>
      emr.send(
        new ModifyInstanceFleetCommand({
          ClusterId,
          InstanceFleet: { InstanceFleetId: id, TargetSpotCapacity: 2 },
        }),
      );
    await modify(core);
    expect(await instances({ InstanceFleetType: 'CORE' })).toStrictEqual(cores.slice(0, 2));
    expect(await c.refusal(modify('if-UNKNOWN'))).toMatchObject({ name: 'InvalidRequestException' });
    await terminate(ClusterId);
    expect(await c.refusal(modify(core))).toMatchObject({ message: expect.stringContaining('terminat') });
    await c.untilCluster(emr, ClusterId, 'TERMINATED');
    expect(await instances({ InstanceFleetType: 'MASTER' })).toStrictEqual([
      `${master} ON_DEMAND m5.xlarge TERMINATED`,
    ]);
  });

  test.each<[types: string[], end: ClusterState]>([
    [['m7g.xlarge'], 'TERMINATED_WITH_ERRORS'],
    [['m7g.xlarge', 'm7g.2xlarge'], 'TERMINATED_WITH_ERRORS'],
    [['m7g.xlarge', 'm6g.xlarge'], 'WAITING'],
  ])('no capacity for m7g: a fleet of %s ends as %s', async (types, last) => {
    const id = await start(
      { Tags: [{ Key: 'bed:fault', Value: 'capacity:m7g' }] },
      {
        InstanceGroups: undefined,
        InstanceFleets: [
          { InstanceFleetType: 'MASTER', TargetOnDemandCapacity: 1, InstanceTypeConfigs: typesOf(...types) },
        ],
      },
    );
    const { cluster } = await c.untilCluster(bed.emr, id, last);
    expect(cluster.Status?.StateChangeReason?.Code).toBe(
      last === 'WAITING' ? undefined : 'INSTANCE_FLEET_TIMEOUT',
    );
    await terminate(id);
  });

  test('bootstrap actions; one that fails is named', async () => {
    const action = {
      Name: 'install',
      ScriptBootstrapAction: { Path: `s3://${bucket}/install.sh`, Args: ['-y'] },
    };
    const ClusterId = await start({
      BootstrapActions: [action],
      Tags: [{ Key: 'bed:fault', Value: 'bootstrap' }],
    });
    const { BootstrapActions } = await bed.emr.send(new ListBootstrapActionsCommand({ ClusterId }));
    expect(BootstrapActions).toStrictEqual([
      { Name: 'install', ScriptPath: `s3://${bucket}/install.sh`, Args: ['-y'] },
    ]);
    const { cluster } = await c.untilCluster(bed.emr, ClusterId, 'TERMINATED_WITH_ERRORS');
    expect(cluster.Status?.StateChangeReason?.Message).toBe(
      'On the master instance, bootstrap action 1 (install) failed.',
    );
  });

  test('groups', async () => {
    const id = await start();
    const { InstanceGroups } = await bed.emr.send(new ListInstanceGroupsCommand({ ClusterId: id }));
    expect(InstanceGroups?.map((one) => [one.InstanceGroupType, one.InstanceType])).toStrictEqual([
      ['MASTER', 'm5.xlarge'],
    ]);
    expect((await c.describeCluster(bed.emr, id)).InstanceCollectionType).toBe('INSTANCE_GROUP');
    await terminate(id);
  });

  test('policies: given with the cluster, replaced, removed', async () => {
    const ComputeLimits = {
      UnitType: 'Instances',
      MinimumCapacityUnits: 1,
      MaximumCapacityUnits: 3,
    } as const;
    const ClusterId = await start({
      AutoTerminationPolicy: { IdleTimeout: 600 },
      ManagedScalingPolicy: { ComputeLimits },
    });
    const { emr } = bed;
    const idle = async () =>
      (await emr.send(new GetAutoTerminationPolicyCommand({ ClusterId }))).AutoTerminationPolicy;
    const scaling = async () =>
      (await emr.send(new GetManagedScalingPolicyCommand({ ClusterId }))).ManagedScalingPolicy;
    expect([await idle(), await scaling()]).toStrictEqual([{ IdleTimeout: 600 }, { ComputeLimits }]);
    const wider = { ...ComputeLimits, MaximumCapacityUnits: 5 };
    await emr.send(
      new PutAutoTerminationPolicyCommand({ ClusterId, AutoTerminationPolicy: { IdleTimeout: 700 } }),
    );
    await emr.send(
      new PutManagedScalingPolicyCommand({ ClusterId, ManagedScalingPolicy: { ComputeLimits: wider } }),
    );
    expect([await idle(), await scaling()]).toStrictEqual([{ IdleTimeout: 700 }, { ComputeLimits: wider }]);
    await emr.send(new RemoveAutoTerminationPolicyCommand({ ClusterId }));
    await emr.send(new RemoveManagedScalingPolicyCommand({ ClusterId }));
    expect([await idle(), await scaling()]).toStrictEqual([undefined, undefined]);
    await terminate(ClusterId);
  });

  test('ListClusters: 50 a page', async () => {
    const CreatedAfter = new Date();
    const made = [];
    for (let count = 0; count < 51; count += 1) made.push(await start());
    const list = (Marker?: string) => bed.emr.send(new ListClustersCommand({ CreatedAfter, Marker }));
    const first = await list();
    const second = await list(first.Marker);
    const found = [first, second].map(({ Clusters = [] }) => Clusters.map(({ Id }) => Id));
    expect(found).toStrictEqual([made.slice(1).toReversed(), made.slice(0, 1)]);
    expect(second.Marker).toBeUndefined();
    await Promise.all(made.map(terminate));
  });

  test('ListClusters: by state and time, newest first', async () => {
    const before = await start({ Name: 'before' });
    await c.untilCluster(bed.emr, before, 'WAITING');
    const CreatedAfter = new Date();
    const [first, second] = [await start({ Name: 'first' }), await start({ Name: 'second' })];
    await terminate(first);
    await c.untilCluster(bed.emr, first, 'TERMINATED');
    await c.untilCluster(bed.emr, second, 'WAITING');
    const names = async (filter: object) => {
      const { Clusters } = await bed.emr.send(new ListClustersCommand(filter));
      return Clusters?.map((one) => one.Name);
    };
    expect(await names({ CreatedAfter })).toStrictEqual(['second', 'first']);
    expect(await names({ CreatedAfter, ClusterStates: ['TERMINATED'] })).toStrictEqual(['first']);
    expect(await names({ CreatedBefore: CreatedAfter })).not.toContain('second');
    expect(await names({ ClusterStates: ['WAITING'], CreatedBefore: CreatedAfter })).toContain('before');
    await Promise.all([before, second].map(terminate));
  });
});

test('no step outlives the server', async () => {
  const file = join(work, 'outlived.pid');
  await c.run(
    other.emr,
    c.request({ Steps: [c.bash(`trap '' TERM; sleep 60 & echo $! > '${file}'; wait`)] }),
  );
  const pid = await pidFrom(file);
  expect(c.isAlive(pid)).toBe(true);
  await other.stop();
  expect(c.isAlive(pid)).toBe(false);
});
