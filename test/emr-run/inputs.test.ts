import { describe, expect, test } from '@jest/globals';
import { INPUT_NAMES } from '../../actions/emr-run/src/inputs.ts';
import { failureOf } from '../contract/failure-of.ts';
import { DEFAULTS, inputsOf } from './inputs-of.ts';

const given = { script: 'job.py', bucket: 'titles' };

function refusalOf(changes: Readonly<Record<string, string>>) {
  return failureOf(Promise.resolve().then(() => inputsOf({ ...given, ...changes })));
}

test('action.yml has the inputs that the action reads, in the same order', () => {
  expect([...DEFAULTS.keys()]).toEqual(INPUT_NAMES);
});

test("action.yml's defaults are usable with a script and a bucket alone", () => {
  expect(inputsOf(given)).toEqual({
    mode: 'run',
    engine: 'emr',
    script: 'job.py',
    files: [],
    'script-args': [],
    steps: null,
    manifest: null,
    bucket: 'titles',
    prefix: 'emr-run',
    release: 'emr-7.13.0',
    size: 'small',
    configuration: null,
    'service-role': 'EMR_DefaultRole',
    'job-role': 'EMR_EC2_DefaultRole',
    subnets: [],
    'log-uri': null,
    'idle-timeout': 600,
    'step-concurrency': 1,
    'timeout-minutes': 60,
    'max-cost-eur': 2,
    reattach: true,
    'role-to-assume': null,
    'price-file': null,
    'github-token': '${{ github.token }}',
  });
});

const wholeFrom = (least: number, most: number) => `it must be a whole number from ${least} to ${most}`;
const role = 'arn:aws:iam::123456789012:role/loader';

describe('an input', () => {
  test.each<[string, string, unknown]>([
    ['mode', 'run', 'run'],
    ['engine', 'spark', 'spark'],
    ['engine', 'duckdb', 'duckdb'],
    ['script', 'jobs/titles.py', 'jobs/titles.py'],
    ['files', 'a.sql\n b.json \n', ['a.sql', 'b.json']],
    ['script-args', '--input\ns3://raw/', ['--input', 's3://raw/']],
    ['manifest', 's3://titles/run=1/manifest.json', 's3://titles/run=1/manifest.json'],
    ['bucket', 'other', 'other'],
    ['prefix', '/a/b/', 'a/b'],
    ['release', 'emr-6.15.0', 'emr-6.15.0'],
    ['size', 'small', 'small'],
    ['size', 'standard', 'standard'],
    ['size', 'x100', 'x100'],
    ['configuration', 'emr.yml', 'emr.yml'],
    ['service-role', 'ours', 'ours'],
    ['job-role', 'ours', 'ours'],
    ['subnets', 'subnet-1\nsubnet-2', ['subnet-1', 'subnet-2']],
    ['log-uri', 's3://logs/emr/', 's3://logs/emr/'],
    ['idle-timeout', '60', 60],
    ['idle-timeout', '604800', 604_800],
    ['step-concurrency', '256', 256],
    ['timeout-minutes', '7200', 7200],
    ['max-cost-eur', '0.50', 0.5],
    ['max-cost-eur', '', null],
    ['reattach', 'false', false],
    ['role-to-assume', role, role],
    ['price-file', 'prices.yml', 'prices.yml'],
    ['github-token', 'token', 'token'],
  ])('%s can be "%s"', (name, text, expected) => {
    expect({ ...inputsOf({ ...given, [name]: text }) }).toHaveProperty([name], expected);
  });

  test.each<[string, string, string]>([
    ['mode', 'sweeep', 'mode is "sweeep"; it must be one of run, sweep, terminate'],
    ['engine', 'EMR', 'engine is "EMR"; it must be one of emr, spark, duckdb'],
    [
      'manifest',
      'lake/manifest.json',
      'manifest is "lake/manifest.json"; it must be an S3 address such as s3://bucket/manifest.json when the engine is emr',
    ],
    [
      'manifest',
      's3://titles',
      'manifest is "s3://titles"; it must be an S3 address such as s3://bucket/manifest.json when the engine is emr',
    ],
    ['bucket', '', 'bucket is not given; it must be given when the engine is emr'],
    ['prefix', '', 'prefix is not given; it must be given'],
    ['release', '7.13.0', 'release is "7.13.0"; it must be an EMR release such as emr-7.13.0'],
    ['size', 'large', 'size is "large"; it must be one of small, standard, x100'],
    ['service-role', '', 'service-role is not given; it must be given'],
    ['job-role', '', 'job-role is not given; it must be given'],
    ['log-uri', 'logs', 'log-uri is "logs"; it must be an S3 address such as s3://bucket/folder'],
    ['idle-timeout', '59', `idle-timeout is "59"; ${wholeFrom(60, 604_800)}`],
    ['idle-timeout', '604801', `idle-timeout is "604801"; ${wholeFrom(60, 604_800)}`],
    ['step-concurrency', '0', `step-concurrency is "0"; ${wholeFrom(1, 256)}`],
    ['step-concurrency', '257', `step-concurrency is "257"; ${wholeFrom(1, 256)}`],
    ['timeout-minutes', '1h', `timeout-minutes is "1h"; ${wholeFrom(1, 7200)}`],
    [
      'max-cost-eur',
      '2 euro',
      'max-cost-eur is "2 euro"; it must be a number such as 2 or 0.50, with no unit',
    ],
    ['reattach', 'ture', 'reattach is "ture"; it must be one of true, false'],
    ['role-to-assume', 'loader', 'role-to-assume is "loader"; it must be the ARN of an IAM role'],
    ['script', '', 'script is not given; it must be given, or `steps`'],
    [
      'steps',
      '- { name: a, command: ls }',
      'steps is "- { name: a, command: ls }"; it must not stand beside `script`',
    ],
  ])('%s cannot be "%s"', async (name, text, why) => {
    expect(await refusalOf({ [name]: text })).toEqual({
      kind: 'bad-input',
      what: 'An input is not usable',
      where: `input ${name}`,
      why,
      done: 'Nothing was started.',
      next: 'Change the inputs under `with:` of the step and run again.',
    });
  });
});

test('steps take the place of a script, but DuckDB runs none', async () => {
  const steps = { script: '', steps: '- { name: a, command: ls }' };
  expect(inputsOf({ ...given, ...steps })).toMatchObject({
    script: null,
    steps: '- { name: a, command: ls }',
  });
  expect(await refusalOf({ ...steps, engine: 'duckdb' })).toMatchObject({
    why: 'engine is "duckdb"; it must be emr or spark when `steps` are given',
  });
});

test.each(['files', 'script-args'])('%s beside steps would be lost and is refused', async (name) => {
  const steps = { script: '', steps: '- { name: a, command: ls }' };
  expect(await refusalOf({ ...steps, [name]: 'one' })).toMatchObject({
    why: `${name} is "one"; it must not stand beside \`steps\`, each of which has its own`,
  });
});

test.each(['spark', 'duckdb'])('by %s no manifest is read from S3', async (engine) => {
  expect(await refusalOf({ engine, manifest: 's3://titles/manifest.json' })).toMatchObject({
    why: `manifest is "s3://titles/manifest.json"; it must be a path of this machine when the engine is ${engine}`,
  });
});

test('a sweep needs neither script nor bucket, and this machine no bucket', () => {
  expect(inputsOf({ mode: 'sweep' })).toMatchObject({ mode: 'sweep', script: null, bucket: null });
  expect(inputsOf({ engine: 'spark', script: 'job.py' })).toMatchObject({ bucket: null });
});
