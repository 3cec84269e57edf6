import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { getIDToken } from '@actions/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await startOidcIssuer({ claims: { ref: 'refs/heads/other' }, audiences: ['sts.amazonaws.com'] });
});
afterAll(() => issuer.stop());

const before = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, issuer.environment);
  // GitHub's client writes commands to its output.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of Object.keys(issuer.environment)) delete process.env[name];
  Object.assign(process.env, before);
});

interface Documents {
  readonly jwks_uri: string;
  readonly issuer: string;
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
}

async function read(address: string): Promise<Documents> {
  return (await (await fetch(address)).json()) as Documents;
}

function partsOf(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const decode = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return {
    header: decode(header),
    claims: decode(payload),
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

test("GitHub's own client gets a token that the issuer's published key verifies", async () => {
  const { header, claims, signed, signature } = partsOf(await getIDToken('sts.amazonaws.com'));
  const configuration = await read(`${issuer.issuer}/.well-known/openid-configuration`);
  expect(configuration.issuer).toBe(issuer.issuer);
  const { keys } = await read(configuration.jwks_uri);
  const key = keys.find(({ kid }) => kid === header.kid);
  if (key === undefined) throw new Error('the key is not published');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  expect(verify('sha256', signed, publicKey, signature)).toBe(true);
  expect(verify('sha256', Buffer.concat([signed, Buffer.from('x')]), publicKey, signature)).toBe(false);
  expect(claims).toMatchObject({
    iss: issuer.issuer,
    aud: 'sts.amazonaws.com',
    sub: 'repo:octo-org@1001/imdb-titles@2002:ref:refs/heads/main',
    repository: 'octo-org/imdb-titles',
    ref: 'refs/heads/other',
  });
  expect(Number(claims.exp) - Date.now() / 1000).toBeGreaterThan(200);
});

test('a test gives a token claims of its own', () => {
  const sub = 'repo:octo-org/imdb-titles:environment:production';
  const { claims } = partsOf(issuer.token('sts.amazonaws.com', { sub, exp: 1 }));
  expect(claims).toMatchObject({ sub, exp: 1 });
});

test('another audience is refused', async () => {
  await expect(getIDToken('example.org')).rejects.toThrow(/400/);
});

test('a wrong request token is refused', async () => {
  process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN = 'wrong';
  await expect(getIDToken('sts.amazonaws.com')).rejects.toThrow(/401/);
});

test("without an audience the owner's address is taken, as GitHub does", async () => {
  const open = await startOidcIssuer();
  try {
    Object.assign(process.env, open.environment);
    expect(partsOf(await getIDToken()).claims.aud).toBe('https://github.com/octo-org');
  } finally {
    await open.stop();
  }
});
