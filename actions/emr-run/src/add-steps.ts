import { AddJobFlowStepsCommand, type StepSummary } from '@aws-sdk/client-emr';
import { poll } from '../../shared/src/aws/poll.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import type { Attachment } from './attach-cluster.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { type EmrAccess, isLive, isOpen } from './cluster-state.ts';
import { describeCluster, listSteps } from './find-clusters.ts';
import type { PlacedStep } from './find-progress.ts';
import { sendOnce } from './send-once.ts';

/** What a cluster has to do. */
export interface AddedSteps {
  /** The steps to watch, by their names; those that are completed elsewhere are not among them. */
  readonly placed: ReadonlyMap<string, PlacedStep>;
  /** How many had to be added. */
  readonly added: number;
}

/**
 * Sees to it that the cluster has all steps that are not completed: those that wait or run are left,
 * those that are lacking are added; on a cluster of an earlier attempt also those that failed or were
 * cancelled.
 *
 * @returns null when the cluster ends and takes no more steps.
 */
export async function addSteps(
  access: EmrAccess,
  plan: ClusterPlan,
  clusterId: string,
  { origin, completed }: Pick<Attachment, 'origin' | 'completed'>,
): Promise<AddedSteps | null> {
  const wanted = plan.steps.filter(({ name }) => !completed.has(name));
  const there = await listKnown(
    access,
    clusterId,
    origin === 'created' ? wanted.map(({ name }) => name) : [],
  );
  const usable = byName(
    there.filter(
      ({ Status }) => origin !== 'adopted' || isOpen(Status?.State) || Status?.State === 'COMPLETED',
    ),
  );
  const lacking = wanted.filter(({ name }) => !usable.has(name));
  const ids =
    lacking.length === 0 ? new Map<string, string>() : await send(access, plan, clusterId, lacking, there);
  if (ids === null) return null;
  const placed = new Map<string, PlacedStep>();
  for (const { name } of wanted) {
    const stepId = usable.get(name) ?? ids.get(name);
    if (stepId === undefined) throw new TypeError(`EMR gave the step ${name} no id`);
    placed.set(name, { clusterId, stepId });
  }
  return { placed, added: lacking.length };
}

/** Every cluster is started with steps; a list without them is one that lags. */
async function listKnown(
  access: EmrAccess,
  clusterId: string,
  names: readonly string[],
): Promise<StepSummary[]> {
  return poll({
    ask: () => listSteps(access, clusterId),
    isOver: (steps) => {
      const known = byName(steps);
      return steps.length > 0 && names.every((name) => known.has(name));
    },
    stateOf: () => '',
    onChange: () => {},
    signal: access.signal,
    log: access.log,
    random: access.random,
  });
}

/** Adds steps and gives their ids by name; null when the cluster ends. */
async function send(
  access: EmrAccess,
  plan: ClusterPlan,
  clusterId: string,
  steps: ClusterPlan['steps'],
  before: readonly StepSummary[],
): Promise<ReadonlyMap<string, string> | null> {
  // An idle cluster ends by itself, also between the look that found it and this one.
  if (!isLive(await describeCluster(access, clusterId))) return null;
  const known = new Set(before.map(({ Id }) => Id));
  const request = { JobFlowId: clusterId, Steps: plan.request(1, steps).Steps };
  const ids = sendOnce(
    {
      operation: 'AddJobFlowSteps',
      send: async () => {
        const { StepIds = [] } = await access.emrOnce.send(new AddJobFlowStepsCommand(request));
        return new Map(steps.map(({ name }, index) => [name, StepIds[index] ?? '']));
      },
      find: async () => {
        const added = byName((await listSteps(access, clusterId)).filter(({ Id }) => !known.has(Id)));
        return steps.every(({ name }) => added.has(name)) ? added : null;
      },
    },
    access,
  );
  try {
    return await ids;
  } catch (error) {
    access.signal.throwIfAborted();
    const isRefused = error instanceof Error && error.name === 'ValidationException';
    if (isRefused && !isLive(await describeCluster(access, clusterId))) return null;
    throw refusalOf(error, clusterId);
  }
}

function refusalOf(error: unknown, clusterId: string): PipelineError {
  if (error instanceof PipelineError) return error;
  return new PipelineError(
    {
      kind: 'bad-input',
      what: 'EMR did not take the steps',
      where: `AddJobFlowSteps, cluster ${clusterId}`,
      done: 'No step was added.',
      why: messageOf(error),
      next: 'Change the inputs of the steps as EMR says, and run again.',
    },
    { cause: error },
  );
}

/** The ids of steps by name; of several of one name the last. */
function byName(steps: readonly StepSummary[]): Map<string, string> {
  return new Map(steps.map(({ Name = '', Id = '' }) => [Name, Id]));
}
