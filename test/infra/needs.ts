import type { Need } from './policy.ts';

/** A call as it came over the wire. */
export interface Call {
  /** As the signature names it, for example `elasticmapreduce`. */
  readonly service: string;
  /** The operation's name; of S3 the method. */
  readonly operation: string;
  readonly region: string;
  /** The request's members, by their names in AWS's API. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Of S3: bucket and key; the key is empty for the bucket itself. */
  readonly bucket?: string;
  readonly key?: string;
  readonly query: URLSearchParams;
}

/** What earlier calls made, which conditions ask about. */
export interface Made {
  /** The tags of clusters, by their ids. */
  readonly clusterTags: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Whose statement it is, by its id. */
  readonly statementOwners: ReadonlyMap<string, string>;
}

/** Who calls. */
export interface Caller {
  readonly role: string;
  /** IAM's `aws:userid`: the role's id and the session's name. */
  readonly userId: string;
}

const ACCOUNT = '123456789012';

/**
 * What IAM wants for a call (Service Authorization Reference, the services' tables of actions, resource types,
 * condition keys and dependent actions), as far as the project's actions call.
 *
 * @returns null for a call that is not known here, which is then refused.
 */
export function needsOf(call: Call, made: Made, caller: Caller): Need[] | null {
  switch (call.service) {
    case 'elasticmapreduce':
      return emrNeeds(call, made);
    case 'redshift-data':
      return dataNeeds(call, made, caller);
    case 'redshift-serverless':
      return serverlessNeeds(call);
    case 'redshift':
      return clusterNeeds(call);
    case 's3':
      return s3Needs(call);
    default:
      return null;
  }
}

function emrNeeds({ operation, region, body }: Call, { clusterTags }: Made): Need[] | null {
  const action = `elasticmapreduce:${operation}`;
  const arnOf = (id: string) => `arn:aws:elasticmapreduce:${region}:${ACCOUNT}:cluster/${id}`;
  if (operation === 'ListClusters') return [{ action, resource: '*' }];
  if (operation === 'RunJobFlow') {
    const tags = (body.Tags ?? []) as { Key: string; Value: string }[];
    const context = prefixed(
      'elasticmapreduce:RequestTag/',
      Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    );
    return [
      { action, resource: '*', context },
      // A request with tags needs the right to tag as well.
      { action: 'elasticmapreduce:AddTags', resource: '*', context },
      // So does one with an idle timeout (EMR Management Guide, "Using an auto-termination policy").
      ...(body.AutoTerminationPolicy === undefined
        ? []
        : [{ action: 'elasticmapreduce:PutAutoTerminationPolicy', resource: '*', context }]),
      passRole(body.ServiceRole, 'elasticmapreduce.amazonaws.com'),
      // EMR wants profile and role to be of one name.
      passRole(body.JobFlowRole, 'ec2.amazonaws.com'),
    ];
  }
  const ids = body.JobFlowIds ?? [body.ClusterId ?? body.JobFlowId ?? body.ResourceId];
  return (ids as string[]).map((id) => ({
    action,
    resource: arnOf(id),
    context: prefixed('elasticmapreduce:ResourceTag/', clusterTags.get(id) ?? {}),
  }));
}

function dataNeeds(
  { operation, region, body }: Call,
  { statementOwners }: Made,
  { userId }: Caller,
): Need[] | null {
  const action = `redshift-data:${operation}`;
  if (operation === 'ExecuteStatement' || operation === 'BatchExecuteStatement') {
    // A workgroup's ARN ends with an id that nobody chooses; here its name stands for it.
    const resource =
      body.WorkgroupName === undefined
        ? `arn:aws:redshift:${region}:${ACCOUNT}:cluster:${textOf(body.ClusterIdentifier)}`
        : `arn:aws:redshift-serverless:${region}:${ACCOUNT}:workgroup/${textOf(body.WorkgroupName)}`;
    const login =
      body.SecretArn === undefined
        ? { action: 'redshift-serverless:GetCredentials', resource }
        : { action: 'secretsmanager:GetSecretValue', resource: textOf(body.SecretArn) };
    return [{ action, resource }, login];
  }
  const [id = ''] = textOf(body.Id).split(':');
  // The statements that are listed are the caller's own.
  const owner = operation === 'ListStatements' ? userId : statementOwners.get(id);
  return [{ action, resource: '*', context: { 'redshift-data:statement-owner-iam-userid': owner } }];
}

function serverlessNeeds({ operation, region, body }: Call): Need[] {
  const needs = [{ action: `redshift-serverless:${operation}`, resource: '*' }];
  const isCreation = operation.startsWith('Create');
  if (isCreation && body.tags !== undefined)
    needs.push({ action: 'redshift-serverless:TagResource', resource: '*' });
  for (const role of (body.iamRoles ?? []) as string[]) needs.push(passRole(role, 'redshift.amazonaws.com'));
  if (operation === 'CreateNamespace' && body.manageAdminPassword === true)
    needs.push(...secretNeeds(region, textOf(body.namespaceName)));
  if (operation === 'CreateWorkgroup') needs.push(...networkNeeds());
  return needs;
}

function clusterNeeds({ operation, region, body }: Call): Need[] {
  const needs = [{ action: `redshift:${operation}`, resource: '*' }];
  const names = Object.keys(body);
  if (operation === 'CreateCluster') {
    if (names.some((name) => name.startsWith('Tags.')))
      needs.push({ action: 'redshift:CreateTags', resource: '*' });
    if (body.ManageMasterPassword === 'true')
      needs.push(...secretNeeds(region, textOf(body.ClusterIdentifier)));
    needs.push(...networkNeeds());
  }
  for (const name of names.filter((one) => /^(Add)?IamRoles\./.test(one)))
    needs.push(passRole(body[name], 'redshift.amazonaws.com'));
  return needs;
}

/** What makes and keeps the administrator's secret (Redshift Management Guide, redshift-secrets-manager-integration). */
function secretNeeds(region: string, warehouse: string): Need[] {
  const resource = `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:redshift!${warehouse}-admin-AbCdEf`;
  return ['CreateSecret', 'TagResource'].map((action) => ({ action: `secretsmanager:${action}`, resource }));
}

function networkNeeds(): Need[] {
  return ['DescribeSubnets', 'DescribeSecurityGroups', 'DescribeVpcAttribute'].map((action) => ({
    action: `ec2:${action}`,
    resource: '*',
  }));
}

function s3Needs({ operation, bucket = '', key = '', query }: Call): Need[] | null {
  const lake = `arn:aws:s3:::${bucket}`;
  if (key === '') {
    if (operation !== 'GET' && operation !== 'HEAD') return null;
    const context = { 's3:prefix': query.get('prefix') ?? undefined };
    return [{ action: 's3:ListBucket', resource: lake, context }];
  }
  const actions: Readonly<Record<string, string>> = {
    GET: 's3:GetObject',
    HEAD: 's3:GetObject',
    PUT: 's3:PutObject',
    DELETE: 's3:DeleteObject',
  };
  const action = actions[operation];
  return action === undefined ? null : [{ action, resource: `${lake}/${key}` }];
}

/** A member of a request that is a text; empty when it is not there. */
function textOf(member: unknown): string {
  return typeof member === 'string' ? member : '';
}

function passRole(role: unknown, service: string): Need {
  const given = textOf(role);
  return {
    action: 'iam:PassRole',
    resource: given.startsWith('arn:') ? given : `arn:aws:iam::${ACCOUNT}:role/${given}`,
    context: { 'iam:PassedToService': service },
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
