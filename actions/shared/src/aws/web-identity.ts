import * as core from '@actions/core';
import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
import { messageOf, PipelineError } from '../errors.ts';
import { isTransient, UnansweredError } from './transient.ts';

const AUDIENCE = 'sts.amazonaws.com';
const DONE = 'AWS was asked for nothing else with it.';

/** The role to take, and how GitHub's identity token is had. */
export interface WebIdentity {
  readonly roleArn: string;
  /** Shown in CloudTrail: letters, digits and `=,.@-`, 64 at most. */
  readonly sessionName: string;
  readonly getToken: (audience: string) => Promise<string>;
  /** What the client of STS is made with; without limits of time it would wait for an answer for ever. */
  readonly clientConfig: object;
}

type Credentials = Awaited<ReturnType<ReturnType<typeof fromWebToken>>>;

/**
 * Credentials of a role, for as long as the job lasts: GitHub's token is asked for anew whenever the
 * SDK finds fewer than 5 minutes left. A session that configure-aws-credentials opened ends after its
 * hour, in the middle of a long wait (configure-aws-credentials#359). When no others can be had, those
 * at hand serve until they end.
 *
 * @returns a provider that throws what may heal as it came, and the rest as a PipelineError.
 */
export function webIdentityCredentials(identity: WebIdentity): () => Promise<Credentials> {
  let last: Credentials | null = null;
  return async () => {
    try {
      last = await mint(identity);
      for (const secret of [last.accessKeyId, last.secretAccessKey, last.sessionToken ?? '']) {
        if (secret !== '') core.setSecret(secret);
      }
    } catch (error) {
      if (last === null || (last.expiration?.getTime() ?? 0) <= Date.now()) throw error;
    }
    return last;
  };
}

async function mint({ roleArn, sessionName, getToken, clientConfig }: WebIdentity): Promise<Credentials> {
  const webIdentityToken = await getToken(AUDIENCE).catch((error: unknown) => {
    throw tokenFailure(error);
  });
  try {
    return await fromWebToken({ roleArn, roleSessionName: sessionName, webIdentityToken, clientConfig })();
  } catch (error) {
    throw isTransient(error) ? error : roleFailure(roleArn, error);
  }
}

/** What getIDToken of @actions/core tells of a token service that did not answer, or not with an answer of its own. */
const NO_TOKEN_NOW = /Error Code : (?:undefined|408|429|5\d\d)\b/;

function tokenFailure(error: unknown): Error {
  const why = messageOf(error).replaceAll(/\s+/g, ' ');
  if (NO_TOKEN_NOW.test(why)) return new UnansweredError(why, { cause: error });
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: 'GitHub gave no identity token',
      where: 'input role-to-assume',
      why,
      done: DONE,
      next: 'Give the job `permissions: id-token: write`, and run again; a pull request from a fork is never given it.',
    },
    { cause: error },
  );
}

function roleFailure(roleArn: string, error: unknown): PipelineError {
  const name = error instanceof Error ? error.name : '';
  return new PipelineError(
    {
      kind: 'failed-infra',
      what: 'The role cannot be taken',
      where: `${roleArn}, input role-to-assume`,
      why: `${name}: ${messageOf(error)}`,
      done: DONE,
      next: `See that the role is there and that its trust policy names GitHub's OIDC provider of the account, the audience ${AUDIENCE} and the \`sub\` that this workflow's tokens have; repositories made after 15 July 2026 have one with ids in it.`,
    },
    { cause: error },
  );
}
