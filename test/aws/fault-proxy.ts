import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, forward, send } from './forward.ts';

/** What goes wrong with a call. */
export type Fault =
  /** Refused for too many calls, in the form of the service's protocol; not forwarded. */
  | 'throttle'
  /** Refused for want of a permission; not forwarded. */
  | 'denied'
  /** The service's own failure, HTTP 500; not forwarded. */
  | 'server-error'
  /** The connection is reset before anything happened. */
  | 'reset'
  /** Answered, but late. */
  | 'latency'
  /** The service does what it is asked, and its answer is lost. */
  | 'lost-answer'
  /** The service does what it is asked, and its answer does not come, for as long as the client waits. */
  | 'held-answer'
  /** Nothing happens, for as long as the client waits. */
  | 'black-hole'
  /** The connection is reset in the middle of the answer's body. */
  | 'cut-body'
  /** The credentials of an answer of STS end soon, earlier than the 15 minutes that are AWS's least. */
  | 'short-session';

/** A fault, and which calls it befalls. */
export interface FaultRule {
  /** The operation's name, or for S3 the method and the start of the path: `GET /bucket/key`. */
  readonly operation: string;
  readonly fault: Fault;
  /** How many calls it befalls; the ones after them go through. */
  readonly times: number;
  /** How many calls go through before it begins, counted from when the rule was added. */
  readonly after?: number;
  /** How late a late answer is, or how long a short session lasts from now. */
  readonly milliseconds?: number;
}

/** An HTTP proxy that does harm on purpose. */
export interface FaultProxy {
  /** What to give to a client as the service's endpoint. */
  readonly endpoint: string;
  /** Adds a rule; of several that fit a call the first that is not used up counts. */
  readonly add: (rule: FaultRule) => void;
  /** How many calls came of an operation, in the form of a rule's, whatever became of them. */
  readonly calls: (operation: string) => number;
  readonly stop: () => Promise<void>;
}

type Protocol = 'json' | 'query' | 's3';

interface Call {
  readonly operation: string;
  readonly protocol: Protocol;
}

const DEFAULT_MILLISECONDS = 1000;

/** Starts a proxy on loopback in front of an endpoint. */
export async function startFaultProxy(
  endpoint: string,
  rules: readonly FaultRule[] = [],
): Promise<FaultProxy> {
  const pendingOf = (rule: FaultRule) => ({ rule, left: rule.times, spared: rule.after ?? 0 });
  const pending = rules.map(pendingOf);
  const seen: string[] = [];

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const call = callOf(incoming, body);
    seen.push(call.operation);
    const entry = pending.find((one) => {
      if (one.left === 0 || !fits(one.rule.operation, call.operation)) return false;
      if (one.spared === 0) return true;
      one.spared -= 1;
      return false;
    });
    if (entry === undefined) return send(outgoing, await forward(endpoint, incoming, body));
    entry.left -= 1;
    await befall(entry.rule, call, () => forward(endpoint, incoming, body), outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => reset(outgoing));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port has a number');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    add: (rule) => pending.push(pendingOf(rule)),
    calls: (operation) => seen.filter((one) => fits(operation, one)).length,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function befall(
  { fault, milliseconds = DEFAULT_MILLISECONDS }: FaultRule,
  { protocol }: Call,
  forwarded: () => Promise<Answer>,
  outgoing: ServerResponse,
): Promise<void> {
  switch (fault) {
    case 'throttle':
      return send(outgoing, refusal(protocol, THROTTLES[protocol]));
    case 'denied':
      return send(outgoing, refusal(protocol, DENIALS[protocol]));
    case 'server-error':
      return send(outgoing, refusal(protocol, SERVER_ERRORS[protocol]));
    case 'reset':
      return reset(outgoing);
    case 'latency':
      await sleep(milliseconds);
      return send(outgoing, await forwarded());
    case 'lost-answer':
      await forwarded();
      return reset(outgoing);
    case 'held-answer':
      await forwarded();
      return;
    case 'cut-body':
      return cut(outgoing, await forwarded());
    case 'short-session':
      return send(outgoing, endedBy(Date.now() + milliseconds, await forwarded()));
    case 'black-hole':
      // The connection stays open until the client gives up or the proxy ends.
      return;
  }
}

const THROTTLES = {
  json: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  query: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  s3: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
} as const;

const DENIALS = {
  json: { status: 400, code: 'AccessDeniedException', message: 'You are not authorized to do this' },
  query: { status: 403, code: 'AccessDenied', message: 'You are not authorized to do this' },
  s3: { status: 403, code: 'AccessDenied', message: 'Access Denied' },
} as const;

const SERVER_ERRORS = {
  json: { status: 500, code: 'InternalServerException', message: 'Internal failure' },
  query: { status: 500, code: 'InternalFailure', message: 'Internal failure' },
  s3: { status: 500, code: 'InternalError', message: 'We encountered an internal error. Please try again.' },
} as const;

function refusal(
  protocol: Protocol,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): Answer {
  const id = 'fault-proxy';
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  const forms = {
    json: ['application/x-amz-json-1.1', JSON.stringify({ __type: code, message })],
    query: [
      'text/xml',
      `<ErrorResponse><Error><Type>${status === 500 ? 'Receiver' : 'Sender'}</Type>${error}</Error>` +
        `<RequestId>${id}</RequestId></ErrorResponse>`,
    ],
    s3: [
      'application/xml',
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}<RequestId>${id}</RequestId></Error>`,
    ],
  } as const;
  const [type, body] = forms[protocol];
  return {
    status,
    headers: ['content-type', type, 'x-amzn-requestid', id, 'x-amzn-errortype', code],
    body: Buffer.from(body),
  };
}

/** Which operation of which protocol it is: a target header, an Action parameter, or else the path. */
function callOf(incoming: IncomingMessage, body: Buffer): Call {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') return { operation: target.split('.').at(-1) ?? target, protocol: 'json' };
  const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const action = (isForm ? new URLSearchParams(body.toString()) : searchParams).get('Action');
  if (action !== null) return { operation: action, protocol: 'query' };
  // Without a target and an action it is S3 or a service of the REST form with JSON; the signature tells.
  const service = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1];
  const protocol = service === undefined || service === 's3' ? 's3' : 'json';
  return { operation: `${incoming.method ?? 'GET'} ${decodeURIComponent(pathname)}`, protocol };
}

function fits(wanted: string, operation: string): boolean {
  return wanted === operation || (wanted.includes(' ') && operation.startsWith(wanted));
}

/** The answer with another end of its credentials; its length changes with it. */
function endedBy(time: number, { status, headers, body }: Answer): Answer {
  const end = /(?<=<Expiration>)[^<]*/;
  const text = body.toString();
  if (!end.test(text)) throw new TypeError('only an answer of STS has credentials that end');
  return {
    status,
    headers: withoutLength(headers),
    body: Buffer.from(text.replace(end, new Date(time).toISOString())),
  };
}

function withoutLength(headers: readonly string[]): string[] {
  return headers.filter((_name, index) => headers[index - (index % 2)]?.toLowerCase() !== 'content-length');
}

function cut(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, [...withoutLength(headers), 'content-length', String(body.length)]);
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    // What is written has to be on its way before the reset overtakes it.
    setTimeout(() => reset(outgoing), 20);
  });
}

function reset(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}
