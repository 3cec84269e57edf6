import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type ActionResult, runAction } from './action-runner.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type MotoServer, startMoto } from './moto.ts';
import { defaultClaims, type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { ACCOUNT, AUDIENCE, roleArn, trustIssuer } from './oidc-roles.ts';

const folder = await temporaryFolder();
const action = join(folder, 'action');
let moto: MotoServer;
let issuer: OidcIssuer;
let proxy: FaultProxy;

beforeAll(async () => {
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await makeAction();
  // What no test here reaches is not started.
  const s3 = { endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', accessKeyId: 'a', secretAccessKey: 'b' };
  [moto, issuer] = await Promise.all([
    startMoto({ s3, postgresUri: 'postgresql://127.0.0.1:1/none', work: folder }),
    startOidcIssuer(),
  ]);
  await trustIssuer(moto.endpoint, issuer, {
    pipeline: defaultClaims.sub,
    review: 'repo:octo-org/imdb-titles:pull_request',
  });
});
afterAll(() => Promise.all([moto.stop(), issuer.stop()]));
beforeEach(async () => {
  proxy = await startFaultProxy(moto.endpoint);
});
afterEach(() => proxy.stop());

/**
 * An action that asks AWS who it is, as often as it is told: with GitHub's own client for the token and the
 * SDK's own provider for the session. A new session takes a new token, for GitHub's live five minutes.
 */
async function makeAction(): Promise<void> {
  await mkdir(join(action, 'dist'), { recursive: true });
  await writeFile(join(action, 'package.json'), '{ "type": "module" }');
  const inputs = ['audience', 'questions', 'role'].map((name) => `  ${name}: { required: true }\n`).join('');
  const definition = `name: who\ninputs:\n${inputs}runs: { using: node24, main: dist/index.js }\n`;
  await writeFile(join(action, 'action.yml'), definition);
  const main = `
    import * as core from '@actions/core';
    import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
    import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
    const tokens = [];
    const keys = [];
    const credentials = async () => {
      tokens.push(await core.getIDToken(core.getInput('audience')));
      const settings = { roleArn: core.getInput('role'), roleSessionName: 'run-3003' };
      return fromWebToken({ ...settings, webIdentityToken: tokens.at(-1) })();
    };
    const client = new STSClient({ credentials });
    const noteKey = (next) => (call) => {
      keys.push(/Credential=([^/]+)/.exec(call.request.headers.authorization)?.[1]);
      return next(call);
    };
    client.middlewareStack.add(noteKey, { step: 'deserialize' });
    try {
      for (let asked = 0; asked < Number(core.getInput('questions')); asked += 1) {
        const { Arn } = await client.send(new GetCallerIdentityCommand({}));
        core.setOutput('arn', Arn);
      }
    } catch (error) {
      core.setFailed(error.name + ': ' + error.message);
    }
    core.setOutput('tokens', new Set(tokens).size);
    core.setOutput('keys', keys.map((key) => [...new Set(keys)].indexOf(key)).join(' '));`;
  await writeFile(join(action, 'dist', 'index.js'), main);
}

/** Runs the action in a job that the issuer gives tokens to, or in one without that permission. */
async function ask({
  questions = 1,
  audience = AUDIENCE,
  role = 'pipeline',
  mayHaveToken = true,
}): Promise<ActionResult> {
  const { main } = await runAction({
    folder: action,
    work: join(folder, 'work'),
    inputs: { audience, questions: String(questions), role: roleArn(role) },
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_STS: proxy.endpoint,
      ...(mayHaveToken ? issuer.environment : {}),
    },
  });
  return main;
}

test("GitHub's token becomes a session of the role", async () => {
  const { exitCode, outputs, log } = await ask({ questions: 2 });
  expect(log).not.toContain('::error');
  expect(exitCode).toBe(0);
  expect(outputs).toEqual({
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/run-3003`,
    tokens: '1',
    // One session serves both questions.
    keys: '0 0',
  });
  expect(proxy.calls('AssumeRoleWithWebIdentity')).toBe(1);
});

// The SDK replaces a session with less than five minutes left before it signs with it.
test('a session that is about to end is replaced, with a new token', async () => {
  const operation = 'AssumeRoleWithWebIdentity';
  proxy.add({ operation, fault: 'short-session', milliseconds: 60_000, times: 1 });
  const { exitCode, outputs } = await ask({ questions: 3 });
  expect(exitCode).toBe(0);
  expect(outputs).toMatchObject({ tokens: '2', keys: '0 0 0' });
  expect(proxy.calls(operation)).toBe(2);
});

test('a session that cannot be replaced fails the action', async () => {
  proxy.add({ operation: 'AssumeRoleWithWebIdentity', fault: 'short-session', milliseconds: 200, times: 1 });
  proxy.add({ operation: 'AssumeRoleWithWebIdentity', fault: 'throttle', times: 3 });
  const { exitCode, annotations } = await ask({ questions: 3 });
  expect(exitCode).toBe(1);
  expect(annotations).toMatchObject([{ level: 'error', message: 'Throttling: Rate exceeded' }]);
});

test('a job with another subject than the role trusts is refused', async () => {
  const { exitCode, annotations } = await ask({ role: 'review' });
  expect(exitCode).toBe(1);
  const message = 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity';
  expect(annotations).toMatchObject([{ level: 'error', message }]);
});

test('a token for another audience is refused', async () => {
  const { exitCode, annotations } = await ask({ audience: 'example.org' });
  expect(exitCode).toBe(1);
  const message = /^InvalidIdentityToken(Exception)?: Incorrect token audience$/;
  expect(annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
});

test('a job without the permission for tokens is told so, and STS is not asked', async () => {
  const { exitCode, annotations } = await ask({ mayHaveToken: false });
  expect(exitCode).toBe(1);
  expect(annotations[0]?.message).toMatch(/ACTIONS_ID_TOKEN_REQUEST/);
  expect(proxy.calls('AssumeRoleWithWebIdentity')).toBe(0);
});
