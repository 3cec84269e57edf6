import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A token service in front of the bed's. */
export interface StsForS3 {
  readonly endpoint: string;
  /** How many sessions it gave out. */
  readonly sessions: () => number;
  readonly stop: () => void;
}

/**
 * Starts a token service that has the bed check each token and each role's trust, and then gives out the keys
 * of the S3 server in place of the bed's, without a session's token: the S3 server checks signatures and knows
 * neither other keys nor tokens.
 */
export async function startStsForS3(bed: Readonly<Record<string, string>>): Promise<StsForS3> {
  const { AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = bed;
  let sessions = 0;
  const answer = async (body: Buffer, type: string) => {
    const forwarded = await fetch(AWS_ENDPOINT_URL, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(body),
    });
    if (forwarded.ok) sessions += 1;
    const text = (await forwarded.text())
      .replace(/(<AccessKeyId>)[^<]*/, `$1${AWS_ACCESS_KEY_ID}`)
      .replace(/(<SecretAccessKey>)[^<]*/, `$1${AWS_SECRET_ACCESS_KEY}`)
      .replace(/<SessionToken>[^<]*<\/SessionToken>/, '');
    return { status: forwarded.status, text };
  };
  const server = createServer((request, response) => {
    buffer(request)
      .then((body) => answer(body, request.headers['content-type'] ?? ''))
      .then(
        ({ status, text }) => response.writeHead(status, { 'content-type': 'text/xml' }).end(text),
        (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
      );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    sessions: () => sessions,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
