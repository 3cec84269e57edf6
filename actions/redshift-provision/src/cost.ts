import { PipelineError } from '../../shared/src/errors.ts';
import { type Prices, priceOf } from './prices.ts';
import type { WarehousePlan } from './warehouse/warehouse-plan.ts';

const HOURS_A_DAY = 24;
const MINUTES_AN_HOUR = 60;

/** What a warehouse costs, in euro. */
export interface WarehouseCost {
  /** An hour at the base capacity; for Serverless an hour in which it works, for an idle one is free. */
  readonly hourEur: number;
  /** The most that a day can cost. */
  readonly dayAtMostEur: number;
  /** How `dayAtMostEur` comes about, in one line, and what of it is assumed. */
  readonly arithmetic: string;
}

/**
 * What a warehouse costs, and the most a day of it can. A limit on use counts only when reaching it stops
 * the use; `log` and `emit-metric` stop nothing.
 *
 * @throws PipelineError `bad-input` when a price is not known.
 */
export function costOf(plan: WarehousePlan, region: string, prices: Prices): WarehouseCost {
  const { usd, isAssumed } = priceOf(prices, plan.kind === 'serverless' ? 'rpu' : plan, region);
  const rate = prices.euro['per-usd'];
  const { hours, sum, base } = plan.kind === 'serverless' ? rpuHours(plan) : nodeHours(plan);
  const dayAtMostEur = hours * usd * rate;
  const { as, times } = prices['other-regions'];
  return {
    hourEur: base * usd * rate,
    dayAtMostEur,
    arithmetic:
      `${sum} at ${usd.toFixed(4)} USD, x ${rate} euro for a USD (${prices.euro.date}) = ` +
      `${roundedUp(dayAtMostEur)} euro a day` +
      (isAssumed ? `; ${region} is not in the price file: ${as} times ${times} is assumed` : ''),
  };
}

/**
 * Refuses a warehouse that could cost more in a day than it may.
 *
 * @param ceiling the input max-cost-eur; null for none.
 * @throws PipelineError `bad-input` with the arithmetic.
 */
export function checkCeiling({ dayAtMostEur, arithmetic }: WarehouseCost, ceiling: number | null): void {
  if (ceiling === null || dayAtMostEur <= ceiling) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: `A day of the warehouse could cost ${roundedUp(dayAtMostEur)} euro and may cost ${ceiling}`,
    where: 'input max-cost-eur',
    why: arithmetic,
    done: 'For that price nothing was made, resumed or enlarged.',
    next: 'Raise max-cost-eur, or lower the size or the daily limit with breach-action deactivate, and run again.',
  });
}

/** Rounded up, so that what is refused never reads like what is allowed: 6.001 is told as 6.01. */
export function roundedUp(eur: number): string {
  return (Math.ceil(Number((eur * 100).toFixed(6))) / 100).toFixed(2);
}

interface Hours {
  /** The most RPU-hours or node-hours of a day. */
  readonly hours: number;
  /** The same in words. */
  readonly sum: string;
  /** RPUs or nodes of an hour. */
  readonly base: number;
}

function rpuHours(plan: WarehousePlan & { readonly kind: 'serverless' }): Hours {
  const { baseCapacity: base, maxCapacity, dailyRpuHours, breachAction } = plan;
  const unlimited = HOURS_A_DAY * maxCapacity;
  if (breachAction === 'deactivate' && dailyRpuHours < unlimited) {
    return { hours: dailyRpuHours, sum: `${dailyRpuHours} RPU-hours, where use is stopped,`, base };
  }
  const most = Number.isFinite(maxCapacity) ? maxCapacity : 'unlimited';
  return { hours: unlimited, sum: `${HOURS_A_DAY} hours of ${most} RPUs`, base };
}

/**
 * The nodes around the clock, and as many again for as long as concurrency scaling may run: by default it
 * adds one cluster of the same nodes (Redshift guide, max_concurrency_scaling_clusters).
 */
function nodeHours(plan: WarehousePlan & { readonly kind: 'cluster' }): Hours {
  const { nodes, nodeType, scalingMinutes, breachAction } = plan;
  const always = `${HOURS_A_DAY} hours of ${nodes} x ${nodeType}`;
  if (nodes === 1) return { hours: HOURS_A_DAY, sum: always, base: 1 };
  const isStopped = breachAction === 'deactivate';
  const scaling = isStopped ? Math.min(HOURS_A_DAY, scalingMinutes / MINUTES_AN_HOUR) : HOURS_A_DAY;
  const more = isStopped ? `${scalingMinutes} minutes` : `${HOURS_A_DAY} hours`;
  return {
    hours: nodes * (HOURS_A_DAY + scaling),
    sum: `${always} and ${more} of concurrency scaling`,
    base: nodes,
  };
}
