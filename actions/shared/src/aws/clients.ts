import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
import type { RunIdentity } from '../action/run-identity.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 5_000;
const AUDIENCE = 'sts.amazonaws.com';

/** What every AWS client of the actions is made with; region and endpoints come from the environment. */
export interface ClientOptions {
  readonly customUserAgent: [string, string][];
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
  readonly credentials?: ReturnType<typeof webIdentityCredentials>;
}

/**
 * Options for an AWS client that is never left hanging: without them the SDK waits for an answer for
 * ever, and `requestTimeout` alone only warns.
 *
 * @param action the action's name, for CloudTrail and for those who read it.
 * @param credentials null to take them from the environment.
 */
export function clientOptions(
  action: string,
  credentials: ReturnType<typeof webIdentityCredentials> | null,
): ClientOptions {
  return {
    customUserAgent: [['imdb-titles', action]],
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...(credentials === null ? {} : { credentials }),
  };
}

/** The role to take, and how GitHub's identity token is had. */
export interface WebIdentity {
  readonly roleArn: string;
  /** Shown in CloudTrail: letters, digits and `=,.@-`, 64 at most. */
  readonly sessionName: string;
  readonly getToken: (audience: string) => Promise<string>;
}

/**
 * Credentials of a role, for as long as the job lasts: GitHub's token is asked for anew whenever the
 * SDK finds fewer than 5 minutes left. A session that configure-aws-credentials opened ends after its
 * hour, in the middle of a long wait (configure-aws-credentials#359).
 */
export function webIdentityCredentials({ roleArn, sessionName, getToken }: WebIdentity) {
  return async () =>
    fromWebToken({
      roleArn,
      roleSessionName: sessionName,
      webIdentityToken: await getToken(AUDIENCE),
    })();
}

/** DescribeStatement of the Data API may wait for 30 seconds before it answers. */
const DATA_TIMEOUT_MS = 45_000;

/**
 * The options of all clients of an action, and of its client of the Data API.
 *
 * @param roleArn the role whose credentials are minted as long as the job lasts; null for the environment's.
 * @param getToken GitHub's identity token for an audience, as `getIDToken` of @actions/core gives it.
 */
export function actionClientOptions(
  action: string,
  roleArn: string | null,
  { runId, runAttempt, region }: Pick<RunIdentity, 'runId' | 'runAttempt' | 'region'>,
  getToken: (audience: string) => Promise<string>,
) {
  const sessionName = `${action}-${runId}-${runAttempt}`;
  const credentials = roleArn === null ? null : webIdentityCredentials({ roleArn, sessionName, getToken });
  const options = { ...clientOptions(action, credentials), region };
  const requestHandler = { ...options.requestHandler, requestTimeout: DATA_TIMEOUT_MS };
  return { options, dataOptions: { ...options, requestHandler } };
}
