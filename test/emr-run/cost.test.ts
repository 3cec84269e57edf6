import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from '@aws-sdk/client-emr';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readClusterSettings } from '../../actions/emr-run/src/cluster-request.ts';
import { checkCeiling, costOf, estimateCost } from '../../actions/emr-run/src/cost.ts';
import { SIZES } from '../../actions/emr-run/src/inputs.ts';
import { PRESETS } from '../../actions/emr-run/src/presets.ts';
import { findPrice, type Prices, readPrices } from '../../actions/emr-run/src/prices.ts';
import { failureOf } from '../contract/failure-of.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { inputsOf } from './inputs-of.ts';

const folder = await temporaryFolder();
const shippedFile = join(root, 'actions', 'emr-run', 'prices.yml');
/** Round numbers: a USD is half a euro, EMR's fee a quarter, Spot the half. */
const ROUND = `
date: 2026-01-01
sources: [made up]
euro: { per-usd: 0.5, date: 2026-01-01, source: made up }
emr: { share: 0.25, source: made up }
spot: { share: 0.5, date: 2026-01-01, source: made up }
other-regions: { as: here, times: 3, reason: made up }
left-out: []
on-demand:
  here: { one: 1, two: 2 }
`;
let shipped: Prices;
let round: Prices;
beforeAll(async () => {
  shipped = await readPrices(shippedFile);
  await writeFile(join(folder, 'prices.yml'), ROUND);
  round = await readPrices(join(folder, 'prices.yml'));
});

async function settingsOf(changes: Readonly<Record<string, string>>, configuration = '') {
  await writeFile(join(folder, 'emr.yml'), configuration);
  const given = { script: 'job.py', bucket: 'titles', ...changes };
  const file: Record<string, string> = configuration === '' ? {} : { configuration: 'emr.yml' };
  return readClusterSettings(inputsOf({ ...given, ...file }), folder);
}

describe('the shipped prices', () => {
  test('know each machine of each size in each of their regions', () => {
    const types = SIZES.flatMap((size) =>
      PRESETS[size].choices.flatMap(({ primary, unit }) => [...primary, ...unit]),
    );
    const regions = Object.keys(shipped['on-demand']);
    expect(regions).toContain('eu-west-1');
    expect(regions).toContain(shipped['other-regions'].as);
    const missing = regions.flatMap((region) =>
      types
        .filter((type) => shipped['on-demand'][region]?.[type] === undefined)
        .map((type) => [region, type]),
    );
    expect(missing).toEqual([]);
  });

  test.each([
    ['us-east-1', 'm7g.xlarge', 0.1632],
    ['us-east-1', 'm7g.4xlarge', 0.6528],
    ['us-east-1', 'm6i.xlarge', 0.192],
    ['eu-west-1', 'm6g.xlarge', 0.172],
  ])('are those of AWS in %s for %s', (region, type, usd) => {
    expect(findPrice(shipped, type, region)).toEqual({ usd, isAssumed: false });
  });

  test('rise with the cores within a family', () => {
    for (const prices of Object.values(shipped['on-demand'])) {
      for (const [type, usd] of Object.entries(prices)) {
        if (!type.endsWith('.4xlarge')) continue;
        const quarter = prices[type.replace('.4xlarge', '.xlarge')] ?? 0;
        expect(Math.abs(usd - 4 * quarter)).toBeLessThan(0.0003);
      }
    }
  });
});

describe('the estimate', () => {
  test('of a small cluster in Ireland for an hour', async () => {
    const estimate = estimateCost(await settingsOf({}), 'eu-west-1', 60, shipped);
    // On demand 0.1819 x 1.25, and on Spot 2 x 0.1819 x (0.55 + 0.25), in euro.
    expect(estimate.expectedEur).toBeCloseTo((0.227375 + 0.29104) * 0.9605, 5);
    // The dearest choice is r6i: 5 machines, 0.282 x 1.25.
    expect(estimate.atMostEur).toBeCloseTo(5 * 0.3525 * 0.9605, 5);
    expect(estimate.arithmetic).toBe(
      '(1 x r6i.xlarge at 0.2820 + 4 x r6i.xlarge at 0.2820) USD an hour on demand, ' +
        "x 1.25 with EMR's fee, for 60 minutes, x 0.9605 euro for a USD (2025-02-28) = 1.70 euro",
    );
  });

  test('grows with the time and with the size', async () => {
    const small = await settingsOf({});
    const hour = estimateCost(small, 'eu-west-1', 60, shipped);
    expect(estimateCost(small, 'eu-west-1', 30, shipped).atMostEur).toBeCloseTo(hour.atMostEur / 2, 6);
    // 65 machines of 16 cores against 5 of 4 cores: 52 times.
    const large = estimateCost(await settingsOf({ size: 'x100' }), 'eu-west-1', 60, shipped);
    expect(large.atMostEur).toBeCloseTo(52 * hour.atMostEur, 3);
  });

  test('tells that it assumes prices in a region that the file has not', async () => {
    const there = estimateCost(await settingsOf({}), 'sa-east-1', 60, shipped);
    expect(there.atMostEur).toBeCloseTo(5 * 0.252 * 1.6 * 1.25 * 0.9605, 5);
    expect(there.arithmetic).toMatch(/; sa-east-1 is not in the price file: us-east-1 times 1.6 is assumed$/);
  });

  const master = '{ InstanceRole: MASTER, InstanceType: one, InstanceCount: 1 }';
  const limits = 'ComputeLimits: { UnitType: Instances, MinimumCapacityUnits: 1, MaximumCapacityUnits: 10 }';
  const fleets = `
Instances:
  InstanceFleets:
    - { InstanceFleetType: MASTER, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{ InstanceType: one }] }
    - InstanceFleetType: CORE
      TargetOnDemandCapacity: 1
      TargetSpotCapacity: 4
      InstanceTypeConfigs: [{ InstanceType: one, WeightedCapacity: 1 }, { InstanceType: two, WeightedCapacity: 3 }]
`;
  // In euro an hour: on demand 0.625 for `one` and 1.25 for `two`, on Spot 0.375 and 0.75.
  test.each<[string, string, number, number]>([
    [
      'groups',
      `Instances: { InstanceGroups: [${master}, { InstanceRole: CORE, InstanceType: two, InstanceCount: 3, Market: SPOT }] }`,
      0.625 + 3 * 0.75,
      0.625 + 3 * 1.25,
    ],
    [
      'groups that may grow to 10',
      `Instances: { InstanceGroups: [${master}, { InstanceRole: CORE, InstanceType: two, InstanceCount: 3 }] }\nManagedScalingPolicy: { ${limits} }`,
      0.625 + 3 * 1.25,
      0.625 + 10 * 1.25,
    ],
    // 5 units of machines that bring 3 each are 2 machines.
    [
      'fleets whose machines bring more than is wanted',
      fleets
        .replace('TargetOnDemandCapacity: 1\n      TargetSpotCapacity: 4', 'TargetSpotCapacity: 5')
        .replace('{ InstanceType: one, WeightedCapacity: 1 }, ', ''),
      0.625 + 2 * 0.75,
      0.625 + 2 * 1.25,
    ],
    // 5 units: 5 of `one` cost 3.125, 2 of `two` would do and cost 2.50.
    ['fleets', fleets, 0.625 + 0.625 + 4 * 0.375, 0.625 + 3.125],
    [
      'fleets that may grow to 10',
      `${fleets}ManagedScalingPolicy: { ${limits.replace('Instances', 'InstanceFleetUnits')} }`,
      0.625 + 0.625 + 4 * 0.375,
      0.625 + 10 * 0.625,
    ],
  ])('of a configuration with %s', async (_case, configuration, expected, most) => {
    const estimate = estimateCost(await settingsOf({}, configuration), 'here', 60, round);
    expect(estimate.expectedEur).toBeCloseTo(expected, 9);
    expect(estimate.atMostEur).toBeCloseTo(most, 9);
  });

  test('names a type without a price, its region and the file', async () => {
    const settings = await settingsOf({});
    const estimate = Promise.resolve().then(() => estimateCost(settings, 'here', 60, round));
    expect(await failureOf(estimate)).toEqual({
      kind: 'bad-input',
      what: 'The price of m7g.xlarge is not known',
      where: `${join(folder, 'prices.yml')}, region here`,
      why: 'without it nothing can be said about what this may cost',
      done: 'Nothing was started.',
      next: 'Add it in a copy of the price file, name that in the input price-file, and run again.',
    });
  });
});

describe('the ceiling', () => {
  const estimate = { expectedEur: 1, atMostEur: 2.0001, arithmetic: '2 x 1 = 2' };

  test('refuses a run that could cost more, with the arithmetic', async () => {
    expect(await failureOf(Promise.resolve().then(() => checkCeiling(estimate, 2)))).toEqual({
      kind: 'bad-input',
      what: 'The run could cost 2.01 euro and may cost 2',
      where: 'input max-cost-eur',
      why: '2 x 1 = 2',
      done: 'Nothing was started.',
      next: 'Raise max-cost-eur, or lower timeout-minutes or size, and run again.',
    });
  });

  test.each([2.0001, 3, null])('of %s lets it start', (ceiling) => {
    expect(() => checkCeiling(estimate, ceiling)).not.toThrow();
  });
});

describe('the cost', () => {
  const noon = new Date('2026-01-01T12:00:00Z');
  const at = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);
  const machine = (
    InstanceType: string,
    Market: 'ON_DEMAND' | 'SPOT',
    Timeline: NonNullable<Instance['Status']>['Timeline'],
  ): Instance => ({ InstanceType, Market, Status: { Timeline } });

  test('counts each machine from its start to its end, or until now', () => {
    const machines = [
      machine('one', 'ON_DEMAND', { CreationDateTime: at(-60), ReadyDateTime: at(-50) }),
      machine('two', 'SPOT', { CreationDateTime: at(-60), EndDateTime: at(-30) }),
      machine('two', 'SPOT', {}),
    ];
    // 0.625 for an hour, 0.75 for half an hour.
    expect(costOf(machines, 'here', noon, round)).toEqual({ eur: 1, unpriced: [] });
  });

  test('is that of a minute at least', () => {
    const moment = [machine('one', 'ON_DEMAND', { CreationDateTime: at(0), EndDateTime: at(0) })];
    expect(costOf(moment, 'here', noon, round).eur).toBeCloseTo(0.625 / 60, 9);
  });

  test('tells the types that it could not count', () => {
    const strange = machine('m1.tiny', 'SPOT', { CreationDateTime: at(-60) });
    expect(costOf([strange, strange], 'here', noon, round)).toEqual({
      eur: 0,
      unpriced: ['m1.tiny'],
    });
  });
});

test('a price file with another key is refused with its place', async () => {
  const file = join(folder, 'wrong.yml');
  await writeFile(file, ROUND.replace('date: 2026-01-01\nsources', 'date: January\nsources'));
  expect(await failureOf(readPrices(file))).toMatchObject({
    kind: 'bad-input',
    where: file,
    why: 'line 2, column 7: date: must be a date such as 2026-11-23',
  });
});
