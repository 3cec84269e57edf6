import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refusal } from '../aws/emr-clusters.ts';
import type { MotoServer } from '../aws/moto.ts';
import { type Claims, type OidcIssuer, startOidcIssuer } from '../aws/oidc-issuer.ts';
import { AUDIENCE, roleArn } from '../aws/oidc-roles.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DUTIES, deployTemplate } from './deploy-template.ts';
import { startMotoAlone } from './open-stack.ts';

const work = await temporaryFolder();
let moto: MotoServer;
let issuer: OidcIssuer;
beforeAll(async () => {
  [moto, issuer] = await Promise.all([startMotoAlone(work), startOidcIssuer()]);
  const { host } = new URL(issuer.issuer);
  await deployTemplate(moto.endpoint, host, 'immutable');
  await deployTemplate(moto.endpoint, host, 'old', { GitHubOwnerId: '', GitHubRepositoryId: '' });
});
afterAll(() => Promise.all([moto.stop(), issuer.stop()]));

/** Asks for a session of the role. */
function assume(role: string, claims: Claims, seconds = 900, audience = AUDIENCE) {
  const sts = new STSClient({ region: 'eu-west-1', endpoint: moto.endpoint });
  return sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn(role),
      RoleSessionName: 'run-1',
      DurationSeconds: seconds,
      WebIdentityToken: issuer.token(audience, claims),
    }),
  );
}

const IMMUTABLE = 'repo:octo-org@1001/imdb-titles@2002';
const OLD = 'repo:octo-org/imdb-titles';
const DENIED = { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };

test.each([
  ['immutable', `${IMMUTABLE}:environment:imdb-publish`],
  ['old', `${OLD}:environment:imdb-publish`],
])('the role load trusts the job that publishes as well, in the %s form', async (stack, sub) => {
  expect((await assume(`${stack}-load`, { sub })).Credentials?.AccessKeyId).toBeTruthy();
  expect(await refusal(assume(`${stack}-validate`, { sub }))).toStrictEqual(DENIED);
});

describe.each(DUTIES)('the role %s', (duty) => {
  test.each([
    ['immutable', `${IMMUTABLE}:environment:imdb-${duty}`],
    ['old', `${OLD}:environment:imdb-${duty}`],
  ])('trusts the job of its environment, in the %s form, for six hours', async (stack, sub) => {
    const { Credentials } = await assume(`${stack}-${duty}`, { sub }, 21_600);
    expect(Credentials?.AccessKeyId).toBeTruthy();
  });

  test.each<[what: string, sub: string]>([
    ['another repository of the owner', `repo:octo-org@1001/other@2003:environment:imdb-${duty}`],
    ['a fork', `repo:mallory@666/imdb-titles@2004:environment:imdb-${duty}`],
    [
      'a repository made anew under the old name',
      `repo:octo-org@1001/imdb-titles@2005:environment:imdb-${duty}`,
    ],
    ['an owner who took the old name', `repo:octo-org@1002/imdb-titles@2002:environment:imdb-${duty}`],
    ['another environment', `${IMMUTABLE}:environment:production`],
    [
      'the environment of another duty',
      `${IMMUTABLE}:environment:imdb-${duty === 'load' ? 'validate' : 'load'}`,
    ],
    ['an environment whose name begins alike', `${IMMUTABLE}:environment:imdb-${duty}-2`],
    ['a pull request', `${IMMUTABLE}:pull_request`],
    ['a job without an environment', `${IMMUTABLE}:ref:refs/heads/main`],
    ['the old form of sub', `${OLD}:environment:imdb-${duty}`],
  ])('refuses %s', async (_what, sub) => {
    expect(await refusal(assume(`immutable-${duty}`, { sub }))).toStrictEqual(DENIED);
  });

  test('refuses the immutable form when the numbers were not given', async () => {
    const sub = `${IMMUTABLE}:environment:imdb-${duty}`;
    expect(await refusal(assume(`old-${duty}`, { sub }))).toStrictEqual(DENIED);
  });

  test('refuses a token for another audience, and a session longer than a job', async () => {
    const sub = `${IMMUTABLE}:environment:imdb-${duty}`;
    const audience = await refusal(assume(`immutable-${duty}`, { sub }, 900, 'https://github.com/octo-org'));
    expect(audience.message).toBe('Incorrect token audience');
    const longer = await refusal(assume(`immutable-${duty}`, { sub }, 21_601));
    expect(longer.message).toContain('MaxSessionDuration');
  });
});
