import { setTimeout as sleep } from 'node:timers/promises';
import { RedshiftClient } from '@aws-sdk/client-redshift';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll } from '@jest/globals';
import { startTestBed } from './test-bed.ts';

/** The role that COPY may use in the workgroups of `createWorkgroup`. */
export const LOADER = 'arn:aws:iam::123456789012:role/loader';

/** Clients of a running bed. */
export interface RedshiftBed {
  readonly data: RedshiftDataClient;
  readonly redshift: RedshiftClient;
  readonly serverless: RedshiftServerlessClient;
  readonly s3: S3Client;
}

/** Starts the test bed for the tests of a file; it ends with them. */
export async function startRedshiftBed(stateSeconds = 0.2): Promise<RedshiftBed> {
  const bed = await startTestBed({ stateSeconds });
  const { region, accessKeyId, secretAccessKey } = bed.s3;
  const common = { region, endpoint: bed.endpoint, credentials: { accessKeyId, secretAccessKey } };
  const clients = {
    data: new RedshiftDataClient(common),
    redshift: new RedshiftClient(common),
    serverless: new RedshiftServerlessClient(common),
    s3: new S3Client({ ...common, endpoint: bed.s3.endpoint, forcePathStyle: true }),
  };
  afterAll(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await bed.stop();
  });
  return clients;
}

/** Makes a workgroup of a namespace of the same name, with the loader's role, and waits until it is available. */
export async function createWorkgroup(
  { serverless }: Pick<RedshiftBed, 'serverless'>,
  name: string,
  settings: Partial<CreateWorkgroupCommand['input']> = {},
): Promise<string> {
  await serverless.send(new CreateNamespaceCommand({ namespaceName: name, iamRoles: [LOADER] }));
  await serverless.send(
    new CreateWorkgroupCommand({ workgroupName: name, namespaceName: name, baseCapacity: 4, ...settings }),
  );
  await until(async () => {
    const { workgroup } = await serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
    return workgroup?.status === 'AVAILABLE';
  });
  return name;
}

/** Waits until the condition holds. */
export async function until(condition: () => Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} seconds in vain`);
    await sleep(20);
  }
}
