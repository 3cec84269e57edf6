import { pause } from '../../../shared/src/action/stop.ts';
import { poll } from '../../../shared/src/aws/poll.ts';
import { isTransient } from '../../../shared/src/aws/transient.ts';
import { untilStopped } from '../../../shared/src/aws/until-stopped.ts';
import { messageOf, PipelineError } from '../../../shared/src/errors.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import { isOurs, type Tags } from '../tags.ts';
import { isBusy, isTaken, refusalOf } from './refusal.ts';
import { sendWhenFree } from './send.ts';

/** Something of AWS's that takes time to come: a namespace, a workgroup, a cluster. */
export interface Resource<Found> {
  /** What it is and its name: `workgroup imdb`. */
  readonly subject: string;
  /** Null when there is none. */
  readonly read: (signal: AbortSignal) => Promise<Found | null>;
  /** In small letters: `available`, `creating`, `paused`. */
  readonly stateOf: (found: Found) => string;
  readonly tagsOf: (found: Found) => Promise<Tags>;
  /** AWS's name of the request and the request itself. The name of the resource is its key: sent twice it is refused. */
  readonly create: readonly [operation: string, send: () => Promise<unknown>];
  /** Only of what can be paused. */
  readonly resume?: readonly [operation: string, send: () => Promise<unknown>];
  /** Called before what is paused is resumed, which costs money. @throws what forbids it. */
  readonly beforeResume?: (found: Found) => Promise<void>;
}

/** States that no waiting mends (Redshift Management Guide, rs-mgmt-cluster-status). */
const BROKEN = /^(hardware-failure|incompatible-|storage-full)/;
const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 20;

/**
 * Brings it to the state `available`: makes it when it is absent, resumes it when it is paused, waits while
 * it changes, and makes it anew after it has been deleted. A lost answer leads back to looking.
 *
 * @throws PipelineError `bad-input` when it is not ours, `failed-infra` when AWS says that it is broken; or
 *   AWS's refusal; or the signal's reason.
 */
export async function bringUp<Found>(
  access: ProvisionAccess,
  tags: Tags,
  resource: Resource<Found>,
): Promise<Found> {
  const { subject, stateOf, create, resume } = resource;
  const { log, facts, random, signal } = access;
  for (let seconds = FIRST_PAUSE_SECONDS; ; seconds = Math.min(LONGEST_PAUSE_SECONDS, seconds * 2)) {
    const found = await awaitDecision(access, tags, resource);
    const state = found === null ? 'absent' : stateOf(found);
    if (found !== null && state === 'available') {
      // The tag tells it also when the answer was lost.
      const { starter } = await sendWhenFree(access, 'the reading of tags', subject, () =>
        resource.tagsOf(found),
      );
      if (starter === tags.starter) {
        facts.isStarted = true;
        facts.changed.push(`${subject} created`);
      }
      return found;
    }
    if (BROKEN.test(state)) throw broken(subject, state);
    if (found === null) {
      log.info(`${subject} is not there; it is made.`);
      // Told even if the answer never comes.
      facts.there.set(subject, 'asked for');
      await ask(access, subject, create);
    } else {
      if (resume === undefined) throw broken(subject, state);
      await resource.beforeResume?.(found);
      log.info(`${subject} is paused; it is resumed.`);
      // Refused as being resumed already it may still be this run's: the client repeats what got no answer.
      facts.isStarted = true;
      if (await ask(access, subject, resume)) facts.changed.push(`${subject} resumed`);
    }
    await pause(seconds * (0.5 + random() / 2), signal);
  }
}

/** Waits until it is absent, available, paused or broken; null when it is absent. */
function awaitDecision<Found>(
  access: ProvisionAccess,
  tags: Tags,
  { subject, read, stateOf, tagsOf }: Resource<Found>,
): Promise<Found | null> {
  const { facts, log, signal, random } = access;
  let isKnown = false;
  const state = (found: Found | null) => (found === null ? 'absent' : stateOf(found));
  return poll({
    ask: async (abortSignal) => {
      const found = await read(abortSignal);
      if (found !== null && !isKnown) refuseForeign(subject, await tagsOf(found), tags);
      isKnown = found !== null;
      return found;
    },
    isOver: (found) => /^(absent|available|paused)$/.test(state(found)) || BROKEN.test(state(found)),
    stateOf: state,
    onChange: (found) => {
      log.info(`${subject}: ${state(found)}`);
      if (found === null) facts.there.delete(subject);
      else facts.there.set(subject, stateOf(found));
    },
    signal,
    log,
    random,
  });
}

/** Sends the request once; whether it was this one that did it. What came of it else is for the next look to tell. */
async function ask(
  { signal, log, facts }: ProvisionAccess,
  subject: string,
  [operation, send]: readonly [string, () => Promise<unknown>],
): Promise<boolean> {
  try {
    await untilStopped(send(), signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isTaken(error) || isBusy(error)) {
      log.info(`${subject}: ${operation} was refused (${messageOf(error)}); looking for what is there.`);
    } else if (isTransient(error)) {
      log.info(`The answer to ${operation} was lost (${messageOf(error)}); looking for what it did.`);
    } else {
      if (facts.there.get(subject) === 'asked for') facts.there.delete(subject);
      throw refusalOf(error, operation, subject);
    }
    return false;
  }
}

function refuseForeign(subject: string, found: Tags, wanted: Tags): void {
  if (isOurs(found, { repository: wanted.repository ?? '' })) return;
  throw new PipelineError({
    kind: 'bad-input',
    what: `The ${subject} is there and is not this repository’s`,
    where: subject,
    why: `its tags are not pipeline=${wanted.pipeline}, repository=${wanted.repository}`,
    done: 'It was left as it is.',
    next: 'Choose another identifier; or tag it so, to hand it over; or leave `warehouse` out of `ensure`, to use it as it is.',
  });
}

function broken(subject: string, state: string): PipelineError {
  return new PipelineError({
    kind: 'failed-infra',
    what: `The ${subject} is in the state ${state}`,
    where: subject,
    why: 'AWS says so, and no waiting mends it',
    done: 'It was left as it is.',
    next: 'Look at it in the AWS console, mend or delete it there, and run again.',
  });
}
