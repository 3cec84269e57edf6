import { describe, expect, test } from '@jest/globals';
import { rolePolicies } from './deploy-template.ts';
import { openStack } from './open-stack.ts';
import { isAllowed, type Policy } from './policy.ts';

const opened = await openStack();

async function policiesOf(role: string): Promise<Policy[]> {
  return Object.values(await rolePolicies(opened.endpoint, `${opened.stack.name}-${role}`));
}

const object = (key: string) => `arn:aws:s3:::${opened.stack.lake}/${key}`;

// The bed's machines and its COPY work with a key of their own, so these roles are not called with; they are read.
describe('the role of the job', () => {
  test.each<[action: string, key: string, isSo: boolean]>([
    ['s3:GetObject', 'raw/title.basics.tsv.gz', true],
    ['s3:GetObject', 'raw/2026-11-22/title.basics.tsv.gz', true],
    ['s3:GetObject', 'emr-run/scripts/0123/imdb_titles.py', true],
    ['s3:PutObject', 'imdb_titles/run=7/manifest.json', true],
    ['s3:DeleteObject', 'imdb_titles/run=7/_temporary/0', true],
    ['s3:PutObject', 'emr-run/logs/j-1/steps/s-1/stderr.gz', true],
    ['s3:PutObject', 'raw/title.basics.tsv.gz', false],
    ['s3:DeleteObject', 'raw/title.basics.tsv.gz', false],
    ['s3:PutObject', 'emr-run/scripts/0123/imdb_titles.py', false],
    ['s3:PutObject', 'imdb_titles_other/run=7/manifest.json', false],
  ])('may %s %s: %s', async (action, key, isSo) => {
    expect(isAllowed(await policiesOf('emr-job'), { action, resource: object(key) })).toBe(isSo);
  });
});

describe('the role of COPY', () => {
  test.each<[action: string, key: string, isSo: boolean]>([
    ['s3:GetObject', 'imdb_titles/run=7/part-0.parquet', true],
    ['s3:GetObject', 'imdb_titles/run=7/copy/imdb_titles_staging_1.json', true],
    ['s3:GetObject', 'raw/title.basics.tsv.gz', false],
    ['s3:PutObject', 'imdb_titles/run=7/part-0.parquet', false],
  ])('may %s %s: %s', async (action, key, isSo) => {
    expect(isAllowed(await policiesOf('copy'), { action, resource: object(key) })).toBe(isSo);
  });

  test.each<[prefix: string, isSo: boolean]>([
    ['imdb_titles/run=7/', true],
    ['raw/', false],
    ['', false],
  ])('may list below "%s": %s', async (prefix, isSo) => {
    const need = { action: 's3:ListBucket', resource: `arn:aws:s3:::${opened.stack.lake}` };
    expect(isAllowed(await policiesOf('copy'), { ...need, context: { 's3:prefix': prefix } })).toBe(isSo);
  });
});

test('EMR may hand the job’s role to machines and nothing else', async () => {
  const policies = await policiesOf('emr-service');
  const pass = (role: string, service: string) =>
    isAllowed(policies, {
      action: 'iam:PassRole',
      resource: `arn:aws:iam::123456789012:role/${opened.stack.name}-${role}`,
      context: { 'iam:PassedToService': service },
    });
  expect(pass('emr-job', 'ec2.amazonaws.com')).toBe(true);
  expect(pass('emr-job', 'lambda.amazonaws.com')).toBe(false);
  expect(pass('load', 'ec2.amazonaws.com')).toBe(false);
});
