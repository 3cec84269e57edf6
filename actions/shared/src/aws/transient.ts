import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/** The Data API's: more requests of the account wait with WaitTimeSeconds than may. */
const TOO_MANY_WAITING = 'ActiveWaitingRequestsExceededException';

/** The SDK's own wrapping of an error of another realm, which has lost all but its text. */
const WRAPPED = /^AWS SDK error wrapper for .*\b(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|aborted|hang up)\b/;

/** Something beside AWS, without which AWS cannot be asked, gave no answer. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/**
 * Whether an error of an AWS client says nothing about the thing asked for, only about the asking:
 * throttling, 5xx, a reset, a timeout, an answer that broke off. Asked again, it may be answered.
 */
export function isTransient(error: unknown): boolean {
  return (
    isSdkError(error) &&
    (error instanceof UnansweredError ||
      isTransientError(error) ||
      isServerError(error) ||
      isBrokenOff(error) ||
      isThrottled(error))
  );
}

/** Whether AWS refused a call for its rate: nothing was done, and it may be sent again. */
export function isThrottled(error: unknown): boolean {
  return isSdkError(error) && (isThrottlingError(error) || error.name === TOO_MANY_WAITING);
}

/** The SDK's functions take any error; their type alone wants a narrower cause. */
function isSdkError(error: unknown): error is Parameters<typeof isServerError>[0] & Error {
  return error instanceof Error;
}

/** Node's `aborted` while a body is read, and what is left of an answer that is a proxy's page about itself. */
function isBrokenOff(error: Error): boolean {
  const isCut = error.message === 'aborted' || error.message.includes('Premature close');
  return isCut || WRAPPED.test(error.message) || (error instanceof SyntaxError && !isRefusal(error));
}

/** An answer that could not be read, but whose HTTP status says that the request was refused. */
function isRefusal(
  error: SyntaxError & { readonly $metadata?: { readonly httpStatusCode?: number } },
): boolean {
  const status = error.$metadata?.httpStatusCode;
  return error.$metadata === undefined || (status !== undefined && status >= 400 && status < 500);
}
