import { RedshiftClient } from '@aws-sdk/client-redshift';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import type { RunIdentity } from '../../shared/src/action/run-identity.ts';
import { actionClientOptions } from '../../shared/src/aws/clients.ts';

/** The clients of AWS that the action works with. */
export interface ProvisionClients {
  readonly serverless: RedshiftServerlessClient;
  readonly redshift: RedshiftClient;
  readonly data: RedshiftDataClient;
}

/**
 * Makes the clients.
 *
 * @param roleArn the role whose credentials are minted as long as the job lasts; null for the environment's.
 * @param getToken GitHub's identity token for an audience, as `getIDToken` of @actions/core gives it.
 */
export function createClients(
  roleArn: string | null,
  identity: RunIdentity,
  getToken: (audience: string) => Promise<string>,
): ProvisionClients {
  const { options, dataOptions } = actionClientOptions('redshift-provision', roleArn, identity, getToken);
  const data = new RedshiftDataClient(dataOptions);
  // One session serves all of them.
  const shared = { ...options, credentials: data.config.credentials };
  return { data, serverless: new RedshiftServerlessClient(shared), redshift: new RedshiftClient(shared) };
}
