import { messageOf, PipelineError } from '../../../shared/src/errors.ts';

/** Whether there is nothing of the name. */
export function isAbsent(error: unknown): boolean {
  return ['ResourceNotFoundException', 'ClusterNotFoundFault'].includes(nameOf(error));
}

/** Whether there is something of the name, or such a limit, already. */
export function isTaken(error: unknown): boolean {
  return ['ConflictException', 'ClusterAlreadyExistsFault', 'UsageLimitAlreadyExistsFault'].includes(
    nameOf(error),
  );
}

/** Whether another operation on it has to end first; Serverless says so by a ConflictException. */
export function isBusy(error: unknown): boolean {
  return ['ConflictException', 'InvalidClusterStateFault'].includes(nameOf(error));
}

/** A refusal of AWS as a failure: a request that is not right is the caller's. */
export function refusalOf(error: unknown, operation: string, subject: string): Error {
  if (error instanceof PipelineError) return error;
  const isRequest = /^(Validation|Invalid|Unsupported|NumberOfNodes)/.test(nameOf(error));
  return new PipelineError(
    {
      kind: isRequest ? 'bad-input' : 'failed-infra',
      what: `AWS refused ${operation}`,
      where: subject,
      why: `${nameOf(error)}: ${messageOf(error)}`,
      done: 'What had been done before stays as it is.',
      next: isRequest
        ? 'Change the inputs as AWS says, and run again.'
        : `See that the role may call ${operation} and that the account’s quotas allow it, and run again.`,
    },
    { cause: error },
  );
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
