import { type Cluster, TerminateJobFlowsCommand } from '@aws-sdk/client-emr';
import { pause } from '../../shared/src/action/stop.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import { TAGS } from './cluster-naming.ts';
import { type EmrAccess, isLive, LIVE_STATES, patiently, tagOf } from './cluster-state.ts';
import { describeCluster, findRunClusters, type Look } from './find-clusters.ts';

/** What main may take for it when it is cancelled: 7.5 s after SIGINT the runner sends SIGTERM. */
export const MAIN_LIMIT_SECONDS = 5;
/** What post may take for it: the server ends a cancelled job after 5 minutes. */
export const POST_LIMIT_SECONDS = 150;
/** When no id is known, a cluster may just be on its way into EMR's list. */
const LOOK_AGAIN_AFTER_SECONDS = [1, 2];
const CONFIRM_PAUSE_SECONDS = 1;

/** The names under which main hands on to post what it started. */
export const STATE = { baseName: 'base-name', starter: 'starter', clusterId: 'cluster-id' } as const;

/** The clusters of a process: one whose id it knows, and whatever it started under this name. */
export interface OwnClusters {
  /** Null when none was started as far as is known. */
  readonly clusterId: string | null;
  readonly baseName: string;
  readonly starter: string;
}

/** Asks EMR to end clusters; one that ends or has ended already stays as it is. */
export async function requestTermination(
  access: Pick<EmrAccess, 'emr' | 'signal' | 'log' | 'random'>,
  ids: readonly string[],
): Promise<void> {
  await patiently(access, (options) =>
    access.emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [...ids] }), options),
  );
}

/** A cluster that ends or has ended. */
export interface EndingCluster {
  readonly id: string;
  /** Its last state that was seen. */
  readonly state: string;
}

/**
 * Ends whatever the process started, and confirms that it ends; the end itself, which takes minutes, is
 * not waited for.
 *
 * @param seconds how long it may take.
 * @returns the clusters that end or have ended.
 * @throws PipelineError `failed-infra` when a cluster may live on; what was refused is in it.
 */
export async function terminateOwn(
  access: Omit<Look, 'signal'>,
  own: OwnClusters,
  seconds: number,
): Promise<EndingCluster[]> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new Error(`EMR did not confirm it within ${seconds} s`));
  }, seconds * 1000);
  const look: Look = { ...access, signal: limit.signal };
  const asked: string[] = [];
  const ask = async (ids: readonly string[]) => {
    if (ids.length === 0) return;
    await requestTermination(look, ids);
    asked.push(...ids);
  };
  try {
    // Before any look: should the time suffice for one call only, then for this one.
    if (own.clusterId !== null) await ask([own.clusterId]);
    const found = await findOwn(look, own);
    await ask(found.map(({ Id = '' }) => Id).filter((id) => id !== own.clusterId));
    const ending: EndingCluster[] = [];
    for (const id of asked) ending.push({ id, state: await confirm(look, id) });
    return ending;
  } catch (error) {
    throw leak(own, asked.length > 0, error);
  } finally {
    clearTimeout(timer);
  }
}

async function findOwn(look: Look, { clusterId, baseName, starter }: OwnClusters): Promise<Cluster[]> {
  for (const wait of clusterId === null ? [0, ...LOOK_AGAIN_AFTER_SECONDS] : [0]) {
    await pause(wait, look.signal);
    const clusters = await findRunClusters(look, baseName, LIVE_STATES);
    const own = clusters.filter((cluster) => tagOf(cluster, TAGS.starter) === starter);
    if (own.length > 0) return own;
  }
  return [];
}

/** Waits until the cluster takes no more steps, and tells its state. */
async function confirm(look: Look, id: string): Promise<string> {
  for (;;) {
    const cluster = await describeCluster(look, id);
    if (!isLive(cluster)) {
      const state = cluster.Status?.State ?? 'unknown';
      look.log.info(`cluster ${id}: ${state}`);
      return state;
    }
    await pause(CONFIRM_PAUSE_SECONDS, look.signal);
  }
}

function leak({ clusterId, baseName }: OwnClusters, isAsked: boolean, error: unknown): PipelineError {
  const where = clusterId === null ? `clusters of the name ${baseName}/…` : `cluster ${clusterId}`;
  const why = error instanceof PipelineError ? error.failure.why : messageOf(error);
  const advice = error instanceof PipelineError ? `${error.failure.next} ` : '';
  const asked = isAsked
    ? 'Its end was asked for, and EMR did not confirm it.'
    : 'EMR has not taken the request to end it.';
  const done = clusterId === null && !isAsked ? 'One was asked for, and it could not be looked for.' : asked;
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: 'A cluster may still be running',
      where,
      why,
      done: `${done} It ends by itself after its last step or its idle time.`,
      next: `${advice}Look for it in the EMR console and terminate it there, or run this action with mode: sweep.`,
    },
    { cause: error },
  );
}
