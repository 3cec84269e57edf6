import type { RedshiftTarget } from '../../shared/src/redshift-data/data-api.ts';
import type { Inputs } from './inputs.ts';

/** Where the inputs say that the statements run. */
export function redshiftTarget(inputs: Inputs): RedshiftTarget {
  const { kind, identifier, database, 'secret-arn': secretArn, 'db-user': dbUser } = inputs;
  if (identifier === null) throw new TypeError('readInputs sees to it that Redshift has an identifier');
  if (kind === 'serverless') {
    return { kind, workgroup: identifier, database, ...(secretArn === null ? {} : { secretArn }) };
  }
  if (dbUser !== null) return { kind, cluster: identifier, database, login: { dbUser } };
  if (secretArn === null) throw new TypeError('readInputs sees to it that a cluster has a login');
  return { kind, cluster: identifier, database, login: { secretArn } };
}
