import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { describe, expect, test } from '@jest/globals';
import {
  PUBLISH_MODES,
  type PublishMode,
  publishStatements,
} from '../../actions/shared/src/warehouse/publish.ts';
import { redshiftDialect } from '../../actions/shared/src/warehouse/redshift-dialect.ts';
import {
  commentStatements,
  createLedger,
  createStagingTable,
  createTable,
  freshnessSelect,
} from '../../actions/shared/src/warehouse/tables.ts';
import { FILMS, type Film } from '../warehouse/films.ts';
import { createWorkgroup, startRedshiftBed, until } from './redshift-bed.ts';
import { Statements, type Value, valueOf } from './redshift-statements.ts';

const bed = await startRedshiftBed();
const { data } = bed;
const WorkgroupName = await createWorkgroup(bed, 'titles');
const target = { WorkgroupName, Database: 'dev' };
const warehouse = new Statements(data, WorkgroupName);

describe('a statement', () => {
  test('gives typed fields, and dates as numbers on the wire', async () => {
    const { Id, ...done } = await warehouse.run(
      `SELECT 1 AS n, CAST(2.5 AS DOUBLE PRECISION) AS d, 'x' AS s, TRUE AS b, CAST(NULL AS INTEGER) AS nothing,
       CAST(1.50 AS NUMERIC(5,2)) AS amount, CAST('2026-01-02 03:04:05' AS TIMESTAMP) AS at`,
    );
    expect(done).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 1, WorkgroupName });
    expect(done.CreatedAt).toBeInstanceOf(Date);
    expect(done.Duration).toBeGreaterThan(0);
    const { Records, ColumnMetadata, TotalNumRows } = await data.send(new GetStatementResultCommand({ Id }));
    expect(TotalNumRows).toBe(1);
    expect(Records).toEqual([
      [
        { longValue: 1 },
        { doubleValue: 2.5 },
        { stringValue: 'x' },
        { booleanValue: true },
        { isNull: true },
        { stringValue: '1.50' },
        { stringValue: '2026-01-02 03:04:05' },
      ],
    ]);
    expect(ColumnMetadata?.map(({ name, typeName }) => [name, typeName])).toEqual([
      ['n', 'int4'],
      ['d', 'float8'],
      ['s', 'varchar'],
      ['b', 'bool'],
      ['nothing', 'int4'],
      ['amount', 'numeric'],
      ['at', 'timestamp'],
    ]);
  });

  test('binds parameters as values, also where they look like SQL', async () => {
    await warehouse.all('CREATE TABLE bound (a VARCHAR(64), n INTEGER)');
    const done = await warehouse.run(
      "INSERT INTO bound SELECT :a, CAST(:n AS INTEGER) WHERE '10%' LIKE '10%'",
      {
        Parameters: [
          { name: 'a', value: "x'); DROP TABLE bound; --:n" },
          { name: 'n', value: '7' },
        ],
      },
    );
    expect(done).toMatchObject({ Status: 'FINISHED', ResultRows: 1 });
    expect(done.QueryParameters).toHaveLength(2);
    expect(await warehouse.rows('SELECT a, n FROM bound')).toEqual([["x'); DROP TABLE bound; --:n", 7]]);
  });

  test('is run once for a client token', async () => {
    await warehouse.all('CREATE TABLE once (n INTEGER)');
    const request = { ...target, Sql: 'INSERT INTO once VALUES (1)', ClientToken: 'token-1' };
    const [first, second] = [
      await data.send(new ExecuteStatementCommand(request)),
      await data.send(new ExecuteStatementCommand(request)),
    ];
    await warehouse.finish(first.Id);
    expect(second.Id).toBe(first.Id);
    expect(await warehouse.rows('SELECT COUNT(*) FROM once')).toEqual([[1]]);
    const third = await data.send(new ExecuteStatementCommand({ ...request, ClientToken: 'token-2' }));
    expect(third.Id).not.toBe(first.Id);
  });

  test('is really cancelled, together with its backend', async () => {
    const { Id } = await data.send(
      new ExecuteStatementCommand({ ...target, Sql: 'SELECT pg_sleep(60) AS slept' }),
    );
    const running =
      "SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE '%AS slept%' AND query LIKE 'SELECT pg%'";
    await until(async () => (await warehouse.rows(running))[0]?.[0] === 1);
    await expect(data.send(new GetStatementResultCommand({ Id }))).rejects.toThrow(/does not have result/);
    expect((await data.send(new CancelStatementCommand({ Id }))).Status).toBe(true);
    expect((await warehouse.finish(Id)).Status).toBe('ABORTED');
    expect(await warehouse.rows(running)).toEqual([[0]]);
    await expect(data.send(new CancelStatementCommand({ Id }))).rejects.toThrow(/already in ABORTED/);
  });

  test('gives its result in pages', async () => {
    const { Id } = await warehouse.run('SELECT n FROM generate_series(1, 2500) AS numbers (n) ORDER BY n');
    const sizes: number[] = [];
    const seen: Value[] = [];
    let NextToken: string | undefined;
    do {
      const page = await data.send(new GetStatementResultCommand({ Id, NextToken }));
      sizes.push(page.Records?.length ?? 0);
      seen.push(...(page.Records ?? []).map(([field]) => (field === undefined ? null : valueOf(field))));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(sizes).toEqual([1000, 1000, 500]);
    expect(seen).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
  });

  test('is found again by the beginning of its name, in pages, failed ones on demand', async () => {
    await warehouse.run('SELECT 1', { StatementName: 'find-1' });
    await warehouse.run('SELECT 2', { StatementName: 'find-2' });
    await warehouse.run('SELECT 1 FROM nowhere', { StatementName: 'find-3' });
    const list = async (filter: object) => {
      const names: (string | undefined)[] = [];
      let NextToken: string | undefined;
      do {
        const page: { Statements?: { StatementName?: string }[]; NextToken?: string } = (await data.send(
          new ListStatementsCommand({ StatementName: 'find-', MaxResults: 1, NextToken, ...filter }),
        )) as never;
        names.push(...(page.Statements ?? []).map(({ StatementName }) => StatementName));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return names;
    };
    expect(await list({})).toEqual(['find-2', 'find-1']);
    expect(await list({ Status: 'FAILED' })).toEqual(['find-3']);
    expect(await list({ Status: 'ALL' })).toEqual(['find-3', 'find-2', 'find-1']);
    expect(await list({ StatementName: 'other' })).toEqual([]);
  });

  test.each<[rule: string, request: Partial<ExecuteStatementCommand['input']>, error: string]>([
    ['a cluster or a workgroup, not both', { ClusterIdentifier: 'c' }, 'ValidationException'],
    ['one of the two', { WorkgroupName: undefined }, 'ValidationException'],
    ['a database', { Database: undefined }, 'ValidationException'],
    ['100 KB at most', { Sql: `SELECT '${'x'.repeat(100_000)}'` }, 'ValidationException'],
    ['a workgroup that is there', { WorkgroupName: 'nowhere' }, 'ValidationException'],
    ['no DbUser at a workgroup', { DbUser: 'me' }, 'ValidationException'],
    ['a wait of 30 seconds at most', { WaitTimeSeconds: 31 }, 'ValidationException'],
    ['parameters that are used', { Parameters: [{ name: 'n', value: '1' }] }, 'ValidationException'],
    [
      'parameters that are not empty',
      { Sql: 'SELECT :n', Parameters: [{ name: 'n', value: '' }] },
      'ValidationException',
    ],
  ])('must have %s', async (_rule, request, error) => {
    await expect(
      data.send(new ExecuteStatementCommand({ ...target, Sql: 'SELECT 1', ...request })),
    ).rejects.toMatchObject({ name: error });
  });

  test('is refused when there are too many, on demand', async () => {
    await warehouse.all("INSERT INTO bed.faults VALUES ('active', '%busy%', 1)");
    const request = { ...target, Sql: 'SELECT 1', StatementName: 'busy' };
    await expect(data.send(new ExecuteStatementCommand(request))).rejects.toMatchObject({
      name: 'ActiveStatementsExceededException',
    });
    expect((await data.send(new ExecuteStatementCommand(request))).Id).toBeDefined();
  });

  test('that nobody sent is not found', async () => {
    const unknown = data.send(new DescribeStatementCommand({ Id: '00000000-0000-0000-0000-000000000000' }));
    await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('a batch', () => {
  test('is one transaction whose parts have ids of their own', async () => {
    const done = await warehouse.batch([
      'CREATE TABLE parts (n INTEGER)',
      'INSERT INTO parts VALUES (1), (2)',
      'SELECT n FROM parts ORDER BY n',
    ]);
    expect(done).toMatchObject({ Status: 'FINISHED', HasResultSet: true });
    const parts = done.SubStatements?.map(({ Id, Status, ResultRows }) => [Id, Status, ResultRows]);
    expect(parts).toEqual([
      [`${done.Id}:1`, 'FINISHED', -1],
      [`${done.Id}:2`, 'FINISHED', 2],
      [`${done.Id}:3`, 'FINISHED', 2],
    ]);
    const { Records } = await data.send(new GetStatementResultCommand({ Id: `${done.Id}:3` }));
    expect(Records).toEqual([[{ longValue: 1 }], [{ longValue: 2 }]]);
  });

  test('undoes all when one fails', async () => {
    await warehouse.all('CREATE TABLE undone (n INTEGER)');
    const done = await warehouse.batch([
      'INSERT INTO undone VALUES (1)',
      'SELECT n FROM nowhere',
      'INSERT INTO undone VALUES (2)',
    ]);
    expect(done.Status).toBe('FAILED');
    expect(done.Error).toMatch(/^Query #2 failed with ERROR: relation "nowhere" does not exist/);
    expect(done.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(await warehouse.rows('SELECT COUNT(*) FROM undone')).toEqual([[0]]);
  });

  test('commits each statement by itself in mode AUTO_COMMIT', async () => {
    await warehouse.all('CREATE TABLE kept (n INTEGER)');
    const done = await warehouse.batch(
      ['INSERT INTO kept VALUES (1)', 'SELECT n FROM nowhere', 'INSERT INTO kept VALUES (2)'],
      { ExecutionMode: 'AUTO_COMMIT' },
    );
    expect(done.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(await warehouse.rows('SELECT COUNT(*) FROM kept')).toEqual([[2]]);
  });

  test('that holds TRUNCATE is committed by it', async () => {
    await warehouse.all('CREATE TABLE emptied (n INTEGER)', 'INSERT INTO emptied VALUES (1)');
    const done = await warehouse.batch(['TRUNCATE emptied', 'SELECT n FROM nowhere']);
    expect(done.Status).toBe('FAILED');
    expect(await warehouse.rows('SELECT COUNT(*) FROM emptied')).toEqual([[0]]);
  });

  test('fails with 1023 when it is named for a conflict or one was ordered', async () => {
    await warehouse.all('CREATE TABLE contended (n INTEGER)');
    const insert = ['INSERT INTO contended VALUES (1)'];
    const named = await warehouse.batch(insert, { StatementName: 'bed-conflict' });
    expect(named.Error).toMatch(/ERROR: 1023[\s\S]*Serializable isolation violation on table/);
    await warehouse.all("INSERT INTO bed.faults VALUES ('conflict', '%contended%', 1)");
    expect((await warehouse.batch(insert)).Status).toBe('FAILED');
    expect((await warehouse.batch(insert)).Status).toBe('FINISHED');
    expect(await warehouse.rows('SELECT COUNT(*) FROM contended')).toEqual([[1]]);
  });

  test('holds 40 statements at most', async () => {
    const Sqls = Array.from({ length: 41 }, () => 'SELECT 1');
    await expect(data.send(new BatchExecuteStatementCommand({ ...target, Sqls }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe("Redshift's SQL", () => {
  test.each([
    'CREATE INDEX i ON shapes (n)',
    'SELECT DISTINCT ON (n) n FROM shapes',
    'SELECT n FROM shapes FOR UPDATE',
    'SELECT COUNT(*) FILTER (WHERE n > 1) FROM shapes',
    'INSERT INTO shapes VALUES (1) ON CONFLICT DO NOTHING',
    'INSERT INTO shapes VALUES (1) RETURNING n',
    'CREATE TABLE serials (n SERIAL)',
    'SELECT 1; SELECT 2',
    'TRUNCATE shapes, others',
    'CREATE VIEW late AS SELECT n FROM shapes WITH NO SCHEMA BINDING',
  ])('has no %s', async (sql) => {
    await warehouse.run('CREATE TABLE IF NOT EXISTS shapes (n INTEGER)');
    const done = await warehouse.run(sql);
    expect(done.Status).toBe('FAILED');
    expect(done.Error).toMatch(/syntax error|multiple commands|should be qualified/);
  });

  test.each<[rule: string, sql: string, rows: Value[][]]>([
    ['LEN and NVL', "SELECT LEN('abc'), NVL(NULL, 'x')", [[3, 'x']]],
    [
      'MEDIAN',
      'SELECT MEDIAN(n) FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 9) AS numbers',
      [[2]],
    ],
    ['GETDATE and SYSDATE', 'SELECT GETDATE() = SYSDATE', [[true]]],
    ['a literal that names features', "SELECT 'RETURNING; ON CONFLICT' AS a", [['RETURNING; ON CONFLICT']]],
    ['a backslash as escape', String.raw`SELECT LEN('a\\b')`, [[3]]],
    [
      'dates',
      "SELECT DATEDIFF(day, CAST('2026-01-01' AS TIMESTAMP), CAST('2026-01-03' AS TIMESTAMP))",
      [[2]],
    ],
  ])('has %s', async (_rule, sql, rows) => {
    expect(await warehouse.rows(sql)).toEqual(rows);
  });

  test('keeps layout and keys to itself', async () => {
    await warehouse.all(
      `CREATE TABLE laid (n INTEGER NOT NULL ENCODE az64 PRIMARY KEY, t VARCHAR(10) ENCODE zstd UNIQUE,
        PRIMARY KEY (n)) BACKUP NO DISTSTYLE KEY DISTKEY (n) COMPOUND SORTKEY (n, t)`,
      'INSERT INTO laid VALUES (1, NULL), (1, NULL)',
      'ALTER TABLE laid ALTER SORTKEY AUTO',
      'VACUUM laid',
      'ANALYZE laid',
    );
    expect(await warehouse.rows('SELECT COUNT(*) FROM laid')).toEqual([[2]]);
  });

  test('counts the bytes of VARCHAR; TEXT is VARCHAR(256)', async () => {
    await warehouse.all('CREATE TABLE wide (a VARCHAR(6), b TEXT)', "INSERT INTO wide (a) VALUES ('Amelie')");
    const accented = await warehouse.run("INSERT INTO wide (a) VALUES ('Amélie')");
    expect(accented.Error).toBe('ERROR: value too long for type character varying(6)');
    expect((await warehouse.run(`INSERT INTO wide (b) VALUES ('${'x'.repeat(256)}')`)).Status).toBe(
      'FINISHED',
    );
    expect((await warehouse.run(`INSERT INTO wide (b) VALUES ('${'x'.repeat(257)}')`)).Status).toBe('FAILED');
  });

  test('moves rows by ALTER TABLE APPEND, but not in a transaction', async () => {
    await warehouse.all(
      'CREATE TABLE appended (n INTEGER)',
      'CREATE TABLE source (n INTEGER)',
      'CREATE TABLE unlike (n BIGINT)',
      'INSERT INTO source VALUES (1), (2)',
    );
    const append = 'ALTER TABLE appended APPEND FROM source';
    expect((await warehouse.batch([append])).Error).toMatch(/cannot run inside a transaction block/);
    expect((await warehouse.run('ALTER TABLE appended APPEND FROM unlike')).Error).toMatch(/mismatch/);
    await warehouse.all(append);
    expect(
      await warehouse.rows('SELECT (SELECT COUNT(*) FROM appended), (SELECT COUNT(*) FROM source)'),
    ).toEqual([[2, 0]]);
  });

  test('grants to users, groups and roles, and merges', async () => {
    await warehouse.all(
      'CREATE TABLE granted (a INTEGER, b INTEGER)',
      'CREATE GROUP readers',
      'CREATE ROLE analysts',
      'CREATE ROLE chiefs',
      'GRANT SELECT ON granted TO GROUP readers',
      'GRANT SELECT ON granted TO ROLE analysts',
      'GRANT ROLE analysts TO ROLE chiefs',
      'CREATE USER somebody PASSWORD DISABLE IN GROUP readers',
      'INSERT INTO granted VALUES (1, 1)',
      'CREATE TABLE merged_from (a INTEGER, b INTEGER)',
      'INSERT INTO merged_from VALUES (1, 10), (2, 20)',
      `MERGE INTO granted USING merged_from ON granted.a = merged_from.a
       WHEN MATCHED THEN UPDATE SET b = merged_from.b
       WHEN NOT MATCHED THEN INSERT (a, b) VALUES (merged_from.a, merged_from.b)`,
    );
    expect(await warehouse.rows('SELECT a, b FROM granted ORDER BY a')).toEqual([
      [1, 10],
      [2, 20],
    ]);
    expect(
      await warehouse.rows(
        `SELECT has_table_privilege('readers', 'granted', 'select'), has_table_privilege('chiefs', 'granted', 'select'),
         has_table_privilege('somebody', 'granted', 'delete')`,
      ),
    ).toEqual([[true, true, false]]);
  });
});

describe('the statements of a publish', () => {
  const live: Film[] = [
    ['same', 'Same', true, 1, 1.5],
    ['changed', 'Before', null, 2, null],
    ['vanished', 'Vanished', false, null, 3],
  ];
  const staged: Film[] = [
    ['same', 'Same', true, 1, 1.5],
    ['changed', 'After', null, 2, null],
    ['added', 'Amélie', null, null, null],
  ];
  const [same, before, vanished] = live;
  const [, after, added] = staged;
  // inserted, updated, deleted, unchanged, stale, vanished, total
  const expected: Record<PublishMode, { films: (Film | undefined)[]; counts: number[] }> = {
    replace: { films: [added, after, same], counts: [1, 1, 1, 1, 0, 1, 3] },
    merge: { films: [added, after, same, vanished], counts: [1, 1, 0, 1, 0, 1, 4] },
    append: { films: [added, before, same, vanished], counts: [1, 0, 0, 1, 1, 1, 4] },
  };
  const literal = (value: Value) =>
    typeof value === 'string' ? redshiftDialect.literal(value) : String(value ?? 'NULL');
  const insert = (table: string, films: readonly Film[]) =>
    `INSERT INTO ${table} VALUES ${films.map((film) => `(${film.map(literal).join(', ')})`).join(', ')}`;

  async function prepare(table: string) {
    const contract = { ...FILMS, table };
    const stagingTable = `${table}_staging_1`;
    await warehouse.all(
      createTable(table, contract, redshiftDialect),
      createLedger(contract),
      `CREATE VIEW ${table}_freshness AS ${freshnessSelect(contract)}`,
      ...commentStatements(contract, redshiftDialect),
      createStagingTable(stagingTable, contract, redshiftDialect),
      insert(table, live),
      insert(stagingTable, staged),
    );
    return { contract, stagingTable };
  }

  function publish(prepared: Awaited<ReturnType<typeof prepare>>, mode: PublishMode) {
    const statements = publishStatements(
      prepared.contract,
      {
        loadId: 'load-1',
        runId: 'run-1',
        fingerprint: '0123456789ab',
        sourceDate: '2026-11-22T23:52:00.000Z',
        stagingTable: prepared.stagingTable,
        mode,
        publishedAt: '2026-11-23T06:05:00.000Z',
      },
      redshiftDialect,
    );
    // A batch has one list of parameters, in which each name stands once.
    const parameters = new Map(statements.flatMap((statement) => Object.entries(statement.parameters ?? {})));
    return {
      sqls: statements.map(({ sql }) => sql),
      options: { Parameters: [...parameters].map(([name, value]) => ({ name, value })) },
    };
  }

  test.each(PUBLISH_MODES)('do in mode %s what is worked out by hand', async (mode) => {
    const table = `films_${mode}`;
    const { sqls, options } = publish(await prepare(table), mode);
    const done = await warehouse.batch(sqls, options);
    expect(done.Error).toBeUndefined();
    expect(await warehouse.rows(`SELECT * FROM ${table} ORDER BY film_key`)).toEqual(expected[mode].films);
    expect(
      await warehouse.rows(
        `SELECT load_number, load_id, mode, source_date, rows_staged, rows_inserted, rows_updated, rows_deleted,
         rows_unchanged, rows_stale, rows_vanished, rows_total FROM ${table}_loads`,
      ),
    ).toEqual([[1, 'load-1', mode, '2026-11-22 23:52:00', 3, ...expected[mode].counts]]);
    expect(await warehouse.rows(`SELECT rows_total FROM ${table}_freshness`)).toEqual([
      [expected[mode].counts[6]],
    ]);
    const left = `SELECT table_name FROM svv_tables WHERE table_name LIKE '${table}_staging%'`;
    expect(await warehouse.rows(left)).toEqual([]);
  });

  test.each<[what: string, change: (sqls: string[], table: string) => string[], error: RegExp]>([
    [
      'a value is too wide in bytes',
      (sqls, table) => [
        ...sqls,
        `INSERT INTO ${table} (film_key, title) VALUES ('wide', '${'é'.repeat(20)}x')`,
      ],
      /value too long for type character varying\(40\)/,
    ],
    [
      'a statement fails at the end',
      (sqls) => [...sqls, 'SELECT n FROM nowhere'],
      /"nowhere" does not exist/,
    ],
    [
      'a key is missing',
      (sqls, table) => [`INSERT INTO ${table}_staging_1 (title) VALUES ('no key')`, ...sqls],
      /null value in column "film_key"/,
    ],
  ])('are all undone when %s', async (what, change, error) => {
    const table = `undone_${what.replaceAll(' ', '_')}`;
    const { sqls, options } = publish(await prepare(table), 'replace');
    const done = await warehouse.batch(change(sqls, table), options);
    expect(done.Status).toBe('FAILED');
    expect(done.Error).toMatch(error);
    const films = await warehouse.rows(`SELECT * FROM ${table} ORDER BY film_key`);
    expect(films).toEqual([before, same, vanished]);
    expect(await warehouse.rows(`SELECT COUNT(*) FROM ${table}_loads`)).toEqual([[0]]);
    expect(await warehouse.rows(`SELECT COUNT(*) FROM ${table}_staging_1`)).toEqual([[3]]);
  });
});
