import { PipelineError } from '../../../shared/src/errors.ts';
import type { Drift } from '../drift.ts';
import type { ProvisionAccess } from '../provision-access.ts';

/** A drift, and what would end it. */
export interface Difference extends Drift {
  readonly apply: () => Promise<void>;
}

/** What to compare: what it is about, what is wanted and found, and what would bring the one to the other. */
export type Comparison = readonly [
  subject: string,
  wanted: string | number | boolean,
  found: string | number | boolean | undefined,
  apply: () => Promise<void>,
];

/** Those of the comparisons in which something else was found than is wanted. */
export function differencesOf(resource: string, comparisons: readonly Comparison[]): Difference[] {
  return comparisons
    .filter(([, wanted, found]) => wanted !== found)
    .map(([subject, wanted, found, apply]) => ({
      subject: `${resource}: ${subject}`,
      wanted: String(wanted),
      found: String(found ?? 'none'),
      apply,
    }));
}

/** Several names as one, whatever their order. */
export function listed(names: readonly string[]): string {
  return names.toSorted().join(', ');
}

/**
 * Does about the differences what `on-drift` says. Those that are left stand in the facts afterwards.
 *
 * @throws PipelineError `bad-input` that names all of them when the word is `fail`.
 */
export async function settleDifferences(
  { facts, log, onDrift }: ProvisionAccess,
  differences: readonly Difference[],
): Promise<void> {
  for (const { apply, ...drift } of differences) {
    if (onDrift === 'apply') {
      log.info(`${tell(drift)}; it is changed.`);
      await apply();
      facts.changed.push(`${drift.subject}: ${drift.found} to ${drift.wanted}`);
    } else {
      log.info(`Drift: ${tell(drift)}.`);
      facts.drift.push(drift);
    }
  }
  if (onDrift !== 'fail') return;
  facts.isRefused = differences.length > 0;
  refuseDrift(differences);
}

/** @throws PipelineError `bad-input` that names all of them, if there are any. */
export function refuseDrift(drift: readonly Drift[]): void {
  if (drift.length === 0) return;
  throw new PipelineError({
    kind: 'bad-input',
    what:
      drift.length === 1 ? 'Something is not as asked for' : `${drift.length} things are not as asked for`,
    where: drift.map(({ subject }) => subject).join('; '),
    why: drift.map(tell).join('; '),
    done: 'It was left as it is.',
    next: 'Ask for what is there, or set on-drift to apply, or to warn, and run again.',
  });
}

function tell({ subject, wanted, found }: Drift): string {
  return `${subject} is ${found}, wanted is ${wanted}`;
}
