import { messageOf, PipelineError } from '../errors.ts';
import { isTransient } from './transient.ts';

/** A call of AWS, in the words of its policies. */
export interface AwsCall {
  /** For example `s3:GetObject`. */
  readonly action: string;
  /** For example `cluster j-2AXXXXXXGAPLF`. */
  readonly resource: string;
}

/** What to do about credentials that AWS does not take, by the names of its errors. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [
    /^CredentialsProviderError$/,
    'Give role-to-assume, and the job `permissions: id-token: write`; or run aws-actions/configure-aws-credentials in a step before.',
  ],
  [
    /^(?:ExpiredToken(?:Exception)?|RequestExpired)$/,
    'Give role-to-assume, whose credentials are minted anew as long as the job lasts, or a longer role-duration-seconds to configure-aws-credentials.',
  ],
  [
    /^(?:UnrecognizedClientException|Invalid(?:ClientTokenId|AccessKeyId|SignatureException)|SignatureDoesNotMatch)$/,
    'See that the credentials are whole, and that the role or user that they are of is still there.',
  ],
];
/** S3 answers HEAD without a body, so that the SDK has nothing but the status to name it by. */
const DENIED = /^(?:AccessDenied(?:Exception)?|UnauthorizedOperation|Forbidden|403)$/;
/** How AWS tells what it denied; it may be another action than the one called, such as iam:PassRole. */
const TOLD = /not authorized to perform: (?<action>[\w:-]+)(?: on resource: (?<resource>\S+))?/;

/** Why AWS did not do what it was asked, in its own words, and what to do about that. */
export function explainAwsError(
  error: unknown,
  call: AwsCall,
): { readonly why: string; readonly next: string } {
  if (error instanceof PipelineError) return error.failure;
  const why = `${nameOf(error)}: ${messageOf(error)}`;
  const advice = accessAdvice(error, call);
  if (advice !== null) return { why, next: `${advice} Then run again.` };
  if (isTransient(error))
    return { why, next: 'Run again; when AWS goes on so, its health dashboard tells more.' };
  return { why, next: 'Mend what AWS names, and run again.' };
}

/** The failure of a call for which the credentials or their permissions do not suffice; null for any other. */
export function accessFailure(error: unknown, call: AwsCall): PipelineError | null {
  if (accessAdvice(error, call) === null) return null;
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: `AWS refused ${call.action}`,
      where: call.resource,
      done: 'AWS did nothing.',
      ...explainAwsError(error, call),
    },
    { cause: error },
  );
}

function accessAdvice(error: unknown, call: AwsCall): string | null {
  const name = nameOf(error);
  if (DENIED.test(name)) {
    const { action = call.action, resource = call.resource } = TOLD.exec(messageOf(error))?.groups ?? {};
    return `Allow ${action} on ${resource} in a policy of the role that calls it.`;
  }
  return CREDENTIALS.find(([names]) => names.test(name))?.[1] ?? null;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
