import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Answer, forward, send } from '../aws/forward.ts';
import { signForS3 } from '../aws/sign-s3.ts';
import type { TestBed } from '../aws/test-bed.ts';
import { deniedAnswer, type Refusal } from './denied-answer.ts';
import { type Call, type Caller, needsOf } from './needs.ts';
import { isAllowed, type Need, type Policy } from './policy.ts';
import { textsOf } from './query-call.ts';

/** IAM in front of the bed: it lets through what the caller's role allows, with resources and conditions. */
export interface IamGate {
  /** In place of the bed's endpoint. */
  readonly endpoint: string;
  /** In place of the S3 server's. */
  readonly s3Endpoint: string;
  /** The roles' policies; a role that is not here may do nothing. */
  readonly policies: Map<string, readonly Policy[]>;
  /** What was asked of IAM since the start, as `role action`, each once. */
  readonly asked: ReadonlySet<string>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the gate. Sessions are those that STS gives through it; the bed's own key is an administrator's. What
 * moto's IAM leaves out it looks at: resources, conditions, `iam:PassRole`, S3.
 */
export async function startIamGate(bed: TestBed): Promise<IamGate> {
  const policies = new Map<string, readonly Policy[]>();
  const callers = new Map<string, Caller>();
  const asked = new Set<string>();
  const clusterTags = new Map<string, Record<string, string>>();
  const statementOwners = new Map<string, string>();

  /** The first thing that the caller may not; null when all is allowed. */
  const refusalOf = (call: Call, key: string): Refusal | null => {
    if (key === bed.s3.accessKeyId) return null;
    const caller = callers.get(key);
    if (caller === undefined) return { user: key, action: 'sts:GetSession', resource: '*' };
    const own = policies.get(caller.role) ?? [];
    const needs = needsOf(call, { clusterTags, statementOwners }, caller);
    const unknown: Need[] = [
      { action: `${call.service}:${call.operation} (not known to the gate)`, resource: '*' },
    ];
    for (const need of needs ?? unknown) {
      asked.add(`${caller.role} ${need.action}`);
      const context = { ...need.context, 'aws:userid': caller.userId };
      if (isAllowed(own, { ...need, context })) continue;
      const user = `arn:aws:sts::123456789012:assumed-role/${caller.role}/${caller.userId.split(':')[1]}`;
      return { user, ...need };
    }
    return null;
  };

  const learn = (call: Call, key: string, { status, body }: Answer): void => {
    if (status >= 300) return;
    const text = body.toString();
    if (call.operation === 'AssumeRoleWithWebIdentity') {
      const [arn = ''] = textsOf(text, 'Arn');
      const [userId = ''] = textsOf(text, 'AssumedRoleId');
      callers.set(textsOf(text, 'AccessKeyId')[0] ?? '', { role: arn.split('/')[1] ?? '', userId });
    }
    if (call.operation === 'RunJobFlow') {
      const tags = (call.body.Tags ?? []) as { Key: string; Value: string }[];
      const { JobFlowId } = JSON.parse(text) as { JobFlowId: string };
      clusterTags.set(JobFlowId, Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
    }
    if (call.operation.endsWith('ExecuteStatement')) {
      const { Id } = JSON.parse(text) as { Id: string };
      statementOwners.set(Id, callers.get(key)?.userId ?? 'administrator');
    }
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse, isS3: boolean) => {
    const body = await buffer(incoming);
    const { call, key } = readCall(incoming, body, isS3);
    const isOpen = call.service === 'sts' || call.operation === 'AssumeRoleWithWebIdentity';
    const refusal = isOpen ? null : refusalOf(call, key);
    if (refusal !== null) return send(outgoing, deniedAnswer(call.service, refusal));
    const answer = await forward(isS3 ? bed.s3.endpoint : bed.endpoint, incoming, body, (url, headers) =>
      isS3 ? signForS3(bed.s3, incoming.method ?? 'GET', url, headers) : headers,
    );
    learn(call, key, answer);
    // Whoever may not list the bucket is not told that an object is missing (S3 API Reference, GetObject).
    const listing = { ...call, operation: 'GET', key: '' };
    const hidden = isS3 && answer.status === 404 ? refusalOf(listing, key) : null;
    send(outgoing, hidden === null ? answer : deniedAnswer('s3', hidden));
  };
  const listen = async (isS3: boolean) => {
    const server = createServer((incoming, outgoing) => {
      handle(incoming, outgoing, isS3).catch((error: unknown) => {
        outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('a port has a number');
    return { server, endpoint: `http://127.0.0.1:${address.port}` };
  };
  const [aws, s3] = [await listen(false), await listen(true)];
  return {
    endpoint: aws.endpoint,
    s3Endpoint: s3.endpoint,
    policies,
    asked,
    stop: async () => {
      for (const { server } of [aws, s3]) {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }
    },
  };
}

/** Makes moto's own IAM look at what comes: signatures and actions; or stop it. */
export async function switchMotoIam(endpoint: string, isOn: boolean): Promise<void> {
  const answer = await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: isOn ? '0' : 'inf' });
  if (!answer.ok) throw new Error(await answer.text());
}

function readCall(incoming: IncomingMessage, body: Buffer, isS3: boolean): { call: Call; key: string } {
  const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const [, key = '', region = '', service = ''] =
    /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
  const common = { region, query };
  if (isS3) {
    const [, bucket = '', name = ''] = /^\/([^/]+)\/?(.*)$/s.exec(decodeURIComponent(pathname)) ?? [];
    const call = { ...common, service: 's3', operation: incoming.method ?? '', body: {}, bucket, key: name };
    return { call, key };
  }
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') {
    const members = JSON.parse(body.toString() || '{}') as Record<string, unknown>;
    return { call: { ...common, service, operation: target.split('.').at(-1) ?? '', body: members }, key };
  }
  const { Action = '', ...members } = Object.fromEntries(new URLSearchParams(body.toString()));
  return { call: { ...common, service, operation: Action, body: members }, key };
}

/** The policies of a role as moto's IAM can hold to them: it knows actions, but no resources and no conditions. */
export function actionsAlone({ Version, Statement }: Policy): Policy {
  return { Version, Statement: Statement.map(({ Condition: _, ...one }) => ({ ...one, Resource: '*' })) };
}
