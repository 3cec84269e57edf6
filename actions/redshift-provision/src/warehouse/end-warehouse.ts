import { DeleteClusterCommand, PauseClusterCommand } from '@aws-sdk/client-redshift';
import { DeleteNamespaceCommand, DeleteWorkgroupCommand } from '@aws-sdk/client-redshift-serverless';
import { pause } from '../../../shared/src/action/stop.ts';
import { isTransient } from '../../../shared/src/aws/transient.ts';
import { messageOf, PipelineError } from '../../../shared/src/errors.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import { isOurs, type Tags } from '../tags.ts';
import type { Resource } from './bring-up.ts';
import { clusterResource } from './cluster-resource.ts';
import { isAbsent, isBusy } from './refusal.ts';
import { namespaceResource, workgroupResource } from './serverless-resources.ts';
import type { WarehousePlan } from './warehouse-plan.ts';

/**
 * How long it is asked and waited for. GitHub ends a cancelled job 5 minutes after it was cancelled, and a
 * namespace can be deleted only when its workgroup is gone, which takes longer; by then nothing is paid for
 * but its storage.
 */
export const END_LIMIT_SECONDS = { pause: 240, delete: 900 } as const;
const LONGEST_PAUSE_SECONDS = 15;
/** What was asked for a moment ago may not be shown yet. */
const SECOND_LOOK_SECONDS = 2;

/** What is needed to end a warehouse. */
export type EndAccess = Pick<ProvisionAccess, 'serverless' | 'redshift' | 'log' | 'random'>;

/**
 * Pauses or deletes the warehouse: asks until AWS accepts it, and sees that it did; the end itself is not
 * waited for, except that a namespace can go only after its workgroup. What is gone or paused already is
 * well; what is not ours stays.
 *
 * @param snapshot the name of a last snapshot, for `delete`; null for none.
 * @throws PipelineError `failed-infra` when it may be there, and be paid for, still.
 */
export async function endWarehouse(
  access: EndAccess,
  plan: WarehousePlan,
  after: 'pause' | 'delete',
  snapshot: string | null,
  limitSeconds: number,
): Promise<void> {
  const { redshift, serverless, log } = access;
  const { identifier } = plan;
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  const end = <Found>(resource: Resource<Found>, ending: Ending) =>
    endOne(access, plan.tags, resource, ending, signal);
  if (plan.kind === 'cluster') {
    const ClusterIdentifier = identifier;
    const last = snapshot === null ? {} : { FinalClusterSnapshotIdentifier: snapshot };
    const deletion = new DeleteClusterCommand({
      ClusterIdentifier,
      SkipFinalClusterSnapshot: snapshot === null,
      ...last,
    });
    const resource = clusterResource(redshift, plan);
    await end(
      resource,
      after === 'pause'
        ? { ...PAUSE, send: () => redshift.send(new PauseClusterCommand({ ClusterIdentifier })) }
        : { ...DELETE, operation: 'DeleteCluster', send: () => redshift.send(deletion) },
    );
    return;
  }
  if (after === 'pause') {
    log.info(`workgroup ${identifier}: Serverless has no pause; idle it costs nothing but its storage.`);
    return;
  }
  await end(workgroupResource(serverless, plan), {
    ...DELETE,
    isOver: /^absent$/,
    operation: 'DeleteWorkgroup',
    send: () => serverless.send(new DeleteWorkgroupCommand({ workgroupName: identifier })),
  });
  const last = snapshot === null ? {} : { finalSnapshotName: snapshot };
  await end(namespaceResource(serverless, plan), {
    ...DELETE,
    operation: 'DeleteNamespace',
    send: () => serverless.send(new DeleteNamespaceCommand({ namespaceName: identifier, ...last })),
  });
}

/** One way to end something. */
interface Ending {
  readonly operation: string;
  readonly send: () => Promise<unknown>;
  /** The states in which there is nothing left to wait for. */
  readonly isOver: RegExp;
  /** The states in which it has been accepted and is waited for. */
  readonly isUnderWay: RegExp;
}

const PAUSE = { operation: 'PauseCluster', isOver: /^(absent|paused|pausing|deleting)$/, isUnderWay: /^$/ };
const DELETE = { isOver: /^(absent|deleting|final-snapshot)$/, isUnderWay: /^(deleting|final-snapshot)$/ };

async function endOne<Found>(
  { log, random }: EndAccess,
  tags: Tags,
  { subject, read, stateOf, tagsOf }: Resource<Found>,
  { operation, send, isOver, isUnderWay }: Ending,
  signal: AbortSignal,
): Promise<void> {
  let last = 'AWS has not answered';
  let told = '';
  for (let seconds = 1, looks = 1; ; seconds = Math.min(LONGEST_PAUSE_SECONDS, seconds * 1.5), looks++) {
    try {
      const found = await read(signal);
      const state = found === null ? 'absent' : stateOf(found);
      if (found !== null && !isOurs(await tagsOf(found), { repository: tags.repository ?? '' })) {
        log.info(`${subject} is not this repository’s; it stays.`);
        return;
      }
      const isSure = state !== 'absent' || looks > 1;
      if (isOver.test(state) && isSure) {
        log.info(`${subject}: ${state === 'absent' ? 'not there' : state}.`);
        return;
      }
      if (found !== null && !isUnderWay.test(state)) await send();
      last = `it is ${state}`;
    } catch (error) {
      // What AWS said counts, and not that the last question was given up when the time was over.
      if (signal.aborted && told !== '') throw left(subject, operation, told);
      last = messageOf(error);
      const isPassing = isBusy(error) || isTransient(error) || isAbsent(error) || signal.aborted;
      if (!isPassing) throw left(subject, operation, last);
      if (last !== told) log.info(`${subject}: ${operation} has to wait (${last}).`);
      told = last;
    }
    try {
      await pause((looks === 1 ? SECOND_LOOK_SECONDS : seconds) * (0.5 + random() / 2), signal);
    } catch {
      throw left(subject, operation, last);
    }
  }
}

function left(subject: string, operation: string, why: string): PipelineError {
  return new PipelineError({
    kind: 'failed-infra',
    what: `The ${subject} is left, and may cost money`,
    where: subject,
    why: `${operation} was not accepted: ${why}`,
    done: 'It was asked for again and again until the time for it was over.',
    next: 'Pause or delete it in the AWS console.',
  });
}
