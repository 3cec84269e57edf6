import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll } from '@jest/globals';
import { type ActionResult, runAction } from '../aws/action-runner.ts';
import { type OidcIssuer, startOidcIssuer } from '../aws/oidc-issuer.ts';
import { AUDIENCE } from '../aws/oidc-roles.ts';
import { startTestBed, type TestBed } from '../aws/test-bed.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DUTIES, deployTemplate, putRolePolicy, rolePolicies, type Stack } from './deploy-template.ts';
import { actionsAlone, type IamGate, startIamGate } from './iam-gate.ts';
import { list, type Policy, withoutAction } from './policy.ts';

/** What a role of the workflows is for. */
export type Duty = (typeof DUTIES)[number];

/** The deployed roles, and actions that run with nothing but their sessions. */
export interface Roles {
  readonly folder: string;
  readonly bed: TestBed;
  readonly gate: IamGate;
  readonly stack: Stack;
  /** An administrator's S3, for what is there before a run. */
  readonly s3: S3Client;
  /** The session of the role that its actions run with. */
  sessionOf(duty: Duty): Promise<Session>;
  /** Runs the built action, main and post, with a session of the role. */
  run(duty: Duty, action: string, inputs: Readonly<Record<string, string>>): Promise<ActionResult>;
  /** Takes an action from the role for as long as the work lasts. */
  without<Result>(duty: Duty, action: string, work: () => Promise<Result>): Promise<Result>;
  put(key: string, body: Buffer | string): Promise<void>;
  /** By each role, the actions that its policies allow and that nobody has asked of IAM, in the order of their names. */
  unasked(): Readonly<Record<Duty, readonly string[]>>;
}

/** A session as the variables of a job's environment. */
export type Session = Readonly<
  Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string>
>;

/** What AWS's pages ask for of whoever makes a warehouse in a network; the gate knows of no call that needs it. */
export const NETWORK = [
  'ec2:DescribeAccountAttributes',
  'ec2:DescribeAddresses',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeInternetGateways',
] as const;

/** The same of whoever lets AWS keep the administrator's password (Redshift Management Guide, redshift-secrets-manager-integration). */
export const PASSWORD = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:RotateSecret',
  'secretsmanager:UpdateSecret',
] as const;

/** What a step that is cancelled does. */
export const ON_CANCELLATION = 'redshift-data:CancelStatement';

/** The subject of a job of the environment, in the immutable form of the deployed parameters. */
function subjectOf(duty: Duty): string {
  return `repo:octo-org@1001/imdb-titles@2002:environment:imdb-${duty}`;
}

/**
 * Deploys the template on a bed for the tests of a file.
 *
 * @param parameters those that differ from `PARAMETERS`.
 */
export async function openRoles(parameters: Readonly<Record<string, string>> = {}): Promise<Roles> {
  const folder = await temporaryFolder();
  let bed: TestBed;
  let gate: IamGate;
  let issuer: OidcIssuer;
  let stack: Stack;
  let s3: S3Client;
  let runs = 0;
  const full = new Map<string, Record<string, Policy>>();
  beforeAll(async () => {
    [bed, issuer] = await Promise.all([
      startTestBed({ stateSeconds: 0.1, logDelaySeconds: 0.1 }),
      startOidcIssuer(),
    ]);
    gate = await startIamGate(bed);
    stack = await deployTemplate(bed.endpoint, new URL(issuer.issuer).host, 'imdb-titles', parameters);
    for (const role of DUTIES.map((duty) => `${stack.name}-${duty}`)) {
      const policies = await rolePolicies(bed.endpoint, role);
      full.set(role, policies);
      gate.policies.set(role, Object.values(policies));
      for (const [name, policy] of Object.entries(policies))
        await putRolePolicy(bed.endpoint, role, name, actionsAlone(policy));
    }
    const { region, accessKeyId, secretAccessKey, endpoint } = bed.s3;
    s3 = new S3Client({
      region,
      endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    await s3.send(new CreateBucketCommand({ Bucket: stack.lake }));
  });
  afterAll(() => Promise.all([gate.stop(), issuer.stop(), bed.stop()]));

  const assume = async (duty: Duty): Promise<Session> => {
    const sts = new STSClient({ region: bed.s3.region, endpoint: gate.endpoint });
    const { Credentials } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: stack.variables[`IMDB_${duty.toUpperCase()}_ROLE`],
        RoleSessionName: 'run-3003',
        WebIdentityToken: issuer.token(AUDIENCE, { sub: subjectOf(duty) }),
      }),
    );
    return {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
    };
  };
  const sessions = new Map<Duty, Promise<Session>>();
  const sessionOf: Roles['sessionOf'] = (duty) => {
    const session = sessions.get(duty) ?? assume(duty);
    sessions.set(duty, session);
    return session;
  };
  // All of them before moto's IAM is on: it takes no call without a signature.
  beforeAll(() => Promise.all(DUTIES.map(sessionOf)));

  return {
    folder,
    get bed() {
      return bed;
    },
    get gate() {
      return gate;
    },
    get stack() {
      return stack;
    },
    get s3() {
      return s3;
    },
    sessionOf,
    run: async (duty, action, inputs) => {
      runs += 1;
      const work = join(folder, `work-${runs}`);
      await mkdir(work);
      const { main, post } = await runAction({
        folder: join(root, 'actions', action),
        work,
        inputs,
        environment: {
          ...bed.environment,
          AWS_ENDPOINT_URL: gate.endpoint,
          AWS_ENDPOINT_URL_S3: gate.s3Endpoint,
          ...(await sessionOf(duty)),
          GITHUB_RUN_ID: String(3000 + runs),
          GITHUB_JOB: duty,
        },
      });
      if (main.exitCode === 0 && post !== undefined && post.exitCode !== 0)
        throw new Error(`post failed: ${post.log}`);
      return main;
    },
    without: async (duty, action, work) => {
      const role = `${stack.name}-${duty}`;
      const policies = Object.values(full.get(role) ?? {});
      gate.policies.set(
        role,
        policies.map((policy) => withoutAction(policy, action)),
      );
      try {
        return await work();
      } finally {
        gate.policies.set(role, policies);
      }
    },
    put: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: stack.lake, Key, Body }));
    },
    unasked: () => {
      const ofRole = (role: string) => {
        const statements = (gate.policies.get(role) ?? []).flatMap(({ Statement }) => Statement);
        const allowed = new Set(statements.flatMap(({ Action }) => list(Action)));
        return [...allowed].filter((action) => !gate.asked.has(`${role} ${action}`)).toSorted();
      };
      return Object.fromEntries(
        DUTIES.map((duty) => [duty, ofRole(`${stack.name}-${duty}`)]),
      ) as unknown as Record<Duty, readonly string[]>;
    },
  };
}

/** Puts a run's files into the lake, and its manifest last. */
export async function putRun(roles: Roles, folder: string, runId: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name !== 'manifest.json');
  for (const name of [...names, 'manifest.json'])
    await roles.put(`imdb_titles/run=${runId}/${name}`, await readFile(join(folder, name)));
  return `s3://${roles.stack.lake}/imdb_titles/run=${runId}/manifest.json`;
}
