import type { ProvisionAccess } from '../provision-access.ts';
import { type Difference, differencesOf } from './differences.ts';
import { isTaken } from './refusal.ts';
import { sendWhenFree } from './send.ts';

/** A limit on the use of a day. */
export interface UsageLimit {
  readonly amount: number | undefined;
  readonly breachAction: string | undefined;
}

/** A limit that is there, and how it differs from the one that is wanted. */
export interface FoundLimit {
  /** Null when there is none. */
  readonly limit: UsageLimit | null;
  readonly differences: readonly Difference[];
}

/** How a service keeps such limits. */
export interface UsageLimits {
  /** What it is called: `workgroup imdb: daily RPU-hours`. */
  readonly subject: string;
  /** Null when there is none; there is at most one of a kind and period. */
  readonly read: () => Promise<UsageLimit | null>;
  readonly create: () => Promise<unknown>;
  readonly update: () => Promise<unknown>;
}

/**
 * Makes the limit where there is none and compares the one that is there.
 *
 * @param wanted with the service's own word for the breach action.
 * @returns the limit that is there now, and how it differs.
 */
export async function ensureUsageLimit(
  access: ProvisionAccess,
  wanted: UsageLimit,
  { subject, read, create, update }: UsageLimits,
): Promise<FoundLimit> {
  const look = () => sendWhenFree(access, 'the reading of usage limits', subject, read);
  let found = await look();
  if (found === null) {
    const isMade = await sendWhenFree(access, 'CreateUsageLimit', subject, () => unlessTaken(create));
    found = await look();
    const told = `${subject} limited to ${wanted.amount}, then ${wanted.breachAction}`;
    if (isMade) access.facts.changed.push(told);
    access.log.info(isMade ? `${told}.` : `${subject} was limited meanwhile.`);
  }
  const apply = async () => {
    await sendWhenFree(access, 'the change of a usage limit', subject, update);
  };
  const differences = differencesOf(subject, [
    ['amount and action', textOf(wanted), found === null ? undefined : textOf(found), apply],
  ]);
  return { limit: found, differences };
}

async function unlessTaken(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

function textOf({ amount, breachAction }: UsageLimit): string {
  return `${amount}, then ${breachAction}`;
}
