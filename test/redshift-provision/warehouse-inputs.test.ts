import { describe, expect, test } from '@jest/globals';
import { INPUT_NAMES } from '../../actions/redshift-provision/src/inputs.ts';
import { failureOf } from '../contract/failure-of.ts';
import { DEFAULTS, inputsOf } from './inputs-of.ts';

const given = { identifier: 'films' };

function refusalOf(changes: Readonly<Record<string, string>>) {
  return failureOf(Promise.resolve().then(() => inputsOf({ ...given, ...changes })));
}

test('action.yml has the inputs that the action reads, in the same order', () => {
  expect([...DEFAULTS.keys()]).toEqual(INPUT_NAMES);
});

test("action.yml's defaults are usable with an identifier alone", () => {
  expect(inputsOf(given)).toEqual({
    ensure: ['warehouse', 'table', 'access'],
    engine: 'redshift',
    'warehouse-file': null,
    kind: 'serverless',
    identifier: 'films',
    database: 'dev',
    size: 'small',
    'base-capacity': null,
    'max-capacity': null,
    'daily-rpu-hours': null,
    'node-type': null,
    'number-of-nodes': null,
    'concurrency-scaling-minutes': 60,
    'breach-action': 'deactivate',
    'iam-role': null,
    subnets: [],
    'subnet-group': null,
    'security-groups': [],
    'publicly-accessible': false,
    'on-drift': 'fail',
    contract: 'sql/imdb_titles.contract.yml',
    'access-file': 'sql/access.yml',
    after: 'keep',
    'snapshot-before-delete': true,
    'timeout-minutes': 45,
    'max-cost-eur': 6,
    'price-file': null,
    'role-to-assume': null,
  });
});

const wholeFrom = (least: number, most: number) => `it must be a whole number from ${least} to ${most}`;
const NAME = 'it must be 3 to 63 small letters, digits and single hyphens, a letter first';

describe('an input', () => {
  test.each<[string, string, string]>([
    ['ensure', 'tables', 'ensure is "tables"; it must be one of warehouse, table, access'],
    ['ensure', ' ', 'ensure is not given; it must name one or more of warehouse, table, access'],
    ['engine', 'postgres', 'engine is "postgres"; it must be one of redshift, duckdb'],
    ['engine', 'duckdb', 'warehouse-file is not given; it must be given when the engine is duckdb'],
    ['kind', 'workgroup', 'kind is "workgroup"; it must be one of serverless, cluster'],
    ['identifier', '', 'identifier is not given; it must be given when the engine is redshift'],
    ['identifier', 'Films', `identifier is "Films"; ${NAME}`],
    ['identifier', 'my--films', `identifier is "my--films"; ${NAME}`],
    ['identifier', 'films-', `identifier is "films-"; ${NAME}`],
    [
      'database',
      'dev"; DROP',
      'database is "dev"; DROP"; it must be a name of small letters, digits and underscores',
    ],
    ['size', 'large', 'size is "large"; it must be one of small, standard, x100'],
    ['base-capacity', '12', 'base-capacity is "12"; it must be 4 or a multiple of 8 up to 1024'],
    ['base-capacity', '2', 'base-capacity is "2"; it must be 4 or a multiple of 8 up to 1024'],
    ['max-capacity', '1032', 'max-capacity is "1032"; it must be 4 or a multiple of 8 up to 1024'],
    ['daily-rpu-hours', '0', `daily-rpu-hours is "0"; ${wholeFrom(1, 999_999)}`],
    ['node-type', 'ra3.large', 'node-type is "ra3.large"; it must not be given when the kind is serverless'],
    [
      'node-type',
      'dc2.large',
      'node-type is "dc2.large"; it must be one of ra3.large, ra3.xlplus, ra3.4xlarge, ra3.16xlarge',
    ],
    ['subnet-group', 'x', 'subnet-group is "x"; it must not be given when the kind is serverless'],
    ['breach-action', 'stop', 'breach-action is "stop"; it must be one of log, emit-metric, deactivate'],
    ['iam-role', 'loader', 'iam-role is "loader"; it must be the ARN of an IAM role'],
    ['publicly-accessible', 'yes', 'publicly-accessible is "yes"; it must be one of true, false'],
    ['on-drift', 'ignore', 'on-drift is "ignore"; it must be one of fail, warn, apply'],
    ['after', 'stop', 'after is "stop"; it must be one of keep, pause, delete'],
    ['snapshot-before-delete', 'no', 'snapshot-before-delete is "no"; it must be one of true, false'],
    ['timeout-minutes', '1h', `timeout-minutes is "1h"; ${wholeFrom(1, 7200)}`],
    ['max-cost-eur', '-1', 'max-cost-eur is "-1"; it must be a number such as 2 or 0.50, with no unit'],
  ])('%s cannot be "%s"', async (name, text, why) => {
    expect(await refusalOf({ [name]: text })).toMatchObject({
      kind: 'bad-input',
      what: 'An input is not usable',
      why,
      done: 'Nothing was started.',
    });
  });
});

test.each<[Readonly<Record<string, string>>, string]>([
  [
    { kind: 'cluster', subnets: 'subnet-1' },
    'subnets is "subnet-1"; it must not be given when the kind is cluster',
  ],
  [
    { kind: 'cluster', 'base-capacity': '8' },
    'base-capacity is "8"; it must not be given when the kind is cluster',
  ],
  [{ 'base-capacity': '16', 'max-capacity': '8' }, 'max-capacity is "8"; it must not be below base-capacity'],
  [
    { ensure: 'table', after: 'pause' },
    'after is "pause"; it must be keep when `ensure` does not name the warehouse',
  ],
])('%j do not go together', async (changes, why) => {
  expect(await refusalOf(changes)).toMatchObject({ why });
});
