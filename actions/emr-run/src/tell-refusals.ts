import type { EMRClient, ServiceInputTypes } from '@aws-sdk/client-emr';
import { accessFailure } from '../../shared/src/aws/refusal.ts';

/**
 * Makes the client tell what its credentials or their permissions do not suffice for as a PipelineError, with
 * the operation, the cluster and what to do. All other errors come as they are: their names decide things.
 */
export function tellRefusals(client: EMRClient): EMRClient {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (call) => {
        try {
          return await next(call);
        } catch (error) {
          const action = `elasticmapreduce:${commandName.replace(/Command$/, '')}`;
          throw accessFailure(error, { action, resource: resourceOf(call.input) }) ?? error;
        }
      },
    { step: 'initialize', name: 'tellRefusals' },
  );
  return client;
}

/** The members of EMR's requests that name a cluster. */
const NAMES = ['ClusterId', 'JobFlowId', 'ResourceId', 'JobFlowIds', 'Name'] as const;

/** The clusters that a request is about. */
function resourceOf(input: ServiceInputTypes): string {
  const members = new Map<string, unknown>(Object.entries(input));
  const value = NAMES.map((member) => members.get(member)).find((one) => one !== undefined);
  if (typeof value === 'string') return `cluster ${value}`;
  return Array.isArray(value) ? `cluster ${value.join(', ')}` : 'the clusters of the account';
}
