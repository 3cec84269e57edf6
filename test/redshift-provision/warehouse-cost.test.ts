import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { checkCeiling, costOf } from '../../actions/redshift-provision/src/cost.ts';
import { SIZES } from '../../actions/redshift-provision/src/inputs.ts';
import { type Prices, readPrices } from '../../actions/redshift-provision/src/prices.ts';
import { PRESETS, planWarehouse } from '../../actions/redshift-provision/src/warehouse/warehouse-plan.ts';
import { failureOf } from '../contract/failure-of.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { inputsOf } from './inputs-of.ts';

const folder = await temporaryFolder();
/** Round numbers: a USD is half a euro, an RPU-hour 1 USD, a node 2 USD. */
const ROUND = `
date: 2026-01-01
sources: [made up]
euro: { per-usd: 0.5, date: 2026-01-01, source: made up }
other-regions: { as: here, times: 3, reason: made up }
left-out: []
regions: { here: { rpu: 1, nodes: { ra3.large: 2, ra3.xlplus: 4 } } }
`;
let shipped: Prices;
let round: Prices;
beforeAll(async () => {
  shipped = await readPrices(join(root, 'actions', 'redshift-provision', 'prices.yml'));
  await writeFile(join(folder, 'prices.yml'), ROUND);
  round = await readPrices(join(folder, 'prices.yml'));
});

const planOf = (given: Readonly<Record<string, string>>) =>
  planWarehouse(inputsOf({ identifier: 'films', ...given }), {});

test.each<[what: string, given: Readonly<Record<string, string>>, hourEur: number, dayEur: number]>([
  // 4 RPU x 1 USD x 0.5; the day's limit of 12 RPU-hours stops it.
  ['stopped by its limit', {}, 2, 6],
  // 8 RPU, the most at once, x 24 hours: a limit that only logs stops nothing.
  ['whose limit only logs', { 'breach-action': 'log' }, 2, 96],
  // 8 x 24 hours are less than 500.
  ['whose limit is out of reach', { 'daily-rpu-hours': '500' }, 2, 96],
  // 1 node x 2 USD x 0.5, around the clock; no concurrency scaling.
  ['a node', { kind: 'cluster' }, 1, 24],
  // 2 nodes x 4 USD x 0.5 x (24 + 1 hour of concurrency scaling).
  ['two nodes', { kind: 'cluster', size: 'standard' }, 4, 100],
  // The same for 24 + 24 hours.
  ['two nodes whose limit only logs', { kind: 'cluster', size: 'standard', 'breach-action': 'log' }, 4, 192],
])('the cost of %s', (_what, given, hourEur, dayEur) => {
  const cost = costOf(planOf(given), 'here', round);
  expect(cost.hourEur).toBeCloseTo(hourEur, 10);
  expect(cost.dayAtMostEur).toBeCloseTo(dayEur, 10);
});

test('a region that the file does not have costs the other region’s times the factor, and it is told', () => {
  const cost = costOf(planOf({}), 'there', round);
  expect(cost.dayAtMostEur).toBe(18);
  expect(cost.arithmetic).toBe(
    '12 RPU-hours, where use is stopped, at 3.0000 USD, x 0.5 euro for a USD (2026-01-01) = 18.00 euro a day' +
      '; there is not in the price file: here times 3 is assumed',
  );
});

test('a ceiling refuses what is above it, with the arithmetic, and lets pass what is on it', async () => {
  const cost = costOf(planOf({}), 'here', round);
  expect(() => checkCeiling(cost, 6)).not.toThrow();
  expect(() => checkCeiling(cost, null)).not.toThrow();
  expect(await failureOf(Promise.resolve().then(() => checkCeiling(cost, 5.99)))).toMatchObject({
    kind: 'bad-input',
    what: 'A day of the warehouse could cost 6.00 euro and may cost 5.99',
    where: 'input max-cost-eur',
    why: cost.arithmetic,
  });
});

test('a node without a price is refused', async () => {
  const plan = planOf({ kind: 'cluster', 'node-type': 'ra3.16xlarge' });
  expect(await failureOf(Promise.resolve().then(() => costOf(plan, 'here', round)))).toMatchObject({
    kind: 'bad-input',
    what: 'The price of ra3.16xlarge is not known',
  });
});

test('the shipped prices know the nodes of all sizes, and are AWS’s', () => {
  const { rpu, nodes } = shipped.regions['us-east-1'] ?? { rpu: 0, nodes: {} };
  // aws.amazon.com/redshift/pricing, us-east-1, 2026.
  expect([rpu, nodes['ra3.large']]).toEqual([0.375, 0.543]);
  expect(SIZES.filter((size) => nodes[PRESETS[size].nodeType] === undefined)).toEqual([]);
  expect(shipped.regions).toHaveProperty([shipped['other-regions'].as]);
});

test('the defaults stay below the default ceiling wherever the prices are assumed', () => {
  const inputs = inputsOf({ identifier: 'films' });
  const cost = costOf(planWarehouse(inputs, {}), 'mars-north-1', shipped);
  expect(cost.dayAtMostEur).toBeLessThan(inputs['max-cost-eur'] ?? 0);
});
