import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, expect, test } from '@jest/globals';
import { refusal } from './emr-clusters.ts';
import { startTestBed } from './test-bed.ts';

const { endpoint, stop } = await startTestBed();
afterAll(stop);
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

const issuer = createServer((request, response) => {
  const key = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
  const isKeys = request.url === '/.well-known/jwks';
  response.writeHead(isKeys ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isKeys ? { keys: [key] } : {}));
}).listen(0, '127.0.0.1');
await once(issuer, 'listening');
afterAll(() => void issuer.close());
const address = issuer.address();
const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
const audience = 'sts.amazonaws.com';
const provider = `arn:aws:iam::123456789012:oidc-provider/${host}`;
const signed =
  'AWS4-HMAC-SHA256 Credential=bed/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0';

/** Calls IAM by its query protocol. */
async function iam(action: string, parameters: Record<string, string>): Promise<void> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: signed, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

await iam('CreateOpenIDConnectProvider', {
  Url: `http://${host}`,
  'ClientIDList.member.1': audience,
  'ThumbprintList.member.1': '0'.repeat(40),
});

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token such as GitHub's, with some claims changed. */
function token(changes: Record<string, unknown> = {}, key = keys.privateKey, alg = 'RS256'): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `http://${host}`,
    sub: 'repo:owner/name:ref:refs/heads/main',
    aud: audience,
    iat: now,
    exp: now + 300,
    repository: 'owner/name',
    ...changes,
  };
  const content = `${encode({ alg, typ: 'JWT', kid: 'one' })}.${encode(claims)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(key).toString('base64url')}`;
}

let roles = 0;

/** Makes a role with this condition and assumes it. */
async function assume(
  condition: object,
  webToken: string,
  statement: object = {},
  others: readonly object[] = [],
) {
  roles += 1;
  const RoleName = `role-${roles}`;
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: condition,
      ...statement,
    },
    ...others,
  ];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam('CreateRole', { RoleName, AssumeRolePolicyDocument });
  return assumeByName(RoleName, webToken);
}

const client = new STSClient({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'bed', secretAccessKey: 'bed' },
});

const assumeByName = (name: string, WebIdentityToken: string, DurationSeconds = 900) =>
  client.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::123456789012:role/${name}`,
      RoleSessionName: 'run-1',
      WebIdentityToken,
      DurationSeconds,
    }),
  );

const subject = `${host}:sub`;
const branch = {
  StringEquals: { [subject]: 'repo:owner/name:ref:refs/heads/main', [`${host}:aud`]: audience },
};
const denied = { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };

test('a right token gives credentials of the role', async () => {
  const answer = await assume(branch, token());
  expect(answer).toMatchObject({
    SubjectFromWebIdentityToken: 'repo:owner/name:ref:refs/heads/main',
    Audience: audience,
    Provider: provider,
  });
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
  const assumed = new STSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  });
  const { Arn } = await assumed.send(new GetCallerIdentityCommand({}));
  expect(Arn).toMatch(/assumed-role\/role-\d+\/run-1$/);
});

test.each<[what: string, condition: object]>([
  ['StringLike', { StringLike: { [subject]: 'repo:owner/*:ref:refs/heads/m??n' } }],
  [
    'one of several values',
    { StringEquals: { [subject]: ['other', 'repo:owner/name:ref:refs/heads/main'] } },
  ],
  ['ForAnyValue', { 'ForAnyValue:StringLike': { [`${host}:aud`]: 'sts.*' } }],
  ['another claim', { StringEquals: { [`${host}:repository`]: 'owner/name' } }],
  ['StringNotEquals', { StringNotEquals: { [subject]: 'repo:owner/name:pull_request' } }],
  ['StringNotLike', { StringNotLike: { [subject]: 'repo:other/*' } }],
  [
    'IfExists of a claim that is not there',
    { StringEqualsIfExists: { [`${host}:environment`]: 'production' } },
  ],
  ['ForAllValues', { 'ForAllValues:StringLike': { [`${host}:aud`]: 'sts.*' } }],
  [
    'a key in other letters',
    { StringEquals: { [subject.toUpperCase()]: 'repo:owner/name:ref:refs/heads/main' } },
  ],
])('the trust policy lets in by %s', async (_what, condition) => {
  expect((await assume(condition, token())).Credentials?.AccessKeyId).toBeTruthy();
});

test.each<[what: string, condition: object, statement?: object]>([
  ['another subject', { StringEquals: { [subject]: 'repo:owner/name:pull_request' } }],
  ['a pattern under StringEquals', { StringEquals: { [subject]: 'repo:owner/*' } }],
  ['a pattern that does not match', { StringLike: { [subject]: 'repo:other/*' } }],
  ['ForAnyValue without a match', { 'ForAnyValue:StringEquals': { [`${host}:aud`]: ['a', 'b'] } }],
  ['a claim that the token has not', { StringEquals: { [`${host}:environment`]: 'production' } }],
  ['one of two lines', { StringEquals: { ...branch.StringEquals, [`${host}:repository`]: 'other/name' } }],
  ['another issuer’s key', { StringEquals: { 'example.com:sub': 'repo:owner/name:ref:refs/heads/main' } }],
  ['another provider', branch, { Principal: { Federated: `${provider}x` } }],
  ['another action', branch, { Action: 'sts:AssumeRole' }],
  ['Deny', branch, { Effect: 'Deny' }],
  ['StringNotEquals', { StringNotEquals: { [subject]: 'repo:owner/name:ref:refs/heads/main' } }],
  ['IfExists of a claim that is there', { StringEqualsIfExists: { [`${host}:repository`]: 'other/name' } }],
  ['brackets, which are letters in a pattern', { StringLike: { [subject]: 'repo:[o]wner/*' } }],
  ['letters in another case', { StringLike: { [subject]: 'REPO:owner/*' } }],
  ['an operator that is not known', { NumericEquals: { [subject]: 'repo:owner/name:ref:refs/heads/main' } }],
])('the trust policy keeps out by %s', async (_what, condition, statement = {}) => {
  expect(await refusal(assume(condition, token(), statement))).toStrictEqual(denied);
});

test('Deny is stronger than Allow', async () => {
  const deny = {
    Effect: 'Deny',
    Principal: { Federated: provider },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringLike: { [subject]: 'repo:owner/*' } },
  };
  expect(await refusal(assume(branch, token(), {}, [deny]))).toStrictEqual(denied);
  const elsewhere = { ...deny, Condition: { StringLike: { [subject]: 'repo:other/*' } } };
  expect((await assume(branch, token(), {}, [elsewhere])).Credentials?.AccessKeyId).toBeTruthy();
});

test('several audiences are held to ForAllValues, when one is not, and to ForAnyValue, when one is', async () => {
  const both = token({ aud: [audience, 'other'] });
  const all = { 'ForAllValues:StringEquals': { [`${host}:aud`]: audience } };
  expect(await refusal(assume(all, both))).toStrictEqual(denied);
  const any = { 'ForAnyValue:StringEquals': { [`${host}:aud`]: 'other' } };
  expect(await assume(any, both)).toHaveProperty('Audience', audience);
});

test('a policy may allow all of STS’s actions', async () => {
  expect((await assume(branch, token(), { Action: ['sts:*'] })).Credentials?.AccessKeyId).toBeTruthy();
});

test('an issuer by plain http is asked on loopback only', async () => {
  await iam('CreateOpenIDConnectProvider', {
    Url: 'https://issuer.example',
    'ClientIDList.member.1': audience,
    'ThumbprintList.member.1': '0'.repeat(40),
  });
  const { name, message } = await refusal(assume(branch, token({ iss: 'http://issuer.example' })));
  expect(name).toMatch('InvalidIdentityToken');
  expect(message).toMatch(/must be an https address/);
});

test('an unknown role is refused, with HTTP 403', async () => {
  const error: unknown = await assumeByName('nobody', token()).catch((reason: unknown) => reason);
  expect(error).toHaveProperty('name', 'AccessDenied');
  expect(error).toHaveProperty('$metadata.httpStatusCode', 403);
});

test.each<[what: string, webToken: () => string, name: string, message: RegExp]>([
  ['no JWT', () => 'garbage', 'InvalidIdentityToken', /not a valid JWT/],
  ['a strange signature', () => token({}, strangers.privateKey), 'InvalidIdentityToken', /not valid/],
  ['another algorithm', () => token({}, keys.privateKey, 'HS256'), 'InvalidIdentityToken', /not valid/],
  ['another audience', () => token({ aud: 'other' }), 'InvalidIdentityToken', /Incorrect token audience/],
  [
    'an unknown issuer',
    () => token({ iss: 'https://x.org' }),
    'InvalidIdentityToken',
    /No OpenIDConnect provider/,
  ],
  ['no subject', () => token({ sub: undefined }), 'InvalidIdentityToken', /sub/],
  ['no beginning', () => token({ iat: undefined }), 'InvalidIdentityToken', /iat/],
  ['a beginning in the future', () => token({ nbf: 4_000_000_000 }), 'InvalidIdentityToken', /not valid/],
  ['no end', () => token({ exp: undefined }), 'InvalidIdentityToken', /exp/],
  ['an end in the past', () => token({ exp: 1_700_000_000 }), 'ExpiredTokenException', /1700000000/],
])('a token with %s is refused', async (_what, webToken, name, message) => {
  const refused = await refusal(assume(branch, webToken()));
  expect(refused.name).toMatch(name);
  expect(refused.message).toMatch(message);
});

test('a session longer than the role allows is refused', async () => {
  await assume(branch, token());
  const { message } = await refusal(assumeByName(`role-${roles}`, token(), 7200));
  expect(message).toContain('MaxSessionDuration');
});
