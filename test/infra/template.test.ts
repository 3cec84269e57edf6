import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../project.ts';
import { readTemplate, TEMPLATE } from './read-template.ts';

const template = await readTemplate();

function propertiesOf(type: string): Record<string, unknown>[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties as unknown as Record<string, unknown>);
}

test('the template is small enough to be handed over as it is', async () => {
  // CloudFormation User Guide, quotas: a template body in a request.
  expect((await stat(TEMPLATE)).size).toBeLessThan(51_200);
});

test('what EMR starts may be started here: network and clusters have the tag of its managed policy', async () => {
  const tag = { Key: 'for-use-with-amazon-emr-managed-policies', Value: 'true' };
  const network = [...propertiesOf('AWS::EC2::VPC'), ...propertiesOf('AWS::EC2::Subnet')];
  expect(network).toHaveLength(4);
  for (const { Tags } of network) expect(Tags).toContainEqual(tag);
  const cluster = parse(await readFile(join(root, 'infra', 'emr-cluster.yml'), 'utf8')) as { Tags: object[] };
  expect(cluster.Tags).toEqual([tag]);
});

test('nothing leads in or out but to S3', () => {
  const types = Object.values(template.Resources).map(({ Type }) => Type);
  for (const type of ['InternetGateway', 'NatGateway', 'Route', 'SecurityGroupIngress', 'EIP'])
    expect(types).not.toContain(`AWS::EC2::${type}`);
  for (const group of propertiesOf('AWS::EC2::SecurityGroup'))
    expect(group).not.toHaveProperty('SecurityGroupIngress');
});

test('the lake is private, encrypted and versioned, and keeps the raw files that have no date', () => {
  const [lake = {}] = propertiesOf('AWS::S3::Bucket');
  expect(lake).toMatchObject({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    VersioningConfiguration: { Status: 'Enabled' },
  });
  const { Rules } = lake.LifecycleConfiguration as {
    Rules: { Prefix: string; ExpirationInDays?: unknown }[];
  };
  const goes = (key: string) =>
    Rules.some(({ Prefix, ExpirationInDays }) => ExpirationInDays !== undefined && key.startsWith(Prefix));
  expect(goes('raw/2026-11-22/title.basics.tsv.gz')).toBe(true);
  expect(goes('imdb_titles/run=7/manifest.json')).toBe(true);
  expect(goes('emr-run/logs/j-1/node/i-1/syslog.gz')).toBe(true);
  expect(goes('raw/title.basics.tsv.gz')).toBe(false);
});
