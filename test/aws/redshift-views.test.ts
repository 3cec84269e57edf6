import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWorkgroup, startRedshiftBed } from './redshift-bed.ts';
import { Statements, type Value } from './redshift-statements.ts';

const bed = await startRedshiftBed();
const warehouse = new Statements(bed.data, await createWorkgroup(bed, 'views'));

describe('expressions of Redshift', () => {
  beforeEach(async () => {
    await warehouse.all(
      'CREATE TABLE IF NOT EXISTS letters (n INTEGER, l VARCHAR(4))',
      'DELETE FROM letters',
      "INSERT INTO letters VALUES (1, 'a'), (2, 'b'), (3, 'b'), (4, NULL)",
    );
  });

  test.each<[sql: string, rows: Value[][]]>([
    ['SELECT TOP 2 n FROM letters ORDER BY n DESC', [[4], [3]]],
    ['SELECT COUNT(*) FROM (SELECT TOP 3 n FROM letters ORDER BY n) AS few WHERE n > 1', [[2]]],
    ["SELECT LISTAGG(l, '|') WITHIN GROUP (ORDER BY n DESC) FROM letters", [['b|b|a']]],
    ["SELECT LISTAGG(DISTINCT l, ',') WITHIN GROUP (ORDER BY l) FROM letters", [['a,b']]],
    ['SELECT LISTAGG(n) WITHIN GROUP (ORDER BY n) FROM letters', [['1234']]],
    [
      "SELECT DECODE(l, 'a', 'first', NULL, 'none', 'other') FROM letters ORDER BY n",
      [['first'], ['other'], ['other'], ['none']],
    ],
    ["SELECT DECODE(n, 1, 'one') FROM letters ORDER BY n", [['one'], [null], [null], [null]]],
    ["SELECT NVL2(l, DECODE(l, 'a', 1, 2), 0) FROM letters ORDER BY n", [[1], [2], [2], [0]]],
    // The digests of 'abc' in FIPS 180-2, appendices B.1 and C.1, as far as they fit on a line.
    [
      "SELECT SUBSTRING(SHA2('abc', 256), 1, 16), SUBSTRING(SHA2('abc', 512), 1, 16)",
      [['ba7816bf8f01cfea', 'ddaf35a193617aba']],
    ],
    ["SELECT 'DECODE(1)', 'TOP 1'", [['DECODE(1)', 'TOP 1']]],
  ])('%s', async (sql, rows) => {
    expect(await warehouse.rows(sql)).toEqual(rows);
  });

  test.each<[sql: string, error: RegExp]>([
    ['SELECT n FROM letters QUALIFY ROW_NUMBER() OVER (ORDER BY n) = 1', /the bed lacks QUALIFY/],
    ['SELECT TOP 1 n FROM letters UNION SELECT 1', /the bed lacks TOP together with/],
    [
      "SELECT LISTAGG(l, ',') WITHIN GROUP (ORDER BY n) OVER (PARTITION BY l) FROM letters",
      /the bed lacks LISTAGG as a window/,
    ],
    ['SELECT NVL2(1, 2)', /NVL2 takes three arguments/],
  ])('%s is refused', async (sql, error) => {
    const done = await warehouse.run(sql);
    expect(done.Status).toBe('FAILED');
    expect(done.Error).toMatch(error);
  });

  test('MERGE REMOVE DUPLICATES puts the source in place of what matches', async () => {
    await warehouse.all(
      'CREATE TABLE news (n INTEGER, l VARCHAR(4))',
      "INSERT INTO news VALUES (2, 'x'), (9, 'y')",
      'MERGE INTO letters USING news ON letters.n = news.n REMOVE DUPLICATES',
    );
    expect(await warehouse.rows('SELECT n, l FROM letters ORDER BY n')).toEqual([
      [1, 'a'],
      [2, 'x'],
      [3, 'b'],
      [4, null],
      [9, 'y'],
    ]);
  });
});

const definition = (table: string) =>
  warehouse.rows(
    `SELECT "column", type, encoding, distkey, sortkey, "notnull" FROM pg_table_def WHERE tablename = '${table}'`,
  );
const info = (table: string) =>
  warehouse.rows(
    `SELECT diststyle, sortkey1, sortkey_num, max_varchar, tbl_rows FROM svv_table_info WHERE "table" = '${table}'`,
  );

describe('the layout of a table', () => {
  test('is what was declared at the end', async () => {
    await warehouse.all(
      `CREATE TABLE laid (k VARCHAR(16) NOT NULL ENCODE zstd, y INTEGER, d DOUBLE PRECISION, PRIMARY KEY (k))
       DISTKEY (k) COMPOUND SORTKEY (y, k)`,
      "INSERT INTO laid VALUES ('a', 1, 2.5), ('b', 2, NULL)",
    );
    expect(await definition('laid')).toEqual([
      ['k', 'character varying(16)', 'zstd', true, 2, true],
      ['y', 'integer', 'none', false, 1, false],
      ['d', 'double precision', 'none', false, 0, false],
    ]);
    expect(await info('laid')).toEqual([['KEY(k)', 'y', 2, 16, '2']]);
  });

  test('may stand at the columns, and in quotes', async () => {
    await warehouse.all(
      'CREATE TABLE at_columns (a INTEGER SORTKEY, "B" BIGINT DISTKEY)',
      'INSERT INTO at_columns VALUES (1, 2)',
    );
    expect(await info('at_columns')).toEqual([['KEY(b)', 'a', 1, null, '1']]);
  });

  test.each<[layout: string, style: string, sortkey: Value]>([
    ['', 'AUTO(ALL)', 'AUTO(SORTKEY)'],
    ['DISTSTYLE EVEN', 'EVEN', 'AUTO(SORTKEY)'],
    ['DISTSTYLE ALL SORTKEY (n)', 'ALL', 'n'],
    ['INTERLEAVED SORTKEY (n)', 'AUTO(ALL)', 'INTERLEAVED'],
  ])('of CREATE TABLE ... %s', async (layout, style, sortkey) => {
    await warehouse.all(
      'DROP TABLE IF EXISTS styled',
      `CREATE TABLE styled (n INTEGER) ${layout}`,
      'INSERT INTO styled VALUES (1)',
    );
    expect((await info('styled'))[0]?.slice(0, 2)).toEqual([style, sortkey]);
  });

  test('changes by ALTER TABLE and stays by CREATE TABLE IF NOT EXISTS', async () => {
    await warehouse.all(
      'CREATE TABLE relaid (a INTEGER, b INTEGER) DISTSTYLE EVEN SORTKEY (a)',
      'INSERT INTO relaid VALUES (1, 1)',
      'ALTER TABLE relaid ALTER DISTSTYLE KEY DISTKEY b',
      'ALTER TABLE relaid ALTER SORTKEY (b, a)',
      'CREATE TABLE IF NOT EXISTS relaid (a INTEGER, b INTEGER) DISTSTYLE ALL',
    );
    expect((await info('relaid'))[0]?.slice(0, 3)).toEqual(['KEY(b)', 'b', 2]);
    await warehouse.all('ALTER TABLE relaid ALTER DISTSTYLE ALL', 'ALTER TABLE relaid ALTER SORTKEY NONE');
    expect((await info('relaid'))[0]?.slice(0, 3)).toEqual(['ALL', null, 0]);
    await warehouse.all('CREATE TABLE alike (LIKE relaid)', 'INSERT INTO alike SELECT * FROM relaid');
    expect((await info('alike'))[0]?.[0]).toBe('ALL');
  });

  test.each([
    ['CREATE TABLE wrong (n INTEGER) DISTKEY (m)', /column "m" .*does not exist/],
    ['CREATE TABLE wrong (n INTEGER) DISTSTYLE KEY', /needs a DISTKEY/],
    ['CREATE TABLE wrong (n INTEGER) DISTSTYLE ALL DISTKEY (n)', /cannot specify DISTKEY/],
  ])('is refused: %s', async (sql, error) => {
    expect((await warehouse.run(sql)).Error).toMatch(error);
    expect(await definition('wrong')).toEqual([]);
  });

  test('is not told of an empty table by SVV_TABLE_INFO', async () => {
    await warehouse.all('CREATE TABLE hollow (n INTEGER)');
    expect(await info('hollow')).toEqual([]);
    expect(await definition('hollow')).toHaveLength(1);
  });
});

describe('the columns of a table', () => {
  test('may be added, widened outside a transaction, and described', async () => {
    await warehouse.all(
      'CREATE TABLE changing (k VARCHAR(4))',
      "INSERT INTO changing VALUES ('abcd')",
      'ALTER TABLE changing ADD COLUMN extra VARCHAR(7)',
      'ALTER TABLE changing ALTER COLUMN k TYPE VARCHAR(20)',
      "COMMENT ON TABLE changing IS 'a table'",
      "COMMENT ON COLUMN changing.k IS 'its key'",
    );
    expect(
      await warehouse.rows(
        `SELECT column_name, data_type, character_maximum_length, is_nullable, remarks FROM svv_columns
         WHERE table_name = 'changing' ORDER BY ordinal_position`,
      ),
    ).toEqual([
      ['k', 'character varying', 20, 'YES', 'its key'],
      ['extra', 'character varying', 7, 'YES', null],
    ]);
    expect(await warehouse.rows("SELECT remarks FROM svv_tables WHERE table_name = 'changing'")).toEqual([
      ['a table'],
    ]);
    expect((await warehouse.run("INSERT INTO changing VALUES ('twenty-one characters')")).Error).toMatch(
      /varying\(20\)/,
    );
  });

  test.each([
    ['ALTER TABLE kept ALTER COLUMN k TYPE VARCHAR(3)', /too long/],
    ['ALTER TABLE kept ALTER COLUMN n TYPE BIGINT', /target data type "bigint" is not supported/],
    ['ALTER TABLE kept ADD COLUMN m INTEGER NOT NULL', /must have a non-null default/],
  ])('stay: %s', async (sql, error) => {
    await warehouse.all(
      'DROP TABLE IF EXISTS kept',
      'CREATE TABLE kept (k VARCHAR(4), n INTEGER)',
      "INSERT INTO kept VALUES ('abcd', 1)",
    );
    expect((await warehouse.run(sql)).Error).toMatch(error);
    expect((await definition('kept')).map(([name, type]) => [name, type])).toEqual([
      ['k', 'character varying(4)'],
      ['n', 'integer'],
    ]);
  });

  test('are not widened in a batch', async () => {
    await warehouse.all('CREATE TABLE batched (k VARCHAR(4))');
    const done = await warehouse.batch(['ALTER TABLE batched ALTER COLUMN k TYPE VARCHAR(8)']);
    expect(done.Error).toMatch(/ALTER TABLE ALTER COLUMN cannot run inside a transaction block/);
  });
});

test('SYS_QUERY_HISTORY tells each statement and its end', async () => {
  const label = { StatementName: 'history' };
  await warehouse.run('SELECT 1 AS told UNION ALL SELECT 2', label);
  await warehouse.run('SELECT n FROM nowhere', label);
  await warehouse.batch(
    ['CREATE TABLE remembered AS SELECT 1 AS n', 'INSERT INTO remembered VALUES (2)'],
    label,
  );
  expect(
    await warehouse.rows(
      `SELECT query_type, status, returned_rows, error_message LIKE '%nowhere%', end_time >= start_time
       FROM sys_query_history WHERE query_label = 'history' ORDER BY query_id`,
    ),
  ).toEqual([
    ['SELECT', 'success', 2, false, true],
    ['SELECT', 'failed', 0, true, true],
    ['CTAS', 'success', 0, false, true],
    ['INSERT', 'success', 0, false, true],
  ]);
});

describe('grants', () => {
  // Users, groups and roles are the server's: they outlive a test.
  afterAll(async () => {
    for (const kind of ['ROLE analyst FORCE', 'ROLE chief FORCE']) await warehouse.run(`DROP ${kind}`);
  });

  test('to users, groups and roles can be read back', async () => {
    await warehouse.all(
      'CREATE TABLE granted (a INTEGER, b INTEGER)',
      'CREATE VIEW shown AS SELECT a FROM granted',
      'CREATE ROLE analyst',
      'CREATE ROLE chief',
      'CREATE GROUP staff',
      'CREATE USER ann PASSWORD DISABLE',
      'CREATE USER bob PASSWORD DISABLE',
      'ALTER GROUP staff ADD USER bob',
      'GRANT ROLE analyst TO ROLE chief',
      'GRANT ROLE chief TO ann WITH ADMIN OPTION',
      'GRANT SELECT ON granted TO ROLE analyst, GROUP staff',
      'GRANT INSERT, DELETE ON granted TO bob',
      'GRANT SELECT (b) ON granted TO ROLE chief',
      'GRANT SELECT ON shown TO PUBLIC',
      'GRANT USAGE ON SCHEMA public TO ROLE analyst',
    );
    expect(await warehouse.rows('SELECT role_name FROM svv_roles ORDER BY 1')).toEqual([
      ['analyst'],
      ['chief'],
    ]);
    expect(await warehouse.rows('SELECT role_name, granted_role_name FROM svv_role_grants')).toEqual([
      ['chief', 'analyst'],
    ]);
    expect(await warehouse.rows('SELECT user_name, role_name, admin_option FROM svv_user_grants')).toEqual([
      ['ann', 'chief', true],
    ]);
    expect(
      await warehouse.rows(
        `SELECT namespace_name, relation_name, privilege_type, identity_name, identity_type
         FROM svv_relation_privileges WHERE relation_name IN ('granted', 'shown') ORDER BY 2, 4, 3`,
      ),
    ).toEqual([
      ['public', 'granted', 'SELECT', 'analyst', 'role'],
      ['public', 'granted', 'DELETE', 'bob', 'user'],
      ['public', 'granted', 'INSERT', 'bob', 'user'],
      ['public', 'granted', 'SELECT', 'staff', 'group'],
      ['public', 'shown', 'SELECT', 'public', 'public'],
    ]);
    expect(
      await warehouse.rows(
        'SELECT relation_name, column_name, privilege_type, identity_name FROM svv_column_privileges',
      ),
    ).toEqual([['granted', 'b', 'SELECT', 'chief']]);
    expect(
      await warehouse.rows(
        "SELECT privilege_type, identity_type FROM svv_schema_privileges WHERE identity_name = 'analyst'",
      ),
    ).toEqual([['USAGE', 'role']]);
    expect(
      await warehouse.rows(
        "SELECT user_name FROM svv_user_info WHERE user_name IN ('ann', 'bob', 'staff', 'chief') ORDER BY 1",
      ),
    ).toEqual([['ann'], ['bob']]);
    expect(await warehouse.rows("SELECT has_table_privilege('bob', 'granted', 'select')")).toEqual([[true]]);
  });

  test('are taken back, and a role that is held goes by force only', async () => {
    await warehouse.all('REVOKE SELECT ON granted FROM ROLE analyst', 'REVOKE ROLE chief FROM ann');
    expect(
      await warehouse.rows("SELECT * FROM svv_relation_privileges WHERE identity_name = 'analyst'"),
    ).toEqual([]);
    expect(await warehouse.rows('SELECT * FROM svv_user_grants')).toEqual([]);
    expect((await warehouse.run('DROP ROLE analyst')).Error).toMatch(/is granted/);
    await warehouse.all('DROP ROLE analyst FORCE');
    expect(await warehouse.rows('SELECT role_name FROM svv_roles')).toEqual([['chief']]);
  });

  test('for tables to come', async () => {
    await warehouse.all(
      'CREATE ROLE future',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ROLE future',
      'CREATE TABLE came (n INTEGER)',
    );
    expect(
      await warehouse.rows(
        'SELECT schema_name, object_type, privilege_type, grantee_name, grantee_type FROM svv_default_privileges',
      ),
    ).toEqual([['public', 'RELATION', 'SELECT', 'future', 'role']]);
    expect(
      await warehouse.rows(
        "SELECT relation_name FROM svv_relation_privileges WHERE identity_name = 'future'",
      ),
    ).toEqual([['came']]);
  });

  test.each([
    'CREATE RLS POLICY own WITH (n INTEGER) USING (n = 1)',
    'ATTACH RLS POLICY own ON came TO ROLE future',
    'ALTER TABLE came ROW LEVEL SECURITY ON',
    'GRANT ALTER ON came TO ROLE future',
    'GRANT SELECT, DROP ON came TO ROLE future',
  ])('are refused that the bed cannot hold: %s', async (sql) => {
    expect((await warehouse.run(sql)).Error).toMatch(/^ERROR: the bed lacks/);
  });
});
