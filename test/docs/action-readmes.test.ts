import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { actionNames } from '../../actions/bundle.ts';
import { actionReference } from '../../docs/action-reference.ts';
import { replaceGenerated } from '../../docs/replace-generated.ts';
import { root } from '../project.ts';

const policySchema = z.object({
  Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]) })),
});

const exampleSchema = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z.array(
        z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() }),
      ),
    }),
  ),
});
const actionSchema = z.object({ inputs: z.record(z.string(), z.unknown()) });

/** The actions that call nothing of AWS and so have no policy. */
const WITHOUT_AWS = new Set(['run-report']);

/** The prefix of IAM's actions for each client, and the actions that are not called like the operation. */
const SERVICES: Readonly<Record<string, string>> = {
  'client-emr': 'elasticmapreduce',
  'client-s3': 's3',
  'client-redshift': 'redshift',
  'client-redshift-serverless': 'redshift-serverless',
  'client-redshift-data': 'redshift-data',
};
const OTHERWISE: Readonly<Record<string, string>> = {
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
};

/** What IAM must allow for the commands that the code sends. */
async function neededActions(folder: string): Promise<Set<string>> {
  const needed = new Set<string>();
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(join(folder, file), 'utf8');
    for (const [, names = '', client = ''] of source.matchAll(
      /import \{([^}]*)\} from '@aws-sdk\/(client-[a-z0-9-]+)'/g,
    )) {
      for (const [, operation = ''] of names.matchAll(/\b([A-Z]\w+)Command\b/g)) {
        const action = `${SERVICES[client]}:${operation}`;
        needed.add(OTHERWISE[action] ?? action);
      }
    }
  }
  return needed;
}

describe.each(actionNames())('the README of %s', (name) => {
  const folder = join(root, 'actions', name);

  test('shows the inputs and outputs of action.yml; npm run docs writes them', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const { inputs, outputs } = await actionReference(folder);
    expect(replaceGenerated(readme, 'inputs', inputs)).toBe(readme);
    expect(replaceGenerated(readme, 'outputs', outputs)).toBe(readme);
  });

  test('gives in its example only inputs that there are', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, example = ''] = /```yaml\n(jobs:[\s\S]*?)```/.exec(readme) ?? [];
    const { jobs } = exampleSchema.parse(parse(example));
    const step = Object.values(jobs)
      .flatMap(({ steps }) => steps)
      .find(({ uses }) => uses?.includes(`/actions/${name}@`));
    const { inputs } = actionSchema.parse(parse(await readFile(join(folder, 'action.yml'), 'utf8')));
    const given = Object.keys(step?.with ?? {});
    expect(given.length).toBeGreaterThan(0);
    expect(given.filter((input) => !(input in inputs))).toEqual([]);
  });

  test('allows in its policy all that the action calls', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, json] = /```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(readme) ?? [];
    const needed = await neededActions(join(folder, 'src'));
    expect(needed.size === 0).toBe(WITHOUT_AWS.has(name));
    expect(json === undefined).toBe(WITHOUT_AWS.has(name));
    const { Statement } = policySchema.parse(JSON.parse(json ?? '{"Statement":[]}'));
    const allowed = new Set(Statement.flatMap(({ Action }) => Action));
    expect([...needed].filter((action) => !allowed.has(action))).toEqual([]);
  });
});
