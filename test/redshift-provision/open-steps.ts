import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RedshiftClient } from '@aws-sdk/client-redshift';
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { ActionStep } from '../aws/action-runner.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** The built action on the bed, in front of AWS a proxy that does harm on demand. */
export interface ProvisionSteps {
  readonly folder: string;
  readonly bed: TestBed;
  readonly proxy: FaultProxy;
  /** The tests' own looks; no harm befalls them. */
  readonly redshift: RedshiftClient;
  readonly serverless: RedshiftServerlessClient;
  /** A name for the test's warehouse that no other has. */
  readonly name: string;
  /** A step of the action that sees to the warehouse alone, unless the inputs say otherwise. */
  readonly stepOf: (inputs: Readonly<Record<string, string>>, name?: string) => Promise<ActionStep>;
}

/** The bed for a file's tests of the built action. */
export async function openSteps(): Promise<ProvisionSteps> {
  const folder = await temporaryFolder();
  let bed: TestBed;
  let proxy: FaultProxy;
  let redshift: RedshiftClient;
  let serverless: RedshiftServerlessClient;
  let made = 0;
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds: 1 });
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    const own = { region, endpoint: bed.endpoint, credentials: { accessKeyId, secretAccessKey } };
    redshift = new RedshiftClient(own);
    serverless = new RedshiftServerlessClient(own);
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    made += 1;
    proxy = await startFaultProxy(bed.endpoint);
  });
  afterEach(() => proxy.stop());
  return {
    folder,
    get bed() {
      return bed;
    },
    get proxy() {
      return proxy;
    },
    get redshift() {
      return redshift;
    },
    get serverless() {
      return serverless;
    },
    get name() {
      return `films${made}`;
    },
    stepOf: async (inputs, name = `films${made}`) => {
      const work = join(folder, `work-${made}`);
      await mkdir(work, { recursive: true });
      return {
        folder: join(root, 'actions', 'redshift-provision'),
        work,
        inputs: { ensure: 'warehouse', identifier: name, 'max-cost-eur': '20', ...inputs },
        environment: {
          ...bed.environment,
          AWS_ENDPOINT_URL: proxy.endpoint,
          GITHUB_RUN_ID: String(3000 + made),
        },
      };
    },
  };
}
