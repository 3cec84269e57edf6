import type {
  Instance,
  InstanceFleetConfig,
  InstanceGroupConfig,
  InstanceTypeConfig,
} from '@aws-sdk/client-emr';
import { PipelineError } from '../../shared/src/errors.ts';
import type { ClusterSettings, Machines } from './cluster-request.ts';
import { findPrice, type Prices, priceOf } from './prices.ts';

const MINUTES_AN_HOUR = 60;
const SECONDS_AN_HOUR = 3600;
/** EMR's and EC2's Linux instances are billed by the second, a minute at least (aws.amazon.com/emr/pricing). */
const LEAST_SECONDS = 60;

/** What a run may cost, in euro. */
export interface CostEstimate {
  /** The machines that the cluster starts with, on Spot where it asks for Spot, for the whole time. */
  readonly expectedEur: number;
  /** The full size of the dearest choice of machines, on demand, for the whole time. */
  readonly atMostEur: number;
  /** How `atMostEur` comes about, in one line, and what of it is assumed. */
  readonly arithmetic: string;
}

/** What machines have cost. */
export interface MachineCost {
  readonly eur: number;
  /** Instance types without a price in the file, which are not in `eur`. */
  readonly unpriced: readonly string[];
}

/** Some machines of one type. */
interface Line {
  readonly type: string;
  readonly count: number;
  readonly isSpot: boolean;
}

/**
 * What a cluster may cost until the time is over. A next choice of machines is tried only after the one
 * before has ended, so one cluster for the whole time is the most.
 *
 * @param minutes how long it may live.
 * @throws PipelineError `bad-input` when a type's price is not known.
 */
export function estimateCost(
  settings: ClusterSettings,
  region: string,
  minutes: number,
  prices: Prices,
): CostEstimate {
  const hours = minutes / MINUTES_AN_HOUR;
  const eur = (lines: readonly Line[]) => euroOf(lines, region, hours, prices);
  const most = settings.request.ManagedScalingPolicy?.ComputeLimits?.MaximumCapacityUnits ?? 0;
  const fullSizes = settings.choices.map((machines) => fullSize(machines, most, region, prices));
  const dearest = fullSizes.toSorted((one, other) => eur(other) - eur(one))[0] ?? [];
  const [first = {}] = settings.choices;
  const atMostEur = eur(dearest);
  const sum = dearest.map(({ type, count }) => `${count} x ${type} at ${usdText(prices, type, region)}`);
  const { 'per-usd': rate, date } = prices.euro;
  const isAssumed = dearest.some(({ type }) => priceOf(prices, type, region).isAssumed);
  const { as, times } = prices['other-regions'];
  return {
    expectedEur: eur(startSize(first)),
    atMostEur,
    arithmetic:
      `(${sum.join(' + ')}) USD an hour on demand, x ${1 + prices.emr.share} with EMR's fee, ` +
      `for ${minutes} minutes, x ${rate} euro for a USD (${date}) = ${roundedUp(atMostEur)} euro` +
      (isAssumed ? `; ${region} is not in the price file: ${as} times ${times} is assumed` : ''),
  };
}

/**
 * Refuses a run that could cost more than it may.
 *
 * @param ceiling the input max-cost-eur; null for none.
 * @throws PipelineError `bad-input` with the arithmetic.
 */
export function checkCeiling({ atMostEur, arithmetic }: CostEstimate, ceiling: number | null): void {
  if (ceiling === null || atMostEur <= ceiling) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: `The run could cost ${roundedUp(atMostEur)} euro and may cost ${ceiling}`,
    where: 'input max-cost-eur',
    why: arithmetic,
    done: 'Nothing was started.',
    next: 'Raise max-cost-eur, or lower timeout-minutes or size, and run again.',
  });
}

/**
 * What a cluster's machines have cost until now, from the first moment of each to its end.
 *
 * @param instances as EMR's ListInstances tells them.
 */
export function costOf(
  instances: readonly Instance[],
  region: string,
  now: Date,
  prices: Prices,
): MachineCost {
  let eur = 0;
  const unpriced = new Set<string>();
  for (const { InstanceType: type = 'unknown', Market, Status } of instances) {
    const { CreationDateTime: begin, EndDateTime: end = now } = Status?.Timeline ?? {};
    if (begin === undefined) continue;
    const seconds = Math.max(LEAST_SECONDS, (end.getTime() - begin.getTime()) / 1000);
    const hours = seconds / SECONDS_AN_HOUR;
    if (findPrice(prices, type, region) === null) unpriced.add(type);
    else eur += euroOf([{ type, count: 1, isSpot: Market === 'SPOT' }], region, hours, prices);
  }
  return { eur, unpriced: [...unpriced] };
}

/** Rounded up, so that what is refused never reads like what is allowed: 2.001 is told as 2.01. */
function roundedUp(eur: number): string {
  return (Math.ceil(eur * 100) / 100).toFixed(2);
}

function euroOf(lines: readonly Line[], region: string, hours: number, prices: Prices): number {
  const usdAnHour = lines.reduce((sum, { type, count, isSpot }) => {
    const machine = isSpot ? prices.spot.share : 1;
    return sum + count * priceOf(prices, type, region).usd * (machine + prices.emr.share);
  }, 0);
  return usdAnHour * hours * prices.euro['per-usd'];
}

/** The machines of the start: of each fleet the first type, which is the one wanted most. */
function startSize({ InstanceFleets = [], InstanceGroups = [] }: Machines): Line[] {
  const ofFleets = InstanceFleets.flatMap((fleet): Line[] => {
    const [first] = typesOf(fleet);
    if (first === undefined) return [];
    return [
      { ...machinesFor(first, fleet.TargetOnDemandCapacity ?? 0), isSpot: false },
      { ...machinesFor(first, fleet.TargetSpotCapacity ?? 0), isSpot: true },
    ];
  });
  return [...ofFleets, ...InstanceGroups.map((group) => lineOf(group, group.Market === 'SPOT'))];
}

/**
 * The most machines there may be, on demand: the primary nodes, and of the others as many as managed
 * scaling allows, all of the dearest type.
 */
function fullSize(
  { InstanceFleets = [], InstanceGroups = [] }: Machines,
  most: number,
  region: string,
  prices: Prices,
): Line[] {
  const price = ({ type, count }: Line) => count * priceOf(prices, type, region).usd;
  const dearestOf = (lines: readonly Line[]): Line[] =>
    lines.toSorted((one, other) => price(other) - price(one)).slice(0, 1);
  const primaries = InstanceFleets.filter(isPrimaryFleet);
  const fleets = InstanceFleets.filter((fleet) => !isPrimaryFleet(fleet));
  const groups = InstanceGroups.filter(({ InstanceRole }) => InstanceRole !== 'MASTER');
  const units = Math.max(
    most,
    fleets.reduce((sum, fleet) => sum + targetOf(fleet), 0),
  );
  const groupLines = groups.map((group) => lineOf(group, false));
  const isScaledUp = most > groupLines.reduce((sum, { count }) => sum + count, 0);
  return [
    ...primaries.flatMap((fleet) =>
      dearestOf(typesOf(fleet).map((type) => machinesFor(type, targetOf(fleet)))),
    ),
    ...InstanceGroups.filter(({ InstanceRole }) => InstanceRole === 'MASTER').map((one) =>
      lineOf(one, false),
    ),
    ...dearestOf(fleets.flatMap((fleet) => typesOf(fleet)).map((type) => machinesFor(type, units))),
    ...(isScaledUp ? dearestOf(groupLines.map((line) => ({ ...line, count: most }))) : groupLines),
  ];
}

/** As many as it takes: the last may bring more than is wanted (EMR API Reference, InstanceFleetConfig). */
function machinesFor({ InstanceType = '', WeightedCapacity = 1 }: InstanceTypeConfig, units: number): Line {
  return { type: InstanceType, count: Math.ceil(units / WeightedCapacity), isSpot: false };
}

function lineOf({ InstanceType = '', InstanceCount = 0 }: InstanceGroupConfig, isSpot: boolean): Line {
  return { type: InstanceType, count: InstanceCount, isSpot };
}

function isPrimaryFleet({ InstanceFleetType }: InstanceFleetConfig): boolean {
  return InstanceFleetType === 'MASTER';
}

function typesOf({ InstanceTypeConfigs = [] }: InstanceFleetConfig): readonly InstanceTypeConfig[] {
  return InstanceTypeConfigs;
}

function targetOf({ TargetOnDemandCapacity = 0, TargetSpotCapacity = 0 }: InstanceFleetConfig): number {
  return TargetOnDemandCapacity + TargetSpotCapacity;
}

function usdText(prices: Prices, type: string, region: string): string {
  return priceOf(prices, type, region).usd.toFixed(4);
}
