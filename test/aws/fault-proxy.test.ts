import { join } from 'node:path';
import { EMRClient, ListClustersCommand, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { CreateClusterCommand, DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type MotoServer, startPlainMoto } from './moto.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const Bucket = 'titles';
const folder = await temporaryFolder();
let moto: MotoServer;
let s3Server: S3Server;
let proxy: FaultProxy;
let s3Proxy: FaultProxy;
beforeAll(async () => {
  [moto, s3Server] = await Promise.all([startPlainMoto(), startS3Server(join(folder, 's3'))]);
  const direct = new S3Client({ ...account(), endpoint: s3Server.endpoint });
  await direct.send(new CreateBucketCommand({ Bucket }));
  await direct.send(new PutObjectCommand({ Bucket, Key: 'large', Body: 'x'.repeat(1_000_000) }));
});
afterAll(async () => {
  await Promise.all([moto.stop(), s3Server.stop()]);
});
beforeEach(async () => {
  [proxy, s3Proxy] = await Promise.all([startFaultProxy(moto.endpoint), startFaultProxy(s3Server.endpoint)]);
});
afterEach(async () => {
  await Promise.all([proxy.stop(), s3Proxy.stop()]);
});

function account() {
  const { region, accessKeyId, secretAccessKey } = s3Server;
  return { region, credentials: { accessKeyId, secretAccessKey } };
}
const settings = () => ({ ...account(), endpoint: proxy.endpoint });
const emr = (more = {}) => new EMRClient({ ...settings(), ...more });
const sts = (more = {}) => new STSClient({ ...settings(), ...more });
const redshift = () => new RedshiftClient(settings());
const s3 = () => new S3Client({ ...settings(), endpoint: s3Proxy.endpoint });
const runJobFlow = (Name: string) =>
  new RunJobFlowCommand({
    Name,
    ReleaseLabel: 'emr-7.9.0',
    Instances: { MasterInstanceType: 'm5.xlarge', InstanceCount: 1, KeepJobFlowAliveWhenNoSteps: true },
  });
async function clustersNamed(Name: string): Promise<number> {
  const { Clusters = [] } = await emr({ endpoint: moto.endpoint }).send(new ListClustersCommand({}));
  return Clusters.filter((cluster) => cluster.Name === Name).length;
}

describe('what a client gets over by itself, at its third attempt', () => {
  const faults: readonly Fault[] = ['throttle', 'server-error', 'reset'];

  test.each(faults)('%s twice, JSON', async (fault) => {
    proxy.add({ operation: 'ListClusters', fault, times: 2 });
    const { $metadata } = await emr().send(new ListClustersCommand({}));
    expect($metadata.attempts).toBe(3);
    expect(proxy.calls('ListClusters')).toBe(3);
  });

  test.each(faults)('%s twice, XML', async (fault) => {
    proxy.add({ operation: 'DescribeClusters', fault, times: 2 });
    const { $metadata } = await redshift().send(new DescribeClustersCommand({}));
    expect($metadata.attempts).toBe(3);
    expect(proxy.calls('DescribeClusters')).toBe(3);
  });

  test.each(faults)('%s twice, S3', async (fault) => {
    s3Proxy.add({ operation: `GET /${Bucket}/la`, fault, times: 2 });
    const { $metadata, Body } = await s3().send(new GetObjectCommand({ Bucket, Key: 'large' }));
    expect((await Body?.transformToByteArray())?.length).toBe(1_000_000);
    expect($metadata.attempts).toBe(3);
    expect(s3Proxy.calls(`GET /${Bucket}/large`)).toBe(3);
  });
});

describe('what a client tells when it gives up', () => {
  test.each([
    ['throttle', 'ThrottlingException', 400],
    ['server-error', 'InternalServerException', 500],
  ] as const)('%s, JSON', async (fault, name, httpStatusCode) => {
    proxy.add({ operation: 'ListClusters', fault, times: 3 });
    await expect(emr().send(new ListClustersCommand({}))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode, attempts: 3 },
    });
  });

  test.each([
    ['throttle', 'Throttling', 400],
    ['server-error', 'InternalFailure', 500],
  ] as const)('%s, XML', async (fault, name, httpStatusCode) => {
    proxy.add({ operation: 'GetCallerIdentity', fault, times: 3 });
    await expect(sts().send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode, attempts: 3 },
    });
  });

  test('throttle, S3', async () => {
    s3Proxy.add({ operation: 'PUT /', fault: 'throttle', times: 3 });
    await expect(
      s3().send(new PutObjectCommand({ Bucket, Key: 'refused', Body: 'x' })),
    ).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503, attempts: 3 } });
  });

  test('a reset', async () => {
    proxy.add({ operation: 'ListClusters', fault: 'reset', times: 3 });
    await expect(emr().send(new ListClustersCommand({}))).rejects.toThrow(/ECONNRESET/);
  });
});

describe('slow and silent services', () => {
  const impatient = { requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true } };

  test('a client waits for a late answer, it has no limit by default', async () => {
    proxy.add({ operation: 'ListClusters', fault: 'latency', milliseconds: 700, times: 1 });
    const start = performance.now();
    const { $metadata } = await emr().send(new ListClustersCommand({}));
    expect($metadata.attempts).toBe(1);
    expect(performance.now() - start).toBeGreaterThan(690);
  });

  test.each(['latency', 'black-hole'] as const)('%s: one with a limit tries again', async (fault) => {
    proxy.add({ operation: 'ListClusters', fault, milliseconds: 2000, times: 1 });
    const { $metadata } = await emr(impatient).send(new ListClustersCommand({}));
    expect($metadata.attempts).toBe(2);
  });

  test('a black hole swallows the call, and the caller can give it up', async () => {
    proxy.add({ operation: 'RunJobFlow', fault: 'black-hole', times: 1 });
    const call = emr().send(runJobFlow('swallowed'), { abortSignal: AbortSignal.timeout(300) });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(await clustersNamed('swallowed')).toBe(0);
  });
});

describe('an answer that is lost after the service acted', () => {
  test('RunJobFlow makes two clusters', async () => {
    proxy.add({ operation: 'RunJobFlow', fault: 'lost-answer', times: 1 });
    await emr().send(runJobFlow('twice'));
    expect(await clustersNamed('twice')).toBe(2);
  });

  test('RunJobFlow with one attempt makes one and fails', async () => {
    proxy.add({ operation: 'RunJobFlow', fault: 'lost-answer', times: 1 });
    await expect(emr({ maxAttempts: 1 }).send(runJobFlow('once'))).rejects.toThrow(/ECONNRESET/);
    expect(await clustersNamed('once')).toBe(1);
  });

  test('CreateCluster says that the cluster is there already', async () => {
    proxy.add({ operation: 'CreateCluster', fault: 'lost-answer', times: 1 });
    const command = new CreateClusterCommand({
      ClusterIdentifier: 'titles',
      NodeType: 'ra3.large',
      MasterUsername: 'admin',
      MasterUserPassword: 'Not-A-Secret-1',
    });
    await expect(redshift().send(command)).rejects.toMatchObject({ name: 'ClusterAlreadyExistsFault' });
  });

  test('a conditional PutObject says that the object is there already', async () => {
    s3Proxy.add({ operation: `PUT /${Bucket}/lock`, fault: 'lost-answer', times: 1 });
    const command = new PutObjectCommand({ Bucket, Key: 'lock', Body: 'mine', IfNoneMatch: '*' });
    await expect(s3().send(command)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const { Body } = await s3().send(new GetObjectCommand({ Bucket, Key: 'lock' }));
    expect(await Body?.transformToString()).toBe('mine');
  });
});

test('a body that is cut off fails the reader and is not asked for again', async () => {
  s3Proxy.add({ operation: `GET /${Bucket}/large`, fault: 'cut-body', times: 1 });
  const { Body } = await s3().send(new GetObjectCommand({ Bucket, Key: 'large' }));
  await expect(Body?.transformToByteArray()).rejects.toThrow(/aborted|ECONNRESET/);
  expect(s3Proxy.calls(`GET /${Bucket}/large`)).toBe(1);
});

test('only the operation of the rule is befallen', async () => {
  proxy.add({ operation: 'RunJobFlow', fault: 'reset', times: 9 });
  const { $metadata } = await emr().send(new ListClustersCommand({}));
  expect($metadata.attempts).toBe(1);
  expect([proxy.calls('ListClusters'), proxy.calls('RunJobFlow')]).toEqual([1, 0]);
});
