import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRunIdentity } from '../../shared/src/action/run-identity.ts';
import type { RedshiftTarget } from '../../shared/src/redshift-data/data-api.ts';
import { systemTiming } from '../../shared/src/redshift-data/timing.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { createClients } from './clients.ts';
import { checkCeiling, costOf, roundedUp } from './cost.ts';
import { openTableTarget } from './open-table-target.ts';
import { STATE } from './post.ts';
import { readPrices } from './prices.ts';
import type { ProvisionAccess } from './provision-access.ts';
import { ensureTableAndAccess, type Provision, runPart } from './provision-tasks.ts';
import { tagsOf } from './tags.ts';
import { ensureCluster } from './warehouse/ensure-cluster.ts';
import { ensureServerless } from './warehouse/ensure-serverless.ts';
import { findWarehouse } from './warehouse/find-warehouse.ts';
import { planWarehouse, type WarehousePlan } from './warehouse/warehouse-plan.ts';

/** What the provisioning on Redshift works with. */
export interface RedshiftProvision extends Provision {
  /** A UUID of this process. */
  readonly starter: string;
  /** Hands on to the post phase, under the names of `STATE`. */
  readonly saveState: (name: string, value: string) => void;
  /** GitHub's identity token for an audience. */
  readonly getToken: (audience: string) => Promise<string>;
  readonly environment: NodeJS.ProcessEnv;
  /** When the time is over, in milliseconds since 1970. */
  readonly deadline: number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

/** Sees to the warehouse on Redshift, its table and the rights on it, whichever are asked for. */
export async function provisionOnRedshift(provision: RedshiftProvision): Promise<void> {
  const { inputs, facts, signal, deadline, random, starter } = provision;
  const identity = readRunIdentity(provision.environment);
  const clients = createClients(inputs['role-to-assume'], identity, provision.getToken);
  const plan = planWarehouse(inputs, tagsOf(identity, starter));
  const accessWith = (log: TaskLog, settleCost: ProvisionAccess['settleCost']): ProvisionAccess => ({
    ...clients,
    ...{ signal, deadline, log, random, facts, settleCost },
    onDrift: inputs['on-drift'],
  });
  const ensure = async (log: TaskLog): Promise<RedshiftTarget> => {
    const prices = await readPrices(
      inputs['price-file'] === null ? ownPrices() : provision.resolve(inputs['price-file']),
    );
    const settleCost = (priced: WarehousePlan) => {
      const before = facts.cost?.arithmetic;
      facts.isRefused = true;
      facts.cost = costOf(priced, identity.region, prices);
      const { dayAtMostEur, arithmetic } = facts.cost;
      if (arithmetic !== before) log.info(`At most ${roundedUp(dayAtMostEur)} euro a day: ${arithmetic}.`);
      checkCeiling(facts.cost, inputs['max-cost-eur']);
      facts.isRefused = false;
    };
    settleCost(plan);
    provision.saveState(STATE.starter, starter);
    return ensureWarehouse(accessWith(log, settleCost), plan);
  };
  const find = async () => {
    const silent = { info: () => {}, progress: () => {} };
    return findWarehouse(
      accessWith(silent, () => {}),
      plan.kind,
      plan.identifier,
      plan.database,
    );
  };
  const target = (await runPart(provision, 'warehouse', ensure)) ?? (await find());
  const api = { client: clients.data, target, timing: systemTiming, deadline, signal };
  try {
    await ensureTableAndAccess(provision, openTableTarget(api));
  } catch (error) {
    // The Data API's own failure tells of the cancelled statement; why it was cancelled is told here.
    signal.throwIfAborted();
    throw error;
  }
}

/** Brings the warehouse to what the plan asks for. */
export function ensureWarehouse(access: ProvisionAccess, plan: WarehousePlan): Promise<RedshiftTarget> {
  return plan.kind === 'serverless' ? ensureServerless(access, plan) : ensureCluster(access, plan);
}

/** The price file beside action.yml: the bundle lies one folder below it. */
function ownPrices(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', 'prices.yml');
}
