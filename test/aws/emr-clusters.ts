import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import {
  type ActionOnFailure,
  type Cluster,
  type ClusterState,
  DescribeClusterCommand,
  DescribeStepCommand,
  EMRClient,
  ListStepsCommand,
  RunJobFlowCommand,
  type RunJobFlowCommandInput,
  type Step,
  type StepConfig,
  type StepState,
} from '@aws-sdk/client-emr';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { TestBed } from './test-bed.ts';

/** The bucket that the tests of EMR write to. */
export const bucket = 'bed';

/** A bed with clients of what a cluster needs. */
export interface EmrBed {
  readonly emr: EMRClient;
  readonly s3: S3Client;
  readonly stop: () => Promise<void>;
}

/** Makes the clients, and the bucket. */
export async function connect({ endpoint, s3: server, stop }: TestBed): Promise<EmrBed> {
  const { region, accessKeyId, secretAccessKey } = server;
  const common = { region, credentials: { accessKeyId, secretAccessKey } };
  const s3 = new S3Client({ ...common, endpoint: server.endpoint });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return { emr: new EMRClient({ ...common, endpoint }), s3, stop };
}

/** A step that runs a program. */
export function program(args: string[], action: ActionOnFailure = 'CONTINUE'): StepConfig {
  return {
    Name: args[0] ?? '',
    ActionOnFailure: action,
    HadoopJarStep: { Jar: 'command-runner.jar', Args: args },
  };
}

/** A step that runs a line of bash. */
export function bash(line: string, action: ActionOnFailure = 'CONTINUE'): StepConfig {
  return program(['bash', '-c', line], action);
}

/** A request for a small cluster that waits for steps. */
export function request(
  changes: Partial<RunJobFlowCommandInput> = {},
  instances: Partial<RunJobFlowCommandInput['Instances']> = {},
): RunJobFlowCommandInput {
  return {
    Name: 'test',
    ReleaseLabel: 'emr-7.13.0',
    ServiceRole: 'service',
    JobFlowRole: 'instances',
    LogUri: `s3://${bucket}/logs/`,
    ...changes,
    Instances: {
      KeepJobFlowAliveWhenNoSteps: true,
      InstanceGroups: [{ InstanceRole: 'MASTER', InstanceType: 'm5.xlarge', InstanceCount: 1 }],
      ...instances,
    },
  };
}

/** Starts a cluster and gives its id. */
export async function run(emr: EMRClient, input: RunJobFlowCommandInput): Promise<string> {
  const { JobFlowId } = await emr.send(new RunJobFlowCommand(input));
  return JobFlowId ?? '';
}

/** The cluster as it is now. */
export async function describeCluster(emr: EMRClient, id: string): Promise<Cluster> {
  const { Cluster: cluster } = await emr.send(new DescribeClusterCommand({ ClusterId: id }));
  if (!cluster) throw new Error(`No cluster ${id}`);
  return cluster;
}

/** Waits until `look` gives something, for a bounded time. */
export async function until<T>(look: () => Promise<T | undefined>, what: string, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(25);
  }
  throw new Error(`Not seen in time: ${what}`);
}

/** Waits for a state and gives the cluster with all the states seen on the way. */
export async function untilCluster(
  emr: EMRClient,
  id: string,
  state: ClusterState,
): Promise<{ cluster: Cluster; seen: string[] }> {
  const seen: string[] = [];
  const cluster = await until(async () => {
    const now = await describeCluster(emr, id);
    const name = now.Status?.State ?? '';
    if (seen.at(-1) !== name) seen.push(name);
    return name === state ? now : undefined;
  }, `${state} of ${id}`);
  return { cluster, seen };
}

/** Whether the states seen are among the expected ones and in their order: a look may come too late for a short state. */
export function inOrder(seen: readonly string[], expected: readonly string[]): boolean {
  const places = seen.map((state) => expected.indexOf(state));
  return places.every((place, index) => place > (places[index - 1] ?? -1));
}

/** The cluster's steps, the first one first. */
export async function stepsOf(emr: EMRClient, id: string): Promise<Step[]> {
  const { Steps } = await emr.send(new ListStepsCommand({ ClusterId: id }));
  return (Steps ?? []).toReversed();
}

/** The states of the cluster's steps, the first one first. */
export async function stepStates(emr: EMRClient, id: string): Promise<(StepState | undefined)[]> {
  return (await stepsOf(emr, id)).map((step) => step.Status?.State);
}

/** Waits until a step has a state and gives it. */
export function untilStep(emr: EMRClient, cluster: string, step: string, state: StepState): Promise<Step> {
  return until(async () => {
    const { Step: now } = await emr.send(new DescribeStepCommand({ ClusterId: cluster, StepId: step }));
    return now?.Status?.State === state ? now : undefined;
  }, `${state} of ${step}`);
}

/** Waits for a step's log and gives its text. */
export function untilLog({ s3 }: EmrBed, cluster: string, step: string, name: string): Promise<string> {
  const Key = `logs/${cluster}/steps/${step}/${name}.gz`;
  return until(async () => {
    const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key })).catch(() => null);
    const body = await found?.Body?.transformToByteArray();
    return body && gunzipSync(body).toString();
  }, Key);
}

/** Whether a process of this number is alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed process whose new parent has not fetched its end yet still has its number.
    const stat = `/proc/${pid}/stat`;
    return !(existsSync(stat) && /\) Z /.test(readFileSync(stat, 'utf8')));
  } catch {
    return false;
  }
}

/** The name and the message of a refusal; the whole error holds sockets, which no report should print. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  const error = await call.then(
    () => new Error('Not refused'),
    (reason: unknown) => reason,
  );
  return error instanceof Error ? { name: error.name, message: error.message } : { name: '', message: '' };
}
