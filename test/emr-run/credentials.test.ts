import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultClaims, type OidcIssuer, startOidcIssuer } from '../aws/oidc-issuer.ts';
import { roleArn, trustIssuer } from '../aws/oidc-roles.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();
/** The SDK replaces credentials that end within 5 minutes. */
const NEARLY_OVER_MS = 5 * 60_000;
let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await startOidcIssuer();
  await trustIssuer(scenarios.bed.endpoint, issuer, {
    process: defaultClaims.sub,
    review: 'repo:octo-org/imdb-titles:pull_request',
  });
});
afterAll(() => issuer.stop());

/** A step that has no credentials but those that it mints. */
function stepAs(role: string, steps: string) {
  const step = scenarios.step({ steps, 'role-to-assume': roleArn(role) }, issuer.environment);
  const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...environment } = step.environment ?? {};
  return { ...step, environment };
}

describe('a role to assume', () => {
  test('gives credentials that are minted again before they end', async () => {
    scenarios.proxy.add({
      operation: 'AssumeRoleWithWebIdentity',
      fault: 'short-session',
      times: 1,
      milliseconds: NEARLY_OVER_MS + 4000,
    });
    const { main, post } = await scenarios.run(
      stepAs('process', '- { name: long, command: sleep, args: ["8"] }'),
    );
    expect(main).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    expect(post.exitCode).toBe(0);
    // Main's session, the one that took its place, and post's.
    expect(scenarios.proxy.calls('AssumeRoleWithWebIdentity')).toBe(3);
    expect(main.masks.length).toBeGreaterThan(0);
  });

  test('that does not trust this workflow is told, with what to do', async () => {
    const { main, post } = await scenarios.run(stepAs('review', '- { name: one, command: "true" }'));
    expect(main).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra', 'cluster-id': '' } });
    expect(main.annotations[0]?.message).toContain('sts:AssumeRoleWithWebIdentity');
    expect(post.exitCode).toBe(3);
    expect(await scenarios.clusters()).toEqual([]);
  });
});
