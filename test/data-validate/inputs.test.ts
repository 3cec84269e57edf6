import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { INPUT_NAMES, readInputs } from '../../actions/data-validate/src/inputs.ts';
import { targetOf } from '../../actions/data-validate/src/open-table.ts';
import { failureOf } from '../contract/failure-of.ts';
import { root } from '../project.ts';

const actionFile = z.object({ inputs: z.record(z.string(), z.object({ default: z.string() })) });
const text = readFileSync(join(root, 'actions', 'data-validate', 'action.yml'), 'utf8');
const DEFAULTS = new Map(
  Object.entries(actionFile.parse(parse(text)).inputs).map(([name, input]) => [name, input.default]),
);
const inputsOf = (given: Readonly<Record<string, string>>) =>
  readInputs((name) => given[name] ?? DEFAULTS.get(name) ?? '');

test('the names are those of action.yml', () => {
  expect([...DEFAULTS.keys()]).toEqual(INPUT_NAMES);
});

describe('is refused', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:films';
  test.each([
    ['no identifier', {}, 'identifier is not given; it must be given when the engine is redshift'],
    ['a cluster without secret', { identifier: 'films', kind: 'cluster' }, 'secret-arn is not given'],
    ['a secret that is none', { identifier: 'films', 'secret-arn': 'x' }, 'must be the ARN of a secret'],
    ['DuckDB without file', { engine: 'duckdb' }, 'warehouse-file is not given'],
    ['files without any', { engine: 'files' }, 'files is not given; it must be given, or `manifest`'],
    [
      'files of a manifest in S3',
      { engine: 'files', manifest: 's3://lake/manifest.json' },
      'not on this machine',
    ],
    ['files and a difference', { engine: 'files', files: 'a', difference: 'true' }, 'difference is "true"'],
    ['files of a warehouse', { identifier: 'films', files: 'a' }, 'files is "a"; it must not be given'],
    ['another word', { identifier: 'films', 'fail-on': 'warning' }, 'must be one of error, warn, never'],
    ['no time', { identifier: 'films', 'timeout-minutes': '0' }, 'timeout-minutes is "0"'],
  ])('%s', async (_what, given, why) => {
    const failure = await failureOf(Promise.resolve().then(() => inputsOf(given)));
    expect(failure).toMatchObject({ kind: 'bad-input', why: expect.stringContaining(why) });
  });

  test('nothing of what is right', () => {
    expect(targetOf(inputsOf({ identifier: 'films' }))).toEqual({
      kind: 'serverless',
      workgroup: 'films',
      database: 'dev',
    });
    expect(targetOf(inputsOf({ identifier: 'films', kind: 'cluster', 'secret-arn': secret }))).toEqual({
      kind: 'cluster',
      cluster: 'films',
      database: 'dev',
      login: { secretArn: secret },
    });
  });
});
