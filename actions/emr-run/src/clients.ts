import { EMRClient } from '@aws-sdk/client-emr';
import { S3Client } from '@aws-sdk/client-s3';
import type { RunIdentity } from '../../shared/src/action/run-identity.ts';
import { actionClientOptions } from '../../shared/src/aws/clients.ts';
import { tellRefusals } from './tell-refusals.ts';

/** The clients of AWS that a run on EMR works with. */
export interface EmrClients {
  readonly emr: EMRClient;
  /** Sends nothing twice: EMR would do it twice. */
  readonly emrOnce: EMRClient;
  readonly s3: S3Client;
}

/**
 * Makes the clients.
 *
 * @param roleArn the role whose credentials are minted as long as the job lasts; null for the environment's.
 * @param getToken GitHub's identity token for an audience, as `getIDToken` of @actions/core gives it.
 */
export function createClients(
  roleArn: string | null,
  identity: Pick<RunIdentity, 'runId' | 'runAttempt' | 'region'>,
  getToken: (audience: string) => Promise<string>,
): EmrClients {
  const { options } = actionClientOptions('emr-run', roleArn, identity, getToken);
  const emr = tellRefusals(new EMRClient(options));
  // One session serves all of them.
  const shared = { ...options, credentials: emr.config.credentials };
  const emrOnce = tellRefusals(new EMRClient({ ...shared, maxAttempts: 1 }));
  return { emr, emrOnce, s3: new S3Client(shared) };
}
