import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { Timing } from './timing.ts';

/** Where statements run: a cluster or a Serverless workgroup, and a database there. */
export type RedshiftTarget =
  | {
      readonly kind: 'cluster';
      readonly cluster: string;
      readonly database: string;
      /** A database user for temporary credentials, or a secret's ARN. */
      readonly login: { readonly dbUser: string } | { readonly secretArn: string };
    }
  | {
      readonly kind: 'serverless';
      readonly workgroup: string;
      readonly database: string;
      /** Without a secret the caller's own identity logs in. */
      readonly secretArn?: string;
    };

/** All that a call of the Data API needs; nothing below reads a clock or makes a client of its own. */
export interface DataApi {
  /**
   * A time limit of the client's for one request has to be above 30 seconds, for that is how long
   * DescribeStatement may wait.
   */
  readonly client: RedshiftDataClient;
  readonly target: RedshiftTarget;
  readonly timing: Timing;
  /** When all waiting ends, in milliseconds since 1970 as {@link Timing.now} gives them. */
  readonly deadline: number;
  /** Cancels the running statement on the server. */
  readonly signal?: AbortSignal;
}

/** Whether the caller has cancelled the run; asked anew each time, for it changes while one waits. */
export function isCancelled({ signal }: DataApi): boolean {
  return signal?.aborted === true;
}

/** What kind of failure it is that nothing more is waited for: somebody's wish or the clock's. */
export function stopKind(api: DataApi): 'cancelled' | 'timed-out' {
  return isCancelled(api) ? 'cancelled' : 'timed-out';
}

/** The signal as an option of a client's call. */
export function abortOption({ signal }: DataApi): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The target as the members of a request that runs statements. */
export function targetMembers(target: RedshiftTarget): {
  readonly Database: string;
  readonly ClusterIdentifier?: string;
  readonly WorkgroupName?: string;
  readonly DbUser?: string;
  readonly SecretArn?: string;
} {
  const Database = target.database;
  if (target.kind === 'cluster') {
    const { cluster, login } = target;
    const loginMember = 'dbUser' in login ? { DbUser: login.dbUser } : { SecretArn: login.secretArn };
    return { Database, ClusterIdentifier: cluster, ...loginMember };
  }
  const secret = target.secretArn === undefined ? {} : { SecretArn: target.secretArn };
  return { Database, WorkgroupName: target.workgroup, ...secret };
}

/** The target as a person calls it. */
export function describeTarget(target: RedshiftTarget): string {
  const place =
    target.kind === 'cluster'
      ? `Redshift cluster ${target.cluster}`
      : `Redshift workgroup ${target.workgroup}`;
  return `the database ${target.database} of the ${place}`;
}
