import { PipelineError } from '../../../shared/src/errors.ts';
import type { RedshiftTarget } from '../../../shared/src/redshift-data/data-api.ts';
import type { ProvisionAccess } from '../provision-access.ts';
import { readCluster } from './cluster-resource.ts';
import { clusterEndpoint, clusterTarget } from './ensure-cluster.ts';
import { endpointOf } from './ensure-serverless.ts';
import { sendWhenFree } from './send.ts';
import { readNamespace, readWorkgroup } from './serverless-resources.ts';

/**
 * Finds a warehouse that is used as it is: whoever made it, nothing of it is compared or changed.
 *
 * @throws PipelineError `bad-input` when it is not there or not available.
 */
export async function findWarehouse(
  access: ProvisionAccess,
  kind: 'serverless' | 'cluster',
  identifier: string,
  database: string,
): Promise<RedshiftTarget> {
  const { facts, serverless, redshift, signal } = access;
  const subject = `${kind === 'cluster' ? 'cluster' : 'workgroup'} ${identifier}`;
  const read = <Found>(operation: string, send: () => Promise<Found>) =>
    sendWhenFree(access, operation, subject, send);
  if (kind === 'cluster') {
    const cluster = await read('DescribeClusters', () => readCluster(redshift, identifier, signal));
    if (cluster?.ClusterStatus !== 'available') throw notAvailable(subject, cluster?.ClusterStatus);
    facts.endpoint = clusterEndpoint(cluster);
    facts.secretArn = cluster.MasterPasswordSecretArn ?? null;
    return clusterTarget({ identifier, database }, cluster);
  }
  const workgroup = await read('GetWorkgroup', () => readWorkgroup(serverless, identifier, signal));
  if (workgroup?.status !== 'AVAILABLE') throw notAvailable(subject, workgroup?.status);
  const { namespaceName = identifier } = workgroup;
  const namespace = await read('GetNamespace', () => readNamespace(serverless, namespaceName, signal));
  const secretArn = namespace?.adminPasswordSecretArn;
  facts.endpoint = endpointOf(workgroup);
  facts.secretArn = secretArn ?? null;
  const target = { kind, workgroup: identifier, database };
  return secretArn === undefined ? target : { ...target, secretArn };
}

function notAvailable(subject: string, state: string | undefined): PipelineError {
  return new PipelineError({
    kind: 'bad-input',
    what: `The ${subject} is ${state?.toLowerCase() ?? 'not there'}`,
    where: subject,
    why: '`ensure` does not name the warehouse, so it is neither made nor resumed nor waited for',
    done: 'Nothing was started.',
    next: 'Name `warehouse` in `ensure`, or see to it that it is available, and run again.',
  });
}
