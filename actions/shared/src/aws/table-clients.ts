import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import type { RunIdentity } from '../action/run-identity.ts';
import { actionClientOptions } from './clients.ts';

/** The clients of what works with a table and its runs. */
export interface TableClients {
  readonly data: RedshiftDataClient;
  readonly s3: S3Client;
}

/**
 * Makes the clients.
 *
 * @param action the action's name, for CloudTrail and for those who read it.
 * @param roleArn the role whose credentials are minted as long as the job lasts; null for the environment's.
 * @param getToken GitHub's identity token for an audience, as `getIDToken` of @actions/core gives it.
 */
export function createTableClients(
  action: string,
  roleArn: string | null,
  identity: RunIdentity,
  getToken: (audience: string) => Promise<string>,
): TableClients {
  const { options, dataOptions } = actionClientOptions(action, roleArn, identity, getToken);
  const data = new RedshiftDataClient(dataOptions);
  // One session serves both of them.
  return { data, s3: new S3Client({ ...options, credentials: data.config.credentials }) };
}
