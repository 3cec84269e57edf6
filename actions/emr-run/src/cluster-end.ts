import type { Cluster, ErrorDetail, StepSummary } from '@aws-sdk/client-emr';
import { type FailureKind, PipelineError } from '../../shared/src/errors.ts';

/** What a cluster's end means: another choice of machines may do better, or none would. */
export interface ClusterEnd {
  readonly kind: 'retry-elsewhere' | 'final';
  readonly error: PipelineError;
}

/** A row of the table below. */
interface Meaning {
  readonly failure: FailureKind;
  readonly what: string;
  readonly next: string;
}

const CAPACITY: Meaning = {
  failure: 'failed-infra',
  what: 'AWS had no capacity for the cluster',
  next: 'Run again later, allow more subnets (input subnets), or name other instance types in the configuration.',
};
const MACHINE_LOST: Meaning = {
  failure: 'failed-infra',
  what: 'The cluster lost a machine it cannot do without',
  next: 'Run again; if Spot machines are taken away often, ask for on demand by the configuration.',
};
const BOOTSTRAP: Meaning = {
  failure: 'failed-infra',
  what: 'A machine of the cluster could not be set up',
  next: "Look at the bootstrap action's log in the log folder, below the cluster's node/, and mend the action.",
};

/** By StateChangeReason.Code (EMR API Reference, ClusterStateChangeReason). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  INSTANCE_FLEET_TIMEOUT: CAPACITY,
  INSTANCE_FAILURE: MACHINE_LOST,
  BOOTSTRAP_FAILURE: BOOTSTRAP,
  VALIDATION_ERROR: {
    failure: 'failed-infra',
    what: 'EMR refused the cluster',
    next: 'Mend the configuration, the subnets or the roles that the message names, and run again.',
  },
  INTERNAL_ERROR: {
    failure: 'failed-infra',
    what: 'The cluster ended by an error within EMR',
    next: "Run again; if it ends the same way, ask AWS's support with the cluster's id.",
  },
  USER_REQUEST: {
    failure: 'cancelled',
    what: 'Somebody ended the cluster before its steps were done',
    next: 'See in CloudTrail who called TerminateJobFlows; run again when it is wanted.',
  },
  STEP_FAILURE: {
    failure: 'failed-infra',
    what: 'The cluster ended because a step failed',
    next: "Look at the step's log in the log folder, mend the job and run again.",
  },
  ALL_STEPS_COMPLETED: {
    failure: 'failed-infra',
    what: 'The cluster ended before all steps were done',
    next: 'Run again; the steps that are done are not repeated.',
  },
};
const UNKNOWN: Meaning = {
  failure: 'failed-infra',
  what: 'The cluster ended before its steps were done',
  next: "Look at the cluster's events in the EMR console, and run again.",
};

/** ErrorCodes that are about capacity (EMR Management Guide, internal error codes). */
const CAPACITY_CODES: ReadonlySet<string> = new Set([
  'INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ',
  'INTERNAL_ERROR_SPOT_NO_CAPACITY_PRIMARY',
  'INTERNAL_ERROR_SPOT_PRICE_INCREASE_PRIMARY',
]);
/** What messages without an ErrorCode say of capacity; the guide warns that they may change. */
const CAPACITY_WORDS =
  /(?:insufficient|not have (?:enough|sufficient)).{0,40}capacity|no (?:spot )?capacity/i;
/** ErrorCodes of a bootstrap action that no machine could run (EMR Management Guide, bootstrap failure codes). */
const HOPELESS_BOOTSTRAP: ReadonlySet<string> = new Set([
  'BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY',
  'BOOTSTRAP_FAILURE_FILE_NOT_FOUND_PRIMARY',
]);

/**
 * Tells why a cluster ended before its steps were done. Another choice of machines is worth a try for want
 * of capacity and for what happens while a machine is set up; but not once a step has begun, which is
 * never run twice.
 *
 * @param openSteps the steps that are not completed, as ListSteps tells them.
 */
export function explainClusterEnd(
  { Id, Status }: Pick<Cluster, 'Id' | 'Status'>,
  openSteps: readonly Pick<StepSummary, 'Name' | 'Status'>[],
): ClusterEnd {
  const code = Status?.StateChangeReason?.Code ?? '';
  const details = Status?.ErrorDetails ?? [];
  const message = Status?.StateChangeReason?.Message?.trim() ?? '';
  const isCapacity = isAboutCapacity(code, message, details);
  const meaning = isCapacity ? CAPACITY : (MEANINGS[code] ?? UNKNOWN);
  const isHopeless = details.some(({ ErrorCode }) => HOPELESS_BOOTSTRAP.has(ErrorCode ?? ''));
  const mayDoBetter =
    isCapacity || code === 'INSTANCE_FAILURE' || (code === 'BOOTSTRAP_FAILURE' && !isHopeless);
  const hasBegun = openSteps.some((step) => step.Status?.Timeline?.StartDateTime !== undefined);
  const names = openSteps.map(({ Name }) => `"${Name}"`).join(', ');
  return {
    kind: mayDoBetter && !hasBegun ? 'retry-elsewhere' : 'final',
    error: new PipelineError({
      kind: meaning.failure,
      what: meaning.what,
      where: `cluster ${Id}, ${Status?.State}`,
      why: [
        `${code === '' ? 'no reason code' : code}: ${message || 'no message'}`,
        ...detailLines(details, message),
      ].join('\n         '),
      done: names === '' ? 'All steps were completed before.' : `Not completed: ${names}.`,
      next: meaning.next,
    }),
  };
}

function isAboutCapacity(code: string, message: string, details: readonly ErrorDetail[]): boolean {
  if (code === 'INSTANCE_FLEET_TIMEOUT') return true;
  if (details.some(({ ErrorCode }) => CAPACITY_CODES.has(ErrorCode ?? ''))) return true;
  const canBe = ['VALIDATION_ERROR', 'INTERNAL_ERROR', 'INSTANCE_FAILURE'].includes(code);
  const texts = [message, ...details.map(({ ErrorMessage }) => ErrorMessage ?? '')];
  return canBe && texts.some((text) => CAPACITY_WORDS.test(text));
}

/** What the details add to the message: their codes, texts and data, such as the instance type. */
function detailLines(details: readonly ErrorDetail[], message: string): string[] {
  return details.flatMap(({ ErrorCode = '', ErrorMessage = '', ErrorData = [] }) => {
    const data = ErrorData.flatMap((pairs) => Object.entries(pairs)).map(
      ([name, value]) => `${name} ${value}`,
    );
    const isNew = data.length > 0 || (ErrorMessage !== '' && !message.includes(ErrorMessage.trim()));
    if (!isNew) return [];
    return [[ErrorCode, ErrorMessage.trim(), ...data].filter((part) => part !== '').join(', ')];
  });
}
