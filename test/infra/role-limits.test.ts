import { expect, test } from '@jest/globals';
import { type DUTIES, rolePolicies } from './deploy-template.ts';
import { openStack } from './open-stack.ts';
import { isAllowed, type Need } from './policy.ts';

const opened = await openStack();

const CLUSTER = 'arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/j-1';
const OWNER = 'redshift-data:statement-owner-iam-userid';
const inLake = (action: string, key: string) => (): Need => ({
  action,
  resource: `arn:aws:s3:::${opened.stack.lake}/${key}`,
});
const pass = (role: string) => (): Need => ({
  action: 'iam:PassRole',
  resource: `arn:aws:iam::123456789012:role/${opened.stack.name}-${role}`,
});
const onCluster = (action: string, pipeline: string) => (): Need => ({
  action: `elasticmapreduce:${action}`,
  resource: CLUSTER,
  context: { 'elasticmapreduce:ResourceTag/pipeline': pipeline },
});
const started = (context: Record<string, string>) => (): Need => ({
  action: 'elasticmapreduce:RunJobFlow',
  resource: '*',
  context,
});
const anywhere = (action: string) => (): Need => ({ action, resource: '*' });
const statement = (owner: string) => (): Need => ({
  action: 'redshift-data:GetStatementResult',
  resource: '*',
  context: { [OWNER]: owner, 'aws:userid': 'AROA:run-1' },
});

// What docs/security.md says of each role.
test.each<[duty: (typeof DUTIES)[number], what: string, need: () => Need, isSo: boolean]>([
  ['process', 'start a tagged cluster', started({ 'elasticmapreduce:RequestTag/pipeline': 'emr-run' }), true],
  ['process', 'start one without a tag', started({}), false],
  ['process', 'end a cluster of its own', onCluster('TerminateJobFlows', 'emr-run'), true],
  ['process', 'end another cluster', onCluster('TerminateJobFlows', 'payroll'), false],
  ['process', 'hand over the job’s role', pass('emr-job'), true],
  ['process', 'hand over the role of load', pass('load'), false],
  ['process', 'read raw files', inLake('s3:GetObject', 'raw/title.crew.tsv.gz'), false],
  ['process', 'write a run', inLake('s3:PutObject', 'imdb_titles/run=7/manifest.json'), false],
  ['process', 'run statements', anywhere('redshift-data:ExecuteStatement'), false],
  ['load', 'hand over the role of COPY', pass('copy'), true],
  ['load', 'hand over the job’s role', pass('emr-job'), false],
  ['load', 'delete a namespace', anywhere('redshift-serverless:DeleteNamespace'), false],
  ['load', 'make a cluster, where the warehouse is none', anywhere('redshift:CreateCluster'), false],
  ['load', 'read raw files', inLake('s3:GetObject', 'raw/title.crew.tsv.gz'), false],
  ['load', 'start an EMR cluster', started({ 'elasticmapreduce:RequestTag/pipeline': 'emr-run' }), false],
  ['load', 'make a role', anywhere('iam:CreateRole'), false],
  ['validate', 'read the result of its own statement', statement('AROA:run-1'), true],
  ['validate', 'read that of another', statement('AROA:run-2'), false],
  ['validate', 'write to the lake', inLake('s3:PutObject', 'imdb_titles/run=7/manifest.json'), false],
  ['validate', 'change the workgroup', anywhere('redshift-serverless:UpdateWorkgroup'), false],
  ['janitor', 'end a tagged cluster', onCluster('TerminateJobFlows', 'emr-run'), true],
  ['janitor', 'end another cluster', onCluster('TerminateJobFlows', 'payroll'), false],
  ['janitor', 'start a cluster', started({ 'elasticmapreduce:RequestTag/pipeline': 'emr-run' }), false],
  ['janitor', 'read a run', inLake('s3:GetObject', 'imdb_titles/run=7/manifest.json'), false],
])('the role %s, asked whether it may %s', async (duty, _what, need, isSo) => {
  const policies = Object.values(await rolePolicies(opened.endpoint, `${opened.stack.name}-${duty}`));
  expect(isAllowed(policies, need())).toBe(isSo);
});
