import type { OidcIssuer } from './oidc-issuer.ts';

/** The account of the bed. */
export const ACCOUNT = '123456789012';

/** What AWS wants a token to be for. */
export const AUDIENCE = 'sts.amazonaws.com';

/** A role of the bed's account. */
export function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

/**
 * Makes the issuer known to the account, and for each subject a role that trusts it alone.
 *
 * @param endpoint the bed's.
 * @param subjects by the roles' names.
 */
export async function trustIssuer(
  endpoint: string,
  { issuer: address }: OidcIssuer,
  subjects: Readonly<Record<string, string | number | undefined>>,
): Promise<void> {
  const host = new URL(address).host;
  await iam(endpoint, 'CreateOpenIDConnectProvider', {
    Url: address,
    'ClientIDList.member.1': AUDIENCE,
    'ThumbprintList.member.1': '0'.repeat(40),
  });
  for (const [RoleName, subject] of Object.entries(subjects)) {
    const Statement = {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${host}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${host}:sub`]: subject, [`${host}:aud`]: AUDIENCE } },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
    await iam(endpoint, 'CreateRole', { RoleName, AssumeRolePolicyDocument });
  }
}

/** Calls IAM by its query protocol. */
async function iam(endpoint: string, operation: string, parameters: Record<string, string>): Promise<void> {
  const scope = 'Credential=bed/20260101/us-east-1/iam/aws4_request';
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ Action: operation, Version: '2010-05-08', ...parameters }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
