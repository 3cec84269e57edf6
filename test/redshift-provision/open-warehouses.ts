import { RedshiftClient } from '@aws-sdk/client-redshift';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { noFacts, type ProvisionAccess } from '../../actions/redshift-provision/src/provision-access.ts';
import { tagsOf } from '../../actions/redshift-provision/src/tags.ts';
import {
  planWarehouse,
  type WarehousePlan,
} from '../../actions/redshift-provision/src/warehouse/warehouse-plan.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { inputsOf } from './inputs-of.ts';

/** The role for COPY. */
export const LOADER = 'arn:aws:iam::123456789012:role/loader';

/** Who provisions in the tests. */
export const IDENTITY = { repository: 'anna/films', runId: '77', runAttempt: '1', region: 'us-east-1' };

/** Redshift as the tests see it; what is under test goes through a proxy that does harm. */
export interface Warehouses {
  readonly bed: TestBed;
  readonly proxy: FaultProxy;
  /** The tests' own looks; no harm befalls them. */
  readonly redshift: RedshiftClient;
  readonly serverless: RedshiftServerlessClient;
  /** What the code under test said, in order. */
  readonly lines: string[];
  /** A name that no other test has. */
  name(): string;
  /** What the inputs ask for, on top of action.yml's defaults. */
  plan(given: Readonly<Record<string, string>>, starter?: string): WarehousePlan;
  access(changes?: Partial<ProvisionAccess>): ProvisionAccess;
}

/**
 * The bed for a file's tests.
 *
 * @param stateSeconds how long each state lasts.
 */
export function openWarehouses(stateSeconds = 0.4): Warehouses {
  let bed: TestBed;
  let proxy: FaultProxy;
  let redshift: RedshiftClient;
  let serverless: RedshiftServerlessClient;
  let made = 0;
  let controller = new AbortController();
  const lines: string[] = [];
  const account = () => {
    const { region, accessKeyId, secretAccessKey } = bed.s3;
    return { region, credentials: { accessKeyId, secretAccessKey } };
  };
  beforeAll(async () => {
    bed = await startTestBed({ stateSeconds });
    const own = { ...account(), endpoint: bed.endpoint };
    redshift = new RedshiftClient(own);
    serverless = new RedshiftServerlessClient(own);
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    lines.length = 0;
    controller = new AbortController();
    proxy = await startFaultProxy(bed.endpoint);
  });
  afterEach(async () => {
    // What a failed test left running would go on asking the proxy that is no more.
    controller.abort();
    await proxy.stop();
  });
  return {
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
    lines,
    name: () => {
      made += 1;
      return `films${made}`;
    },
    plan: (given, starter = 'me') => planWarehouse(inputsOf(given), tagsOf(IDENTITY, starter)),
    access: (changes = {}) => {
      const options = { ...account(), endpoint: proxy.endpoint };
      return {
        serverless: new RedshiftServerlessClient(options),
        redshift: new RedshiftClient(options),
        data: new RedshiftDataClient(options),
        signal: controller.signal,
        deadline: Date.now() + 60_000,
        log: { info: (line) => lines.push(line), progress: () => {} },
        random: () => 0,
        onDrift: 'fail',
        settleCost: () => {},
        facts: noFacts(),
        ...changes,
      };
    },
  };
}
