import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A server's answer, read whole. */
export interface Answer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/**
 * Sends a call on to another server.
 *
 * @param change makes other headers of the call's. Without it they go on as they are, the host's too: the client signed
 *   them. Only what asked for an interim answer has had it.
 */
export async function forward(
  endpoint: string,
  incoming: IncomingMessage,
  body: Buffer,
  change = (_url: URL, headers: IncomingHttpHeaders): IncomingHttpHeaders => headers,
): Promise<Answer> {
  const url = new URL(incoming.url ?? '/', endpoint);
  const { expect: _, ...headers } = incoming.headers;
  const onward = request(url, {
    method: incoming.method ?? 'GET',
    headers: change(url, headers),
    agent: false,
  });
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  const hopByHop = /^(connection|keep-alive|transfer-encoding)$/i;
  const kept = answer.rawHeaders.filter(
    (_name, index, all) => !hopByHop.test(all[index - (index % 2)] ?? ''),
  );
  return { status: answer.statusCode ?? 502, headers: kept, body: await buffer(answer) };
}

/** Answers a call with it. */
export function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, [...headers]).end(body);
}
