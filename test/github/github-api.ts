import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, answerCall, type GithubStore, notFound } from './github-answers.ts';

/** A request that is not answered as usual. */
export interface Fault {
  /** Of which requests, for example `POST /issues`: method and the path behind the repository's. */
  readonly of: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** How often; once by default. */
  readonly times?: number;
  /** Whether it is done all the same, and only the answer is lost. */
  readonly isDone?: boolean;
}

/** A server on loopback with one repository. */
export interface GithubApi extends GithubStore {
  /** What `GITHUB_API_URL` is set to. */
  readonly url: string;
  /** All requests so far, as `POST /issues`. */
  readonly requests: readonly string[];
  /** Requests to be answered otherwise. */
  fail(fault: Fault): void;
  /** Called before each answer; a test does there what another run does at the same time. */
  onRequest: (request: string) => void;
  /** Forgets everything but the tokens. */
  reset(): void;
  stop(): Promise<void>;
}

/**
 * Starts the server.
 *
 * @param options.token what may read and write.
 * @param options.readOnlyToken what may only read, as the token of a fork's run.
 */
export async function startGithubApi(options: {
  readonly token: string;
  readonly readOnlyToken?: string;
  readonly repository?: string;
}): Promise<GithubApi> {
  const { token, readOnlyToken = null, repository = 'octo-org/imdb-titles' } = options;
  const faults: { fault: Fault; left: number }[] = [];
  const requests: string[] = [];

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      send(response, { status: 500, body: { message: String(error) } });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const api: GithubApi = {
    url: address,
    issues: [],
    comments: [],
    labels: new Set(),
    enabledWorkflows: [],
    pushedAt: new Date().toISOString(),
    runs: [],
    requests,
    fail: (fault) => {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    onRequest: () => {},
    reset: () => {
      for (const list of [api.issues, api.comments, api.enabledWorkflows, api.runs, requests, faults])
        list.length = 0;
      api.labels.clear();
      api.onRequest = () => {};
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', address);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const prefix = `/repos/${repository}`;
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
    const route = `${request.method} ${path}`;
    requests.push(route);
    api.onRequest(route);
    const given = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== token && given !== readOnlyToken) {
      send(response, { status: 401, body: { message: 'Bad credentials' } });
      return;
    }
    if (request.method !== 'GET' && given !== token) {
      send(response, { status: 403, body: { message: 'Resource not accessible by integration' } });
      return;
    }
    const call = (): Answer =>
      url.pathname.startsWith(prefix)
        ? answerCall(api, {
            route,
            query: url.searchParams,
            body: text === '' ? {} : JSON.parse(text),
            address: `${address}${url.pathname}`,
          })
        : notFound;
    const failing = faults.find(({ fault, left }) => left > 0 && fault.of.test(route));
    if (failing === undefined) {
      send(response, call());
      return;
    }
    failing.left -= 1;
    const { status, headers = {}, message = 'Server Error', isDone = false } = failing.fault;
    if (isDone) call();
    send(response, { status, headers, body: { message } });
  }

  return api;
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
