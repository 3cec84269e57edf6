import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { replaceGenerated } from '../../docs/replace-generated.ts';
import { root } from '../project.ts';
import { costOfSize, mostTable, type Size, type SizeCost, usualTable } from './cost-tables.ts';
import { readTemplate, settleConditions } from './read-template.ts';

let page: string;
let costs: Record<Size, SizeCost>;
beforeAll(async () => {
  page = await readFile(join(root, 'docs', 'costs.md'), 'utf8');
  costs = {
    small: await costOfSize('small'),
    standard: await costOfSize('standard'),
    x100: await costOfSize('x100'),
  };
});

test('the tables of the page are what the code computes', () => {
  expect(replaceGenerated(page, 'usual', usualTable(costs))).toBe(page);
  expect(replaceGenerated(page, 'most', mostTable(costs))).toBe(page);
});

test('the code computes what the page reckons by hand', () => {
  // Primary on demand, two units on Spot at 0.55, EMR's quarter on top of each, for a third of an hour.
  const machines = 0.1819 * 1.25 + 2 * 0.1819 * (0.55 + 0.25);
  expect(costs.small.run).toBeCloseTo((machines / 3) * 0.9605, 6);
  // 4 RPU at 0.375 USD, x 1.35 for a region that the file has not.
  expect(costs.small.warehouseHour).toBeCloseTo(4 * 0.375 * 1.35 * 0.9605, 6);
});

test('the ceilings of the stack let the smallest size of each kind be made, and no larger one', async () => {
  const ceilingOf = async (WarehouseKind: string) => {
    const settled = JSON.stringify(settleConditions(await readTemplate(), { WarehouseKind }));
    return Number(/"MaxDayCost":"(\d+)"/.exec(settled)?.[1]);
  };
  expect(await ceilingOf('serverless')).toBe(Math.ceil(costs.small.warehouseDayAtMost));
  expect(await ceilingOf('cluster')).toBe(Math.ceil(costs.small.clusterDay));
});

test('the smallest size stays below what the original cost: 2 euro a run, 6 euro a day', () => {
  expect(costs.small.runAtMost).toBeLessThan(2);
  expect(costs.small.warehouseDayAtMost).toBeLessThan(6);
});
