import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runPost, startAction } from '../aws/action-runner.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { defaultClaims, type OidcIssuer, startOidcIssuer } from '../aws/oidc-issuer.ts';
import { roleArn, trustIssuer } from '../aws/oidc-roles.ts';
import { openScenarios } from './open-scenarios.ts';

const scenarios = await openScenarios();
/** The SDK replaces credentials that end within 5 minutes. */
const NEARLY_OVER_MS = 5 * 60_000;
/** The account that the roles are of. */
const ACCOUNT = roleArn('process').split(':')[4] ?? '';
let issuer: OidcIssuer;
/** GitHub's token service as a step reaches it. */
let tokens: FaultProxy;
beforeAll(async () => {
  issuer = await startOidcIssuer();
  tokens = await startFaultProxy(issuer.issuer);
  await trustIssuer(scenarios.bed.endpoint, issuer, {
    process: defaultClaims.sub,
    review: 'repo:octo-org/imdb-titles:pull_request',
  });
});
afterAll(async () => {
  await tokens.stop();
  await issuer.stop();
});

/** A step that has no credentials but those that it mints. */
function stepAs(role: string, steps: string, inputs: Readonly<Record<string, string>> = {}) {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ...variables } = issuer.environment;
  const step = scenarios.step(
    { steps, 'role-to-assume': roleArn(role), ...inputs },
    { ...variables, ACTIONS_ID_TOKEN_REQUEST_URL: url.replace(issuer.issuer, tokens.endpoint) },
  );
  const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...environment } = step.environment ?? {};
  return { ...step, environment };
}

describe('a role to assume', () => {
  test('gives credentials that are minted again before they end, whatever the token service does', async () => {
    tokens.add({ operation: 'GET /token', fault: 'reset', times: 1 });
    // Once the session nears its end.
    tokens.add({ operation: 'GET /token', fault: 'reset', times: 2, after: 1 });
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
    expect(tokens.calls('GET /token')).toBe(6);
    expect(main.masks).toContain(ACCOUNT);
    // Of two sessions the identity token and the three parts of the credentials.
    expect(new Set(main.masks).size).toBe(1 + 2 * 4);
  });

  test('is waited for no longer than the step may last', async () => {
    const operation = 'AssumeRoleWithWebIdentity';
    const milliseconds = NEARLY_OVER_MS + 4000;
    scenarios.proxy.add({ operation, fault: 'short-session', times: 1, milliseconds });
    scenarios.proxy.add({ operation, fault: 'black-hole', times: 1000 });
    const step = stepAs('process', '- { name: long, command: sleep, args: ["300"] }');
    const running = await startAction(step);
    await scenarios.waitFor(() => Promise.resolve(scenarios.proxy.calls(operation) > 1));
    const main = await running.cancel();
    expect(main).toMatchObject({ exitCode: 130, sent: ['SIGINT'], outputs: { outcome: 'cancelled' } });
    expect(main.annotations[0]?.message).toContain('EMR did not confirm it within 5 s');

    const AWS_ENDPOINT_URL = scenarios.bed.endpoint;
    const direct = { ...step, environment: { ...step.environment, AWS_ENDPOINT_URL } };
    expect((await runPost(direct, main)).exitCode).toBe(0);
  });

  test('that does not trust this workflow is told, with what to do', async () => {
    const manifest = `s3://lake-${ACCOUNT}/manifest.json`;
    const { main, post } = await scenarios.run(
      stepAs('review', '- { name: one, command: "true" }', { manifest }),
    );
    expect(main).toMatchObject({ exitCode: 3, outputs: { outcome: 'failed-infra', 'cluster-id': '' } });
    expect(main.annotations[0]?.message).toContain('sts:AssumeRoleWithWebIdentity');
    expect(main.annotations[0]).toMatchObject({
      title: 'The role cannot be taken',
      message: expect.stringContaining('trust policy'),
    });
    // A job's output that holds a masked value is dropped.
    expect(main.masks).not.toContain(ACCOUNT);
    expect(post.exitCode).toBe(0);
    expect(await scenarios.clusters()).toEqual([]);
  });
});
