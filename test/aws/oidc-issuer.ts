import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** The claims of a token; those that are not given are a run's of the default branch. */
export type Claims = Readonly<Record<string, string | number>>;

/** What a job is, as its tokens tell it. */
export interface OidcIssuerOptions {
  /** Claims that differ from the default ones. */
  readonly claims?: Claims;
  /** The audiences that may be asked for; any, when there are none. */
  readonly audiences?: readonly string[];
}

/** GitHub's token service on loopback. */
export interface OidcIssuer {
  /** What a relying party knows the issuer by; its documents are below it. */
  readonly issuer: string;
  /** The variables by which a job finds the token service. */
  readonly environment: Readonly<
    Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string>
  >;
  /** A token as the service gives it, with claims of its own, for example an `exp` in the past. */
  readonly token: (audience: string, claims?: Claims) => string;
  readonly stop: () => Promise<void>;
}

const KEY_ID = 'test-key';
// GitHub's tokens live that long.
const LIFETIME_SECONDS = 300;
const OWNER = 'octo-org';
const REPOSITORY = `${OWNER}/imdb-titles`;

/** The default claims; `sub` in the immutable form, which repositories made since July 2026 have. */
export const defaultClaims: Claims = {
  sub: `repo:${OWNER}@1001/imdb-titles@2002:ref:refs/heads/main`,
  repository: REPOSITORY,
  repository_id: '2002',
  repository_owner: OWNER,
  repository_owner_id: '1001',
  repository_visibility: 'private',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  sha: '0123456789abcdef0123456789abcdef01234567',
  workflow: 'pipeline',
  workflow_ref: `${REPOSITORY}/.github/workflows/pipeline.yml@refs/heads/main`,
  job_workflow_ref: `${REPOSITORY}/.github/workflows/pipeline.yml@refs/heads/main`,
  event_name: 'workflow_dispatch',
  actor: 'octocat',
  actor_id: '1001',
  run_id: '3003',
  run_number: '1',
  run_attempt: '1',
  runner_environment: 'github-hosted',
};

/** Starts the issuer with a key of its own. */
export async function startOidcIssuer(options: OidcIssuerOptions = {}): Promise<OidcIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const bearer = randomBytes(16).toString('hex');
  const server = createServer((incoming, outgoing) => answer(incoming, outgoing)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a port has a number');
  const issuer = `http://127.0.0.1:${address.port}`;

  const token = (audience: string, claims: Claims = {}): string => {
    const now = Math.floor(Date.now() / 1000);
    const times = { nbf: now - LIFETIME_SECONDS, iat: now, exp: now + LIFETIME_SECONDS };
    const payload = {
      ...defaultClaims,
      jti: randomUUID(),
      iss: issuer,
      aud: audience,
      ...times,
      ...options.claims,
      ...claims,
    };
    const signed = [{ alg: 'RS256', typ: 'JWT', kid: KEY_ID }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };

  const giveToken = (incoming: IncomingMessage, outgoing: ServerResponse, audiences: string[]): void => {
    if (incoming.headers.authorization !== `Bearer ${bearer}`)
      return send(outgoing, 401, { message: 'the request token is missing or wrong' });
    const [audience = `https://github.com/${OWNER}`, ...others] = audiences;
    const isAllowed = options.audiences?.includes(audience) ?? true;
    if (others.length > 0 || audience === '' || !isAllowed)
      return send(outgoing, 400, { message: `the audience ${audiences.join(', ')} cannot be asked for` });
    send(outgoing, 200, { value: token(audience) });
  };

  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', issuer);
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return send(outgoing, 200, {
          issuer,
          jwks_uri: `${issuer}/.well-known/jwks`,
          subject_types_supported: ['public', 'pairwise'],
          response_types_supported: ['id_token'],
          claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', ...Object.keys(defaultClaims)],
          id_token_signing_alg_values_supported: ['RS256'],
          scopes_supported: ['openid'],
        });
      case '/.well-known/jwks': {
        const key = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' };
        return send(outgoing, 200, { keys: [key] });
      }
      case '/token':
        return giveToken(incoming, outgoing, searchParams.getAll('audience'));
      default:
        return send(outgoing, 404, { message: `there is no ${pathname}` });
    }
  };

  return {
    issuer,
    environment: {
      // With a query, as GitHub's: its client appends the audience with an ampersand.
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
    token,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(outgoing: ServerResponse, status: number, document: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}
