import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { forward, send } from '../aws/forward.ts';
import type { S3Server } from '../aws/s3-server.ts';
import { signForS3 } from '../aws/sign-s3.ts';

/** S3 for those who have a role's session. */
export interface S3Sessions {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a proxy before the S3 server, which knows one key pair only: a call with a session's credentials
 * is signed anew with that pair, one without a session is refused. So whoever reaches S3 here has gone
 * through STS.
 */
export async function startS3Sessions(s3: Omit<S3Server, 'stop'>): Promise<S3Sessions> {
  const server = createServer((incoming, outgoing) => {
    handle(s3, incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port has a number');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(
  s3: Omit<S3Server, 'stop'>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await buffer(incoming);
  if (incoming.headers['x-amz-security-token'] === undefined) {
    outgoing.writeHead(403, { 'content-type': 'application/xml' });
    outgoing.end('<Error><Code>AccessDenied</Code><Message>There is no session.</Message></Error>');
    return;
  }
  const method = incoming.method ?? 'GET';
  const signed = (url: URL, headers: IncomingHttpHeaders) => signForS3(s3, method, url, headers);
  send(outgoing, await forward(s3.endpoint, incoming, body, signed));
}
