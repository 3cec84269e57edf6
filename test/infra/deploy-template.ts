import { AUDIENCE } from '../aws/oidc-roles.ts';
import type { Policy } from './policy.ts';
import { callQuery, textsOf } from './query-call.ts';
import { readTemplate, settleConditions } from './read-template.ts';

/** GitHub's issuer, as the template names it. */
const GITHUB = 'token.actions.githubusercontent.com';

/** The parameters that the tests deploy with, unless they say otherwise. */
export const PARAMETERS = {
  GitHubOwner: 'octo-org',
  GitHubRepository: 'imdb-titles',
  GitHubOwnerId: '1001',
  GitHubRepositoryId: '2002',
  AlarmEmail: 'ann@example.org',
};

/** What the roles of the workflows are for. */
export const DUTIES = ['process', 'load', 'validate', 'janitor'] as const;

/** A stack as it was deployed. */
export interface Stack {
  readonly name: string;
  /** The repository's variables, as the output `Variables` tells them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly lake: string;
}

/**
 * Deploys the template, but for what moto cannot do:
 * - in place of GitHub's issuer the test's own is trusted, made beforehand and handed in as in an account that has it;
 * - conditions are settled beforehand, for moto leaves holes in lists where `AWS::NoValue` stands;
 * - the bucket's policy and the budget are passed over;
 * - the Redshift subnet group's name in the outputs is not to be relied on;
 * - roles' policies are put again, as JSON, for moto keeps a template's in Python's own form.
 *
 * @param endpoint the bed's.
 * @param issuer the host that stands for GitHub's.
 */
export async function deployTemplate(
  endpoint: string,
  issuer: string,
  name = 'imdb-titles',
  parameters: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const provider = await makeProvider(endpoint, issuer);
  const given = { ...PARAMETERS, OidcProvider: provider, ...parameters };
  const numbered = Object.entries(given).flatMap(([key, value], index) => [
    [`Parameters.member.${index + 1}.ParameterKey`, key],
    [`Parameters.member.${index + 1}.ParameterValue`, value],
  ]);
  const call = callQuery(endpoint, 'cloudformation', '2010-05-15');
  await call('CreateStack', {
    StackName: name,
    TemplateBody: JSON.stringify(settleConditions(await readTemplate(), given)).replaceAll(GITHUB, issuer),
    'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
    ...(Object.fromEntries(numbered) as Record<string, string>),
  });
  const answer = await call('DescribeStacks', { StackName: name });
  const [status] = textsOf(answer, 'StackStatus');
  if (status !== 'CREATE_COMPLETE') throw new Error(`the stack ${name} is ${status}: ${answer}`);
  const values = textsOf(answer, 'OutputValue');
  const outputs = Object.fromEntries(textsOf(answer, 'OutputKey').map((key, index) => [key, values[index]]));
  for (const duty of DUTIES) {
    const role = `${name}-${duty}`;
    for (const [policy, document] of Object.entries(await rolePolicies(endpoint, role))) {
      await putRolePolicy(endpoint, role, policy, document);
    }
  }
  return { name, lake: outputs.Lake ?? '', variables: readVariables(outputs.Variables ?? '') };
}

/** A role's own policies, by their names. */
export async function rolePolicies(endpoint: string, role: string): Promise<Record<string, Policy>> {
  const call = callQuery(endpoint, 'iam', '2010-05-08');
  const names = textsOf(await call('ListRolePolicies', { RoleName: role }), 'member');
  const policies = names.map(async (PolicyName) => {
    const answer = await call('GetRolePolicy', { RoleName: role, PolicyName });
    const [document = ''] = textsOf(answer, 'PolicyDocument');
    return [PolicyName, JSON.parse(decodeDocument(document)) as Policy] as const;
  });
  return Object.fromEntries(await Promise.all(policies));
}

/** Replaces one of a role's own policies. */
export async function putRolePolicy(
  endpoint: string,
  role: string,
  name: string,
  policy: Policy,
): Promise<void> {
  const PolicyDocument = JSON.stringify(policy);
  await callQuery(
    endpoint,
    'iam',
    '2010-05-08',
  )('PutRolePolicy', {
    RoleName: role,
    PolicyName: name,
    PolicyDocument,
  });
}

async function makeProvider(endpoint: string, issuer: string): Promise<string> {
  const call = callQuery(endpoint, 'iam', '2010-05-08');
  const known = textsOf(await call('ListOpenIDConnectProviders', {}), 'Arn');
  const found = known.find((arn) => arn.endsWith(`/${issuer}`));
  if (found !== undefined) return found;
  const answer = await call('CreateOpenIDConnectProvider', {
    Url: `http://${issuer}`,
    'ClientIDList.member.1': AUDIENCE,
    'ThumbprintList.member.1': '0'.repeat(40),
  });
  return textsOf(answer, 'OpenIDConnectProviderArn')[0] ?? '';
}

/** Lines of the form that `gh variable set --env-file` reads: between double quotes \n is a new line. */
function readVariables(text: string): Record<string, string> {
  const entries = text.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no variable: ${line}`);
    const isQuoted = value.startsWith('"') && value.endsWith('"');
    return [name, isQuoted ? value.slice(1, -1).replaceAll('\\n', '\n') : value];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** As IAM gives it, or in Python's form, of which only the quotes differ here. */
function decodeDocument(text: string): string {
  const document = text.startsWith('%') ? decodeURIComponent(text) : text;
  return document.startsWith("{'") ? document.replaceAll("'", '"') : document;
}
