import { GetNamespaceCommand, GetWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { expect, test } from '@jest/globals';
import { noFacts } from '../../actions/redshift-provision/src/provision-access.ts';
import { ensureWarehouse } from '../../actions/redshift-provision/src/provision-on-redshift.ts';
import { awaitAnswer } from '../../actions/redshift-provision/src/warehouse/await-ready.ts';
import { PipelineError } from '../../actions/shared/src/errors.ts';
import { failureOf } from '../contract/failure-of.ts';
import { openWarehouses } from './open-warehouses.ts';

const warehouses = openWarehouses(1.2);

const KINDS = [['serverless'], ['cluster']] as const;

test.each(KINDS)('of two that provision one %s at once, one makes it and the other waits', async (kind) => {
  const name = warehouses.name();
  const start = async (starter: string) => {
    const facts = noFacts();
    await ensureWarehouse(warehouses.access({ facts }), warehouses.plan({ kind, identifier: name }, starter));
    return facts;
  };
  const [one, other] = await Promise.all([start('one'), start('other')]);
  const both = [...one.changed, ...other.changed];
  expect(both.filter((line) => line.endsWith('created')).toSorted()).toEqual(
    kind === 'cluster'
      ? [`cluster ${name} created`]
      : [`namespace ${name} created`, `workgroup ${name} created`],
  );
  expect(both.filter((line) => line.includes('limited'))).toEqual(
    kind === 'cluster' ? [] : [`workgroup ${name}: daily RPU-hours limited to 12, then deactivate`],
  );
  expect(one.endpoint).toBe(other.endpoint);
});

test.each<['serverless' | 'cluster', readonly string[]]>([
  ['serverless', ['CreateNamespace', 'CreateWorkgroup', 'CreateUsageLimit']],
  ['cluster', ['CreateCluster']],
])('a lost answer makes no second %s, and the first is known as its own', async (kind, operations) => {
  const name = warehouses.name();
  for (const operation of operations) {
    warehouses.proxy.add({ operation, fault: 'lost-answer', times: 1 });
  }
  const facts = noFacts();
  await ensureWarehouse(warehouses.access({ facts }), warehouses.plan({ kind, identifier: name }));
  expect(facts.changed).toEqual(
    kind === 'cluster'
      ? [`cluster ${name} created`]
      : // Whose a limit is nobody can tell; it has no tags.
        [`namespace ${name} created`, `workgroup ${name} created`],
  );
});

test.each(KINDS)('no answer at all to a create, and then throttling, end well: %s', async (kind) => {
  const name = warehouses.name();
  const [create, read] =
    kind === 'cluster' ? ['CreateCluster', 'DescribeClusters'] : ['CreateWorkgroup', 'GetWorkgroup'];
  // More often than the client tries by itself.
  warehouses.proxy.add({ operation: create, fault: 'reset', times: 4 });
  warehouses.proxy.add({ operation: read, fault: 'throttle', times: 4 });
  const facts = noFacts();
  await ensureWarehouse(warehouses.access({ facts }), warehouses.plan({ kind, identifier: name }));
  expect(facts.changed).toContain(`${kind === 'cluster' ? 'cluster' : 'workgroup'} ${name} created`);
});

test.each(KINDS)('cancelled while a %s is made, it ends at once and what is there is known', async (kind) => {
  const name = warehouses.name();
  const controller = new AbortController();
  const facts = noFacts();
  const log = {
    info: (line: string) => {
      if (line.endsWith(': creating')) controller.abort(cancelled);
    },
    progress: () => {},
  };
  const access = warehouses.access({ facts, signal: controller.signal, log });
  const started = performance.now();
  expect(await failureOf(ensureWarehouse(access, warehouses.plan({ kind, identifier: name })))).toMatchObject(
    {
      kind: 'cancelled',
    },
  );
  // The runner ends the process 7.5 s after the signal.
  expect(performance.now() - started).toBeLessThan(7500);
  expect([...facts.there]).toEqual(
    kind === 'cluster'
      ? [[`cluster ${name}`, 'creating']]
      : [
          [`namespace ${name}`, 'available'],
          [`workgroup ${name}`, 'creating'],
        ],
  );
  // A second run goes on from there.
  await ensureWarehouse(warehouses.access(), warehouses.plan({ kind, identifier: name }, 'second'));
});

test('cancelled while a create’s answer is out, what was asked for is told', async () => {
  const name = warehouses.name();
  const controller = new AbortController();
  const facts = noFacts();
  warehouses.proxy.add({ operation: 'CreateCluster', fault: 'black-hole', times: 1 });
  const access = warehouses.access({ facts, signal: controller.signal });
  const ending = failureOf(ensureWarehouse(access, warehouses.plan({ kind: 'cluster', identifier: name })));
  while (warehouses.proxy.calls('CreateCluster') === 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort(cancelled);
  expect(await ending).toMatchObject({ kind: 'cancelled' });
  expect([...facts.there]).toEqual([[`cluster ${name}`, 'asked for']]);
});

test('one that is available is ready only once it has answered a query', async () => {
  const name = warehouses.name();
  // More often than the client tries by itself.
  warehouses.proxy.add({ operation: 'ExecuteStatement', fault: 'throttle', times: 4 });
  await ensureWarehouse(warehouses.access(), warehouses.plan({ identifier: name }));
  expect(warehouses.proxy.calls('ExecuteStatement')).toBe(5);
  expect(warehouses.lines.at(-1)).toBe('It answers in the database dev.');
});

test('one that is available but answers no query is not ready', async () => {
  const name = warehouses.name();
  const target = await ensureWarehouse(warehouses.access(), warehouses.plan({ identifier: name }));
  warehouses.proxy.add({ operation: 'ExecuteStatement', fault: 'throttle', times: 1000 });
  // The time begins with the question: how long the warehouse takes to come is none of it.
  const access = warehouses.access({ deadline: Date.now() + 2000 });
  expect(await failureOf(awaitAnswer(access, target))).toMatchObject({ kind: 'failed-infra' });
  const { namespace } = await warehouses.serverless.send(new GetNamespaceCommand({ namespaceName: name }));
  const { workgroup } = await warehouses.serverless.send(new GetWorkgroupCommand({ workgroupName: name }));
  expect([namespace?.status, workgroup?.status]).toEqual(['AVAILABLE', 'AVAILABLE']);
});

const cancelled = new PipelineError({
  kind: 'cancelled',
  what: 'The step was cancelled',
  where: 'this step',
  why: 'the test wants it',
  done: '',
  next: '',
});
