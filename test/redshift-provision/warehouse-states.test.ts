import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  PauseClusterCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  DeleteWorkgroupCommand,
  GetWorkgroupCommand,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless';
import { describe, expect, test } from '@jest/globals';
import { runAction, startAction } from '../aws/action-runner.ts';
import { until } from '../aws/redshift-bed.ts';
import { openSteps } from './open-steps.ts';

const steps = await openSteps();
const TAGS = { pipeline: 'redshift-provision', repository: 'octo-org/imdb-titles' };
const drift = (subject: string, wanted: string, found: string) =>
  JSON.stringify([{ subject, wanted, found }]);
const succeeded = (changed: boolean) => ({
  exitCode: 0,
  outputs: { outcome: 'succeeded', changed: String(changed), drift: '[]' },
});

/** What the step finds, how it is brought there, and whether the step then changes anything. */
type State = readonly [state: string, prepare: () => Promise<void>, changes: boolean];

describe('a cluster that is', () => {
  const id = () => ({ ClusterIdentifier: steps.name });
  const create = async (differences: object = {}) => {
    await steps.redshift.send(
      new CreateClusterCommand({
        ...id(),
        ClusterType: 'single-node',
        NodeType: 'ra3.large',
        MasterUsername: 'admin',
        ManageMasterPassword: true,
        Tags: Object.entries(TAGS).map(([Key, Value]) => ({ Key, Value })),
        ...differences,
      }),
    );
  };
  const reach = (state: string) =>
    until(async () => {
      const { Clusters } = await steps.redshift.send(new DescribeClustersCommand(id()));
      return Clusters?.[0]?.ClusterStatus === state;
    });
  const pauseIt = async () => {
    await create();
    await reach('available');
    await steps.redshift.send(new PauseClusterCommand(id()));
  };
  const states: readonly State[] = [
    ['absent', async () => {}, true],
    ['being made', () => create(), false],
    [
      'available',
      async () => {
        await create();
        await reach('available');
      },
      false,
    ],
    ['pausing', pauseIt, true],
    [
      'paused',
      async () => {
        await pauseIt();
        await reach('paused');
      },
      true,
    ],
    [
      'resuming',
      async () => {
        await pauseIt();
        await reach('paused');
        await steps.redshift.send(new ResumeClusterCommand(id()));
      },
      false,
    ],
    [
      'being deleted',
      async () => {
        await create();
        await reach('available');
        await steps.redshift.send(new DeleteClusterCommand({ ...id(), SkipFinalClusterSnapshot: true }));
      },
      true,
    ],
  ];

  test.each(states)('%s is available in the end', async (_state, prepare, changes) => {
    await prepare();
    const { main } = await runAction(await steps.stepOf({ kind: 'cluster' }));
    expect(main).toMatchObject(succeeded(changes));
    await reach('available');
  });

  test('different is told and left', async () => {
    await create({ NodeType: 'ra3.xlplus' });
    await reach('available');
    const { main } = await runAction(await steps.stepOf({ kind: 'cluster' }));
    expect(main).toMatchObject({
      exitCode: 2,
      outputs: {
        outcome: 'bad-input',
        drift: drift(`cluster ${steps.name}: nodes`, '1 x ra3.large', '1 x ra3.xlplus'),
      },
    });
  });
});

describe('a workgroup that is', () => {
  const workgroup = () => ({ workgroupName: steps.name });
  const tags = Object.entries(TAGS).map(([key, value]) => ({ key, value }));
  const createNamespace = async () => {
    await steps.serverless.send(
      new CreateNamespaceCommand({ namespaceName: steps.name, manageAdminPassword: true, tags }),
    );
  };
  const create = async () => {
    await createNamespace();
    await steps.serverless.send(
      new CreateWorkgroupCommand({
        ...workgroup(),
        namespaceName: steps.name,
        baseCapacity: 4,
        maxCapacity: 8,
        tags,
      }),
    );
  };
  const reach = (state: string) =>
    until(async () => {
      const found = await steps.serverless.send(new GetWorkgroupCommand(workgroup()));
      return found.workgroup?.status === state;
    });
  /** The action's own, with its limit on use, so that nothing is to be added. */
  const provision = async () => {
    expect((await runAction(await steps.stepOf({}))).main).toMatchObject(succeeded(true));
  };
  const states: readonly State[] = [
    ['absent', async () => {}, true],
    ['without all but its namespace', createNamespace, true],
    // The limit on use is the action's to add.
    ['being made', create, true],
    ['available', provision, false],
    [
      'being changed',
      async () => {
        await provision();
        await steps.serverless.send(new UpdateWorkgroupCommand({ ...workgroup(), port: 5440 }));
      },
      false,
    ],
    [
      'being deleted',
      async () => {
        await provision();
        await steps.serverless.send(new DeleteWorkgroupCommand(workgroup()));
      },
      true,
    ],
  ];

  test.each(states)('%s is available in the end', async (_state, prepare, changes) => {
    await prepare();
    const { main } = await runAction(await steps.stepOf({}));
    expect(main).toMatchObject(succeeded(changes));
    await reach('AVAILABLE');
  });

  test('different is told and left, told alone, or changed, as asked for', async () => {
    await provision();
    const wanted = { 'base-capacity': '8' };
    const told = drift(`workgroup ${steps.name}: base capacity in RPU`, '8', '4');
    const refused = await runAction(await steps.stepOf(wanted));
    expect(refused.main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', drift: told } });
    const warned = await runAction(await steps.stepOf({ ...wanted, 'on-drift': 'warn' }));
    expect(warned.main).toMatchObject({ exitCode: 0, outputs: { changed: 'false', drift: told } });
    const applied = await runAction(await steps.stepOf({ ...wanted, 'on-drift': 'apply' }));
    expect(applied.main).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } });
    expect((await runAction(await steps.stepOf(wanted))).main).toMatchObject(succeeded(false));
  });
});

describe.each(['serverless', 'cluster'])('of kind %s', (kind) => {
  test('two at once make one, and both succeed', async () => {
    const both = await Promise.all([
      startAction(await steps.stepOf({ kind })),
      startAction(await steps.stepOf({ kind })),
    ]);
    const results = await Promise.all(both.map(({ result }) => result));
    expect(results.map(({ outputs }) => outputs.outcome)).toEqual(['succeeded', 'succeeded']);
    expect(new Set(results.map(({ outputs }) => outputs.endpoint)).size).toBe(1);
  });

  test('a lost answer of the create makes no second one', async () => {
    const operations = kind === 'cluster' ? ['CreateCluster'] : ['CreateNamespace', 'CreateWorkgroup'];
    for (const operation of operations) steps.proxy.add({ operation, fault: 'lost-answer', times: 1 });
    const { main } = await runAction(await steps.stepOf({ kind }));
    expect(main).toMatchObject(succeeded(true));
  });
});
