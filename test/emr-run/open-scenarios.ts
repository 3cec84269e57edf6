import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelStepsCommand, ListStepsCommand } from '@aws-sdk/client-emr';
import { beforeEach } from '@jest/globals';
import { type ActionResult, type ActionStep, runPost, startAction } from '../aws/action-runner.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { BUCKET, type EmrTests, openEmr } from './open-emr.ts';

/** The built action on the bed, in front of AWS a proxy that does harm on demand. */
export interface Scenarios extends EmrTests {
  /** The workspace of the step, new for each test. */
  readonly work: string;
  /** A step of the action with these inputs; the bucket is given. */
  step(inputs: Readonly<Record<string, string>>, variables?: Readonly<Record<string, string>>): ActionStep;
  /** Runs a step: main, then post, which a runner starts whatever became of main. */
  run(step: ActionStep): Promise<{ readonly main: ActionResult; readonly post: ActionResult }>;
  cancelStep(clusterId: string, name: string): Promise<void>;
  waitFor(isSo: () => Promise<boolean>): Promise<void>;
  /** Waits until the action has started a cluster. */
  started(): Promise<void>;
}

/** The bed for a file's tests of the built action; after each test no cluster may live, see `openEmr`. */
export async function openScenarios(logDelaySeconds?: number): Promise<Scenarios> {
  const folder = await temporaryFolder();
  const emrTests = openEmr(logDelaySeconds);
  const workOf = () => join(folder, emrTests.identity.runId);
  beforeEach(() => mkdir(workOf()));
  const waitFor = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await sleep(20);
  };
  const more: Omit<Scenarios, keyof EmrTests> = {
    get work() {
      return workOf();
    },
    step: (inputs, variables = {}) => {
      const { repository, runId, job } = emrTests.identity;
      return {
        folder: join(root, 'actions', 'emr-run'),
        work: workOf(),
        inputs: { bucket: BUCKET, 'github-token': '', ...inputs },
        environment: {
          ...emrTests.bed.environment,
          AWS_ENDPOINT_URL: emrTests.proxy.endpoint,
          GITHUB_REPOSITORY: repository,
          GITHUB_JOB: job,
          GITHUB_RUN_ID: runId,
          ...variables,
        },
      };
    },
    run: async (step) => {
      const main = await (await startAction(step)).result;
      return { main, post: await runPost(step, main) };
    },
    cancelStep: async (ClusterId, name) => {
      const { Steps = [] } = await emrTests.emr.send(new ListStepsCommand({ ClusterId }));
      const StepIds = Steps.flatMap(({ Id = '', Name }) => (Name === name ? [Id] : []));
      await emrTests.emr.send(
        new CancelStepsCommand({ ClusterId, StepIds, StepCancellationOption: 'TERMINATE_PROCESS' }),
      );
    },
    waitFor,
    started: () => waitFor(async () => (await emrTests.clusters()).length > 0),
  };
  // Both are full of getters, whose values change with the test.
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(emrTests), ...Object.getOwnPropertyDescriptors(more) },
  ) as Scenarios;
}
