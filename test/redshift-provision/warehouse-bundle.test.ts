import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeClustersCommand } from '@aws-sdk/client-redshift';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { GetNamespaceCommand, GetWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { expect, test } from '@jest/globals';
import { type ActionResult, runAction, runPost, startAction } from '../aws/action-runner.ts';
import { until } from '../aws/redshift-bed.ts';
import { root } from '../project.ts';
import { openSteps } from './open-steps.ts';

const steps = await openSteps();
const { stepOf, folder } = steps;

const sql = {
  contract: join(root, 'sql', 'imdb_titles.contract.yml'),
  'access-file': join(root, 'sql', 'access.yml'),
};

const clusterState = async (ClusterIdentifier: string) => {
  const { Clusters } = await steps.redshift.send(new DescribeClustersCommand({ ClusterIdentifier }));
  return Clusters?.[0]?.ClusterStatus;
};

/** The bed's passwords are 32 hexadecimal digits. */
function refuseSecrets({ log, state, summary, outputs }: ActionResult): void {
  for (const text of [log, JSON.stringify(state), summary, JSON.stringify(outputs)]) {
    expect(text).not.toContain(steps.bed.s3.secretAccessKey);
    expect(text).not.toMatch(/(?<![0-9a-f-])[0-9a-f]{32}(?![0-9a-f-])/);
  }
}

test('a workgroup is made, told with its cost, and the second run says that nothing had to be done', async () => {
  const step = await stepOf({});
  const first = await runAction(step);
  expect(first.main).toMatchObject({
    exitCode: 0,
    outputs: {
      endpoint: expect.stringMatching(/:5439$/),
      identifier: steps.name,
      kind: 'serverless',
      database: 'dev',
      'secret-arn': expect.stringMatching(/^arn:aws:secretsmanager:/),
      changed: 'true',
      drift: '[]',
      // 4 RPU x 0.375 USD x 1.35, for eu-west-1 is not in the file, x 0.9605.
      'cost-per-hour-eur': '1.9450',
      outcome: 'succeeded',
    },
  });
  expect(first.main.log).toContain('::group::create_redshift_cluster');
  expect(first.main.summary).toContain('at most 5.84 euro: 12 RPU-hours');
  expect(first.main.summary).toContain('| ceiling a day | 20.00 euro |');
  expect(first.post).toMatchObject({
    exitCode: 0,
    log: expect.stringContaining('The warehouse is kept as it is.'),
  });
  refuseSecrets(first.main);

  const second = await runAction(step);
  expect(second.main).toMatchObject({ exitCode: 0, outputs: { changed: 'false', drift: '[]' } });
  expect(second.main.summary).toContain('nothing: all was there as asked for');
});

test('a cluster that AWS will not pause at first is paused by post, and so is one that was resumed for a table that differs', async () => {
  const given = { kind: 'cluster', after: 'pause', ensure: 'warehouse\ntable', ...sql };
  const step = await stepOf(given);
  const main = await (await startAction(step)).result;
  expect(main).toMatchObject({ exitCode: 0, outputs: { kind: 'cluster', changed: 'true' } });
  steps.proxy.add({ operation: 'PauseCluster', fault: 'throttle', times: 4 });
  const post = await runPost(step, main);
  expect(post).toMatchObject({ exitCode: 0 });
  expect(post.log).toContain('PauseCluster has to wait');
  await until(async () => (await clusterState(steps.name)) === 'paused');
  refuseSecrets(main);
  refuseSecrets(post);

  const other = await stepOf({ ...given, size: 'x100', 'node-type': 'ra3.large', 'number-of-nodes': '1' });
  const again = await runAction(other);
  expect(again.main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', changed: 'true' } });
  expect(again.main.log).toContain('The post step will pause it.');
  await until(async () => (await clusterState(steps.name)) === 'paused');
});

test('cancelled while its workgroup is made, it tells what is there, and post deletes it', async () => {
  const name = steps.name;
  const step = await stepOf({ after: 'delete', 'snapshot-before-delete': 'false' });
  const running = await startAction(step);
  expect(await running.logged(`workgroup ${name}: creating`)).toBe(true);
  const main = await running.cancel();
  expect(main).toMatchObject({ exitCode: 130, outputs: { outcome: 'cancelled' } });
  expect(main.log).toContain(
    `There is now: namespace ${name} (available), workgroup ${name} (creating). The post step will delete it.`,
  );
  const post = await runPost(step, main);
  expect(post).toMatchObject({ exitCode: 0 });
  const gone = { name: 'ResourceNotFoundException' };
  await expect(steps.serverless.send(new GetWorkgroupCommand({ workgroupName: name }))).rejects.toMatchObject(
    gone,
  );
  await until(() =>
    steps.serverless.send(new GetNamespaceCommand({ namespaceName: name })).then(
      () => false,
      () => true,
    ),
  );
});

test('what could cost too much is not made, and post has nothing to do', async () => {
  const { main, post } = await runAction(
    await stepOf({ kind: 'cluster', 'max-cost-eur': '6', after: 'delete' }),
  );
  expect(main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', changed: 'false' } });
  // 24 hours x 0.543 USD x 1.35 x 0.9605 = 16.898.
  expect(main.log).toContain('A day of the warehouse could cost 16.90 euro and may cost 6');
  expect(post?.log).toContain('The step saw to no warehouse');
  expect(steps.proxy.calls('CreateCluster')).toBe(0);
});

test('one that is not as asked for is left as it is, by post too', async () => {
  const step = await stepOf({});
  expect((await runAction(step)).main.exitCode).toBe(0);
  const other = await stepOf({ 'base-capacity': '8', after: 'delete' });
  const { main, post } = await runAction(other);
  expect(main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input' } });
  expect(JSON.parse(main.outputs.drift ?? '')).toEqual([
    { subject: `workgroup ${steps.name}: base capacity in RPU`, wanted: '8', found: '4' },
  ]);
  expect(main.log).toContain('It stays; the same inputs go on from there.');
  expect(main.summary).not.toContain('all was there as asked for');
  expect(post?.log).toContain('The step saw to no warehouse');
  await steps.serverless.send(new GetWorkgroupCommand({ workgroupName: steps.name }));

  // Used as it is, it costs what it costs, not what the other would.
  const used = await runAction(await stepOf({ 'base-capacity': '8', 'on-drift': 'warn' }));
  expect(used.main).toMatchObject({ exitCode: 0, outputs: { 'cost-per-hour-eur': '1.9450' } });
});

test('warehouse, table and rights are seen to by two at once; another run changes nothing', async () => {
  const step = await stepOf({ ensure: 'warehouse\ntable\naccess', ...sql });
  const [first, rival] = await Promise.all([runAction(step), runAction(step)]);
  expect(first.main).toMatchObject({ exitCode: 0, outputs: { drift: '[]' } });
  expect(rival.main).toMatchObject({ exitCode: 0, outputs: { drift: '[]' } });
  expect([first, rival].some(({ main }) => main.outputs.changed === 'true')).toBe(true);
  for (const task of ['create_redshift_cluster', 'create_redshift_table', 'grant_access']) {
    expect(first.main.log).toContain(`✔ ${task}`);
  }
  refuseSecrets(first.main);
  const second = await runAction(step);
  expect(second.main).toMatchObject({ exitCode: 0, outputs: { changed: 'false', drift: '[]' } });
  expect(second.main.log).toMatch(/✔ create_redshift_table · .* · nothing to change/);

  // Whoever asks for the table alone gets it in a warehouse that is there, and only in such a one.
  const table = await runAction(await stepOf({ ensure: 'table', ...sql }));
  expect(table.main).toMatchObject({ exitCode: 0, outputs: { changed: 'false' } });
  const absent = await runAction(await stepOf({ ensure: 'table', ...sql }, 'nowhere'));
  expect(absent.main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input' } });
  expect(absent.main.log).toContain('The workgroup nowhere is not there');
});

test('rights are given and taken as the file says, whatever the names try', async () => {
  const role = 'reader"; drop table imdb_titles; --';
  const work = (await stepOf({})).work;
  const write = (relation: string) =>
    writeFile(
      join(work, 'access.yml'),
      JSON.stringify({
        roles: [
          {
            name: role,
            description: 'Reads.',
            members: [{ user: "o'ann", create: true }],
            reads: [{ relation }],
          },
        ],
      }),
    );
  const step = await stepOf({ ensure: 'warehouse\ntable\naccess', ...sql, 'access-file': 'access.yml' });
  const { region, accessKeyId, secretAccessKey } = steps.bed.s3;
  const data = new RedshiftDataClient({
    region,
    endpoint: steps.bed.endpoint,
    credentials: { accessKeyId, secretAccessKey },
  });
  /** Whether the user may ask it. */
  const may = async (question: string) => {
    const { Id } = await data.send(
      new BatchExecuteStatementCommand({
        WorkgroupName: steps.name,
        Database: 'dev',
        Sqls: ['SET SESSION AUTHORIZATION "o\'ann"', question],
      }),
    );
    let state: string | undefined;
    let error: string | undefined;
    await until(async () => {
      ({ Status: state, Error: error } = await data.send(new DescribeStatementCommand({ Id })));
      return state === 'FINISHED' || state === 'FAILED';
    });
    if (state === 'FAILED' && error?.includes('permission denied') !== true) throw new Error(error);
    return state === 'FINISHED';
  };
  const answers = async () => [
    await may('SELECT COUNT(*) FROM imdb_titles'),
    await may('SELECT COUNT(*) FROM imdb_titles_freshness'),
    await may('SELECT COUNT(*) FROM imdb_titles_loads'),
  ];

  await write('imdb_titles');
  expect((await runAction(step)).main).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } });
  expect(await answers()).toEqual([true, false, false]);
  expect((await runAction(step)).main).toMatchObject({ exitCode: 0, outputs: { changed: 'false' } });

  await write('imdb_titles_freshness');
  expect((await runAction(step)).main).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } });
  expect(await answers()).toEqual([false, true, false]);
});

test('a mistake in the access file is told before anything is made', async () => {
  const step = await stepOf({ ensure: 'warehouse\ntable\naccess', ...sql, 'access-file': 'access.yml' });
  await writeFile(join(step.work, 'access.yml'), 'roles:\n  - name: reader\n    reeds: []\n');
  const { main } = await runAction(step);
  expect(main).toMatchObject({ exitCode: 2, outputs: { outcome: 'bad-input', changed: 'false' } });
  expect(main.annotations[0]?.message).toContain('reeds');
  expect(steps.proxy.calls('CreateNamespace')).toBe(0);
});

test('on this machine a file stands in for the warehouse', async () => {
  const step = await stepOf({
    ensure: 'warehouse\ntable\naccess',
    engine: 'duckdb',
    'warehouse-file': 'warehouse/films.duckdb',
    identifier: '',
    ...sql,
  });
  const environment = { ...step.environment, RUNNER_TOOL_CACHE: join(folder, 'tools') };
  const first = await runAction({ ...step, environment });
  expect(first.main).toMatchObject({
    exitCode: 0,
    outputs: {
      endpoint: join(step.work, 'warehouse', 'films.duckdb'),
      identifier: '',
      kind: 'duckdb',
      changed: 'true',
      'cost-per-hour-eur': '',
      outcome: 'succeeded',
    },
  });
  expect(first.main.log).toMatch(/not enforced/);
  const second = await runAction({ ...step, environment });
  expect(second.main).toMatchObject({ exitCode: 0, outputs: { changed: 'false' } });
});
