import type { RunIdentity } from '../action/run-identity.ts';
import { webIdentityCredentials } from './web-identity.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 5_000;

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
  const clientConfig = { ...clientOptions(action, null), region };
  const credentials =
    roleArn === null ? null : webIdentityCredentials({ roleArn, sessionName, getToken, clientConfig });
  const options = { ...clientOptions(action, credentials), region };
  const requestHandler = { ...options.requestHandler, requestTimeout: DATA_TIMEOUT_MS };
  return { options, dataOptions: { ...options, requestHandler } };
}
