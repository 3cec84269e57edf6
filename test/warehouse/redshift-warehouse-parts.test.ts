import { describe, expect, test } from '@jest/globals';
import { isTransient } from '../../actions/shared/src/aws/transient.ts';
import type { SqlValue } from '../../actions/shared/src/duckdb.ts';
import { bindParameters } from '../../actions/shared/src/redshift-data/bind-parameters.ts';
import { targetMembers } from '../../actions/shared/src/redshift-data/data-api.ts';
import { valueOf } from '../../actions/shared/src/redshift-data/result-values.ts';
import { pauseAfter } from '../../actions/shared/src/redshift-data/timing.ts';
import { copyManifest, copyStatements } from '../../actions/shared/src/warehouse/redshift-copy.ts';
import { redshiftDialect } from '../../actions/shared/src/warehouse/redshift-dialect.ts';
import { stepName } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import { sweepStaging } from '../../actions/shared/src/warehouse/sweep-staging.ts';
import { FILMS } from './films.ts';

describe('bindParameters', () => {
  test('gives one list for the batch, in which equal values share a name', () => {
    expect(
      bindParameters([
        { sql: 'INSERT INTO a VALUES (:x, :y)', parameters: { x: '1', y: '2' } },
        { sql: 'INSERT INTO b VALUES (:x, :x)', parameters: { x: '1' } },
      ]),
    ).toEqual({
      sqls: ['INSERT INTO a VALUES (:x, :y)', 'INSERT INTO b VALUES (:x, :x)'],
      parameters: [
        { name: 'x', value: '1' },
        { name: 'y', value: '2' },
      ],
    });
  });

  test('renames a parameter that has another value in a later statement', () => {
    expect(
      bindParameters([
        { sql: 'SELECT :x', parameters: { x: '1' } },
        { sql: 'SELECT :x', parameters: { x: '2' } },
        { sql: 'SELECT :x', parameters: { x: '2' } },
      ]),
    ).toEqual({
      sqls: ['SELECT :x', 'SELECT :x_2', 'SELECT :x_2'],
      parameters: [
        { name: 'x', value: '1' },
        { name: 'x_2', value: '2' },
      ],
    });
  });

  test.each<[what: string, sql: string]>([
    ['a literal', "SELECT ':x', ':y', :x"],
    ['a literal with escapes', "SELECT 'it''s \\' :y', :x"],
    ['a quoted name', 'SELECT "a:y" FROM b WHERE c = :x'],
    ['a cast', 'SELECT :x::VARCHAR(4)'],
    ['a comment', "SELECT :x -- it's :y\n"],
    ['a long comment', "SELECT /* don't :y */ :x"],
  ])('touches nothing in %s', (_what, sql) => {
    expect(bindParameters([{ sql, parameters: { x: 'value' } }]).sqls).toEqual([sql]);
  });

  test('puts an empty text into the SQL, for a parameter has one character or more', () => {
    expect(bindParameters([{ sql: "SELECT :x || ':x'", parameters: { x: '' } }])).toEqual({
      sqls: ["SELECT '' || ':x'"],
      parameters: [],
    });
  });

  test('refuses a parameter without a value, and one that the SQL does not name', () => {
    expect(() => bindParameters([{ sql: 'SELECT :constructor', parameters: {} }])).toThrow(':constructor');
    expect(() => bindParameters([{ sql: 'SELECT 1', parameters: { x: '1' } }])).toThrow('x');
  });
});

describe('a value of a result', () => {
  test.each<[type: string, field: Parameters<typeof valueOf>[0], value: SqlValue]>([
    ['int8', { longValue: 14_400_000 }, 14_400_000],
    ['float8', { doubleValue: 0.1 }, 0.1],
    ['numeric', { stringValue: '14400000.50' }, 14_400_000.5],
    ['bool', { booleanValue: false }, false],
    ['varchar', { stringValue: '2026-11-22 23:52:00' }, '2026-11-22 23:52:00'],
    ['varchar', { stringValue: '' }, ''],
    ['varchar', { isNull: true }, null],
    ['timestamp', { stringValue: '2026-11-22 23:52:00' }, '2026-11-22T23:52:00.000Z'],
    ['timestamp', { stringValue: '2026-11-22 23:52:00.5' }, '2026-11-22T23:52:00.500Z'],
    ['timestamp', { stringValue: '2026-11-22 23:52:00.123456' }, '2026-11-22T23:52:00.123Z'],
    ['timestamptz', { stringValue: '2026-11-22 23:52:00+02' }, '2026-11-22T21:52:00.000Z'],
    ['timestamptz', { stringValue: '2026-11-22 23:52:00-05:30' }, '2026-11-23T05:22:00.000Z'],
    ['date', { stringValue: '2026-11-22' }, '2026-11-22T00:00:00.000Z'],
    ['timestamp', { stringValue: 'infinity' }, 'infinity'],
  ])('of type %s, %j, is %j', (typeName, field, value) => {
    expect(valueOf(field, { typeName })).toBe(value);
  });

  test('that is bytes is refused', () => {
    expect(() => valueOf({ blobValue: new Uint8Array([1]) }, { typeName: 'varbyte' })).toThrow('varbyte');
  });
});

describe('the words of Redshift', () => {
  test.each<[text: string, literal: string]>([
    ["it's", "'it''s'"],
    ['a\\b', "'a\\\\b'"],
    ["\\'; DROP TABLE films; --", "'\\\\''; DROP TABLE films; --'"],
  ])('write the literal of %j as %s', (text, literal) => {
    expect(redshiftDialect.literal(text)).toBe(literal);
  });

  test('write a type with its width in bytes', () => {
    expect(FILMS.columns.map((column) => redshiftDialect.columnType(column))).toEqual([
      'VARCHAR(16)',
      'VARCHAR(40)',
      'BOOLEAN',
      'INTEGER',
      'DOUBLE PRECISION',
    ]);
  });
});

describe('a COPY', () => {
  test('names each file as mandatory, with its length', () => {
    expect(JSON.parse(copyManifest([{ path: 's3://lake/run/part-0.parquet', bytes: 42 }]))).toEqual({
      entries: [{ url: 's3://lake/run/part-0.parquet', mandatory: true, meta: { content_length: 42 } }],
    });
  });

  test('comes after its table is made, and of no files does not come', () => {
    const copy = { manifest: 's3://lake/copies/staged.json', roleArn: 'arn:aws:iam::123456789012:role/copy' };
    const sqls = copyStatements('staged', FILMS, copy).map(({ sql }) => sql);
    expect(sqls).toHaveLength(2);
    expect(sqls[1]).toBe(`COPY "staged" ("film_key", "title", "is_short", "order", "rating")
FROM 's3://lake/copies/staged.json'
IAM_ROLE 'arn:aws:iam::123456789012:role/copy'
FORMAT AS PARQUET
MANIFEST`);
    expect(copyStatements('staged', FILMS, null).map(({ sql }) => sql)).toEqual(sqls.slice(0, 1));
  });
});

describe('a pause', () => {
  test.each([
    [1, 0, 100],
    [1, 1, 200],
    [2, 0.5, 300],
    [4, 0, 800],
    [30, 0, 2500],
    [30, 1, 5000],
  ])('after attempt %d with the chance %d is %d ms', (attempt, chance, pause) => {
    expect(pauseAfter(attempt, 5000, () => chance)).toBe(pause);
  });
});

describe('a failed call', () => {
  const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });
  test.each<[name: string, members: object, tellsNothing: boolean]>([
    ['ThrottlingException', status(400), true],
    ['InternalServerException', status(500), true],
    ['Unknown', status(503), true],
    ['Error', { code: 'ECONNRESET' }, true],
    ['TimeoutError', {}, true],
    ['ActiveWaitingRequestsExceededException', status(400), true],
    ['Error', { message: 'AWS SDK error wrapper for TimeoutError: read ECONNRESET' }, true],
    ['ValidationException', status(400), false],
    ['ExpiredTokenException', status(400), false],
    ['ActiveStatementsExceededException', status(400), false],
    ['TypeError', {}, false],
  ])('with the error %s %j tells nothing of the work: %s', (name, members, tellsNothing) => {
    expect(isTransient(Object.assign(new Error('told'), { name }, members))).toBe(tellsNothing);
  });

  test.each([
    [200, true],
    [502, true],
    [403, false],
  ])(
    'with an answer of status %d that cannot be read tells nothing of the work: %s',
    (code, tellsNothing) => {
      const unreadable = Object.assign(new SyntaxError("Unexpected token '<'"), status(code));
      expect(isTransient(unreadable)).toBe(tellsNothing);
    },
  );

  test('with what is no error is taken as it is', () => {
    expect(isTransient('a text')).toBe(false);
  });
});

describe('the name of a step', () => {
  const statement = { sql: 'SELECT :at', parameters: { at: '2026-11-23' } };
  test('is the same for the same SQL, whatever its parameters, and begins with the load', () => {
    const name = stepName('load-1', 'transact', [statement]);
    expect(name).toMatch(/^load-1\/transact-[0-9a-f]{12}$/);
    expect(stepName('load-1', 'transact', [{ ...statement, parameters: { at: '2026-11-24' } }])).toBe(name);
    expect(stepName('load-1', 'transact', [{ sql: 'SELECT 2' }])).not.toBe(name);
  });
});

describe('the target', () => {
  test.each([
    [
      { kind: 'cluster', cluster: 'c', database: 'dev', login: { dbUser: 'loader' } },
      { ClusterIdentifier: 'c', Database: 'dev', DbUser: 'loader' },
    ],
    [
      { kind: 'cluster', cluster: 'c', database: 'dev', login: { secretArn: 'arn:secret' } },
      { ClusterIdentifier: 'c', Database: 'dev', SecretArn: 'arn:secret' },
    ],
    [
      { kind: 'serverless', workgroup: 'w', database: 'dev' },
      { WorkgroupName: 'w', Database: 'dev' },
    ],
    [
      { kind: 'serverless', workgroup: 'w', database: 'dev', secretArn: 'arn:secret' },
      { WorkgroupName: 'w', Database: 'dev', SecretArn: 'arn:secret' },
    ],
  ] as const)('%j goes into a request as %j', (target, members) => {
    expect(targetMembers(target)).toEqual(members);
  });
});

test('more dead staging tables than a batch holds are dropped in several', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `films_staging_${index}`);
  const batches: number[] = [];
  const warehouse = {
    query: () => Promise.resolve({ columns: [], rows: names.map((name) => [name, null]) }),
    transact: (statements: readonly unknown[]) => Promise.resolve(void batches.push(statements.length)),
  };
  expect(await sweepStaging(warehouse, FILMS, new Date())).toEqual(names);
  expect(batches).toEqual([40, 10]);
});
