import { join } from 'node:path';
import { readClusterSettings } from '../../actions/emr-run/src/cluster-request.ts';
import { estimateCost } from '../../actions/emr-run/src/cost.ts';
import { readPrices as readMachinePrices } from '../../actions/emr-run/src/prices.ts';
import { costOf } from '../../actions/redshift-provision/src/cost.ts';
import { readPrices } from '../../actions/redshift-provision/src/prices.ts';
import { planWarehouse } from '../../actions/redshift-provision/src/warehouse/warehouse-plan.ts';
import { inputsOf as runInputsOf } from '../emr-run/inputs-of.ts';
import { root } from '../project.ts';
import { inputsOf as warehouseInputsOf } from '../redshift-provision/inputs-of.ts';

/** The region that the page reckons with. */
export const REGION = 'eu-west-1';

/** What the page assumes of a day, by size: how long the cluster lives, how long it may, how long the warehouse works. */
export const ASSUMED = {
  small: { clusterMinutes: 20, timeoutMinutes: 60, warehouseMinutes: 30 },
  standard: { clusterMinutes: 20, timeoutMinutes: 60, warehouseMinutes: 30 },
  x100: { clusterMinutes: 60, timeoutMinutes: 120, warehouseMinutes: 60 },
} as const;

/** A size of the presets. */
export type Size = keyof typeof ASSUMED;

/** What a size costs, in euro. */
export interface SizeCost {
  /** A cluster as it starts, on Spot, for the assumed minutes. */
  readonly run: number;
  /** A cluster at full size, on demand, until its timeout: what `max-cost-eur` is held against. */
  readonly runAtMost: number;
  /** An hour in which the workgroup works at its base capacity. */
  readonly warehouseHour: number;
  /** The workgroup for the assumed minutes. */
  readonly load: number;
  /** The workgroup up to its daily limit. */
  readonly warehouseDayAtMost: number;
  /** A cluster of the size around the clock. */
  readonly clusterDay: number;
}

/** What the actions' own code and price files make of a size. */
export async function costOfSize(size: Size): Promise<SizeCost> {
  const { clusterMinutes, timeoutMinutes, warehouseMinutes } = ASSUMED[size];
  const settings = await readClusterSettings(runInputsOf({ size, script: 'x.py', bucket: 'lake' }), root);
  const machinePrices = await readMachinePrices(join(root, 'actions', 'emr-run', 'prices.yml'));
  const prices = await readPrices(join(root, 'actions', 'redshift-provision', 'prices.yml'));
  const warehouse = (kind: string) =>
    costOf(planWarehouse(warehouseInputsOf({ identifier: 'imdb', size, kind }), {}), REGION, prices);
  const { hourEur, dayAtMostEur } = warehouse('serverless');
  return {
    run: estimateCost(settings, REGION, clusterMinutes, machinePrices).expectedEur,
    runAtMost: estimateCost(settings, REGION, timeoutMinutes, machinePrices).atMostEur,
    warehouseHour: hourEur,
    load: (hourEur * warehouseMinutes) / 60,
    warehouseDayAtMost: dayAtMostEur,
    clusterDay: warehouse('cluster').dayAtMostEur,
  };
}

const DAYS_A_MONTH = 30;
const eur = (amount: number) => amount.toFixed(2);

/** The page's table of what a morning costs. */
export function usualTable(costs: Readonly<Record<Size, SizeCost>>): string {
  const rows = Object.entries(costs).map(([size, { run, warehouseHour, load }]) => {
    const { clusterMinutes, warehouseMinutes } = ASSUMED[size as Size];
    const day = run + load;
    return [
      `\`${size}\``,
      `${eur(run)} (${clusterMinutes} min)`,
      eur(warehouseHour),
      `${eur(load)} (${warehouseMinutes} min)`,
      eur(day),
      eur(day * DAYS_A_MONTH),
    ];
  });
  return tableOf(['size', 'run on EMR', "warehouse's hour", 'load', 'day', 'month'], rows);
}

/** The page's table of what a day can cost at most. */
export function mostTable(costs: Readonly<Record<Size, SizeCost>>): string {
  const rows = Object.entries(costs).map(([size, { runAtMost, warehouseDayAtMost, clusterDay }]) => [
    `\`${size}\``,
    `${eur(runAtMost)} (${ASSUMED[size as Size].timeoutMinutes} min)`,
    eur(warehouseDayAtMost),
    eur(runAtMost + warehouseDayAtMost),
    eur(clusterDay),
  ]);
  return tableOf(['size', 'run', 'workgroup a day', 'together', 'cluster a day instead'], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
