import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Cluster,
  DescribeClusterCommand,
  EMRClient,
  ListClustersCommand,
  ListStepsCommand,
  type StepSummary,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type ClusterPlan, planClusters } from '../../actions/emr-run/src/cluster-plan.ts';
import { type ClusterSettings, readClusterSettings } from '../../actions/emr-run/src/cluster-request.ts';
import { type EmrAccess, LIVE_STATES } from '../../actions/emr-run/src/cluster-state.ts';
import type { Step } from '../../actions/emr-run/src/steps.ts';
import { tellRefusals } from '../../actions/emr-run/src/tell-refusals.ts';
import { type RunIdentity } from '../../actions/shared/src/action/run-identity.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { inputsOf } from './inputs-of.ts';

/** The bucket of the tests. */
export const BUCKET = 'lake';

/** EMR as the tests of the cluster's life see it; the action's clients go through a proxy that does harm. */
export interface EmrTests {
  readonly bed: TestBed;
  readonly proxy: FaultProxy;
  /** The client of the tests' own looks; no harm befalls it. */
  readonly emr: EMRClient;
  readonly s3: S3Client;
  /** A new run for each test. */
  readonly identity: RunIdentity;
  /** What the code under test said, in order. */
  readonly lines: string[];
  /** A client as the action has it; with `maxAttempts` 1 one that sends once. */
  client(maxAttempts: number): EMRClient;
  access(changes?: Partial<EmrAccess>): EmrAccess;
  /** All clusters of the test's run, the oldest first. */
  clusters(): Promise<Cluster[]>;
  /** A cluster's steps, in order. */
  steps(clusterId: string): Promise<StepSummary[]>;
  /** Waits until the cluster is in one of the states. */
  until(clusterId: string, states: readonly string[]): Promise<Cluster>;
  terminate(clusterId: string): Promise<void>;
}

/**
 * The bed for a file's tests. After each test no cluster may live; one that does fails the test.
 *
 * @param logDelaySeconds how long after a step's end its log comes to S3.
 */
export function openEmr(logDelaySeconds = 0.1): EmrTests {
  let bed: TestBed;
  let proxy: FaultProxy;
  let emr: EMRClient;
  let s3: S3Client;
  let run = 7000;
  const lines: string[] = [];
  const account = () => {
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    return { region, credentials: { accessKeyId, secretAccessKey } };
  };
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds: 0.12, logDelaySeconds });
    emr = new EMRClient({ ...account(), endpoint: bed.endpoint });
    s3 = new S3Client({ ...account(), endpoint: bed.s3.endpoint });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    run += 1;
    lines.length = 0;
    proxy = await startFaultProxy(bed.endpoint);
  });
  afterEach(async () => {
    await proxy.stop();
    await refuseLive(emr);
  });

  const client = (maxAttempts: number) =>
    tellRefusals(new EMRClient({ ...account(), endpoint: proxy.endpoint, maxAttempts }));
  const describeIt = async (ClusterId: string): Promise<Cluster> => {
    const { Cluster: cluster } = await emr.send(new DescribeClusterCommand({ ClusterId }));
    if (cluster === undefined) throw new Error(`No cluster ${ClusterId}`);
    return cluster;
  };
  return {
    get bed() {
      return bed;
    },
    get proxy() {
      return proxy;
    },
    get emr() {
      return emr;
    },
    get s3() {
      return s3;
    },
    get identity() {
      return {
        repository: 'anna/films',
        runId: String(run),
        runAttempt: '1',
        job: 'titles',
        region: 'eu-west-1',
      };
    },
    lines,
    client,
    access: (changes = {}) => ({
      emr: client(3),
      emrOnce: client(1),
      now: () => new Date(),
      random: () => 0,
      announce: () => {},
      claim: () => {},
      signal: new AbortController().signal,
      log: { info: (line) => lines.push(line), progress: () => {} },
      ...changes,
    }),
    clusters: async () => {
      const { Clusters = [] } = await emr.send(new ListClustersCommand({}));
      const ours = Clusters.filter(({ Name }) => Name?.includes(`/${run}/`));
      // The newest comes first.
      return Promise.all(ours.toReversed().map(({ Id = '' }) => describeIt(Id)));
    },
    steps: async (ClusterId) => {
      const { Steps = [] } = await emr.send(new ListStepsCommand({ ClusterId }));
      return Steps.toReversed();
    },
    until: async (id, states) => {
      for (;;) {
        const cluster = await describeIt(id);
        if (states.includes(cluster.Status?.State ?? '')) return cluster;
        await sleep(25);
      }
    },
    terminate: async (id) => {
      await emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] }));
    },
  };
}

/** A step that runs a program. */
export function step(name: string, ...args: string[]): Step {
  return { name, jar: 'command-runner.jar', arguments: args };
}

/** A step that takes longer than any test. */
export const LONG = step('long', 'sleep', '300');

/**
 * Settings with three choices of machines: m7g, m6g and m5 alone.
 *
 * @param tags the configuration's, for the bed's faults among others.
 */
export async function settingsWith(
  tags: Readonly<Record<string, string>> = {},
  given: Readonly<Record<string, string>> = {},
): Promise<ClusterSettings> {
  const settings = await readClusterSettings(inputsOf({ script: 'x.py', bucket: BUCKET, ...given }), '.');
  const choices = ['m7g.xlarge', 'm6g.xlarge', 'm6i.xlarge'].map((InstanceType) => ({
    InstanceFleets: [
      {
        InstanceFleetType: 'MASTER' as const,
        TargetOnDemandCapacity: 1,
        InstanceTypeConfigs: [{ InstanceType }],
      },
    ],
  }));
  return { ...settings, choices, tags };
}

/** A plan of the identity's clusters. */
export function planOf(
  identity: RunIdentity,
  settings: ClusterSettings,
  steps: readonly Step[],
  starter: string,
  reattach = true,
): ClusterPlan {
  const baseName = `${identity.repository}/${identity.job}/${identity.runId}/0123456789ab`;
  const inputs = { 'timeout-minutes': 60, reattach };
  return planClusters(inputs, identity, { baseName, starter }, settings, steps, new Date());
}

async function refuseLive(emr: EMRClient): Promise<void> {
  const { Clusters: live = [] } = await emr.send(
    new ListClustersCommand({ ClusterStates: [...LIVE_STATES] }),
  );
  if (live.length === 0) return;
  await emr.send(new TerminateJobFlowsCommand({ JobFlowIds: live.map(({ Id = '' }) => Id) }));
  throw new Error(`left running: ${live.map(({ Id, Name }) => `${Id} ${Name}`).join(', ')}`);
}
