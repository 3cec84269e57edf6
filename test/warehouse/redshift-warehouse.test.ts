import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import type { DataApi } from '../../actions/shared/src/redshift-data/data-api.ts';
import { runStatements } from '../../actions/shared/src/redshift-data/run-statements.ts';
import { stageRun, stagingTableOf } from '../../actions/shared/src/warehouse/load.ts';
import {
  copyFailure,
  copyStatements,
  writeCopyManifest,
} from '../../actions/shared/src/warehouse/redshift-copy.ts';
import { redshiftDialect } from '../../actions/shared/src/warehouse/redshift-dialect.ts';
import { openRedshiftWarehouse } from '../../actions/shared/src/warehouse/redshift-warehouse.ts';
import { createTable } from '../../actions/shared/src/warehouse/tables.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { startFaultProxy } from '../aws/fault-proxy.ts';
import { failureOf } from '../contract/failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film, filmsSelect, writeRun } from './films.ts';
import { startRedshiftFilms } from './redshift-films.ts';

const folder = await temporaryFolder();
const redshift = startRedshiftFilms();
let api: DataApi;
let warehouse: Warehouse;
beforeAll(async () => {
  api = redshift.api({}, 'dev');
  warehouse = await openRedshiftWarehouse({ api, copy: redshift.copy(), loadId: 'load-1' });
  await warehouse.ensureTable(FILMS);
});

const rowsOf = async (sql: string) => (await warehouse.query({ sql })).rows;

describe('texts of any kind', () => {
  const hostile = [
    "it's",
    'a \\ b',
    "\\'; DROP TABLE films; --",
    "'; DROP TABLE films; --",
    'two\nlines\ttab',
    ':name, %s, %(name)s, 100 %, $1, "quoted"',
    'Amélie, 七人の侍, 🎬, e\u0301',
    '/* no comment',
  ];

  test.each(hostile)('survive as a parameter and as a literal: %j', async (text) => {
    const { rows } = await warehouse.query({
      sql: `SELECT CAST(:given AS VARCHAR(200)), ${warehouse.dialect.literal(text)}, CAST(:given AS VARCHAR(200))`,
      parameters: { given: text },
    });
    expect(rows).toEqual([[text, text, text]]);
    expect(await warehouse.listTables('')).toEqual(['films', 'films_loads', 'films_metrics']);
  });

  test('keep the backslashes of a pattern', async () => {
    const matches = warehouse.dialect.matches('text', '^\\w+\\.$');
    expect(
      await rowsOf(
        `SELECT text, ${matches} FROM (SELECT 'Dr.' AS text UNION ALL SELECT 'Drx') AS texts ORDER BY 1`,
      ),
    ).toEqual([
      ['Dr.', true],
      ['Drx', false],
    ]);
  });
});

describe('a result', () => {
  test('of several pages is read whole, in order', async () => {
    const proxy = await startFaultProxy(redshift.endpoint());
    const client = redshift.client(proxy.endpoint);
    const paging = await openRedshiftWarehouse({
      api: { ...api, client },
      copy: redshift.copy(),
      loadId: 'load-1',
    });
    const { columns, rows } = await paging.query({
      sql: 'SELECT n, n * 2 AS twice FROM generate_series(1, 2500) AS numbers (n) ORDER BY n',
    });
    const pages = proxy.calls('GetStatementResult');
    client.destroy();
    await proxy.stop();
    expect(columns).toEqual(['n', 'twice']);
    expect(rows).toEqual(Array.from({ length: 2500 }, (_, index) => [index + 1, 2 * (index + 1)]));
    expect(pages).toBe(3);
  });

  test('has the values of every type in the pipeline’s form', async () => {
    expect(
      await rowsOf(`SELECT CAST(14400000 AS BIGINT), CAST(2.50 AS NUMERIC(8, 2)), CAST(0.1 AS DOUBLE PRECISION), 1 = 1,
CAST(NULL AS INTEGER), CAST('2026-11-22 23:52:00.5' AS TIMESTAMP), CAST('2026-11-22' AS DATE)`),
    ).toEqual([[14_400_000, 2.5, 0.1, true, null, '2026-11-22T23:52:00.500Z', '2026-11-22T00:00:00.000Z']]);
  });
});

describe('ensureTable', () => {
  test('makes nothing twice: rows, ledger and the grants on the view stay', async () => {
    const contract = { ...FILMS, table: 'ensured' };
    await warehouse.ensureTable(contract);
    await warehouse.query({ sql: "INSERT INTO ensured (film_key) VALUES ('kept')" });
    await warehouse.query({ sql: 'CREATE GROUP analysts' });
    await warehouse.query({ sql: 'GRANT SELECT ON ensured_freshness TO GROUP analysts' });
    await warehouse.ensureTable(contract);
    expect(await rowsOf('SELECT film_key FROM ensured')).toEqual([['kept']]);
    expect(await rowsOf("SELECT has_table_privilege('analysts', 'ensured_freshness', 'select')")).toEqual([
      [true],
    ]);
    expect(await warehouse.listTables('ensured')).toEqual(['ensured', 'ensured_loads', 'ensured_metrics']);
  });

  test('comments the table and each column with the words of the contract', async () => {
    const comments = await rowsOf(`SELECT remark.description FROM pg_description AS remark
JOIN pg_class AS relation ON relation.oid = remark.objoid
WHERE relation.relname = 'films' ORDER BY remark.objsubid`);
    expect(comments.flat()).toEqual([
      FILMS.description,
      ...FILMS.columns.map((column) => column.description),
    ]);
  });

  test('takes a table with more columns than a batch has statements', async () => {
    const [key, title] = FILMS.columns;
    if (key === undefined || title === undefined) throw new Error('FILMS has columns');
    const names = Array.from({ length: 60 }, (_, index) => `title_${index}`);
    const columns = [key, ...names.map((name) => ({ ...title, name }))];
    await warehouse.ensureTable({ ...FILMS, table: 'wide', columns });
    expect(await rowsOf('SELECT COUNT(*) FROM wide')).toEqual([[0]]);
  });
});

describe('a batch that the Data API does not take', () => {
  test.each([
    ['of 41 statements', Array.from({ length: 41 }, () => ({ sql: 'SELECT 1' }))],
    ['with a statement of more than 100 KB', [{ sql: `SELECT '${'é'.repeat(50_001)}'` }]],
  ])('%s is refused before it is sent', async (_what, statements) => {
    const failure = await failureOf(warehouse.transact(statements));
    expect(failure).toMatchObject({ kind: 'bad-input', done: 'Nothing of it was sent.' });
  });
});

describe('analyze', () => {
  test('runs on a table', async () => {
    await warehouse.analyze('films');
    expect((await failureOf(warehouse.analyze('nowhere'))).why).toContain('"nowhere" does not exist');
  });
});

describe('staging a run', () => {
  const film: Film = ['key', 'Title', true, 1, 2.5];
  let number = 0;

  /** A run in S3, one file for each SELECT. */
  const runOf = async (...selects: readonly string[]): Promise<FinishedRun> =>
    redshift.upload(await writeRun(`${folder}/run-${(number += 1)}`, selects));
  /** As redshift-copy does, which sweeps only what is a day old. */
  const stage = (run: FinishedRun, on = warehouse) =>
    stageRun(on, { contract: FILMS, run, mode: 'merge', loadId: basename(run.folder) }, () =>
      Promise.resolve(),
    );
  const retyped = (name: string, type: string) =>
    `SELECT * REPLACE (CAST("${name}" AS ${type}) AS "${name}") FROM (${filmsSelect([film])})`;

  test('copies all files of it, a folder with a slash at its end too', async () => {
    const run = await runOf(filmsSelect([film]), filmsSelect([['other', null, null, null, null]]));
    const table = await stage({ ...run, folder: `${run.folder}/` });
    expect(await rowsOf(`SELECT * FROM ${table} ORDER BY film_key`)).toEqual([
      film,
      ['other', null, null, null, null],
    ]);
  });

  test('takes what an attempt before left, so that no row is there twice', async () => {
    const run = await runOf(filmsSelect([film]));
    await stage(run);
    expect(await rowsOf(`SELECT * FROM ${await stage(run)}`)).toEqual([film]);
  });

  test('copies nothing into a table that came meanwhile, so that no row is there twice', async () => {
    const run = await runOf(filmsSelect([film]));
    const table = await stage(run);
    const files = run.manifest.files.map(({ path, bytes }) => ({ path: `${run.folder}/${path}`, bytes }));
    const manifest = await writeCopyManifest(redshift.copy(), table, files);
    const { roleArn } = redshift.copy();
    const again = copyStatements(table, FILMS, { manifest, roleArn });
    const ended = await runStatements(api, again, { name: 'too-late', isFollowed: false });
    expect(ended.description.Error).toContain(`relation "${table}" already exists`);
    expect(await rowsOf(`SELECT * FROM ${table}`)).toEqual([film]);
  });

  test('drops what has other rows than the manifest tells, so that the next attempt is whole', async () => {
    const run = await runOf(filmsSelect([film]));
    const table = await stage(run);
    await warehouse.query({ sql: `DELETE FROM ${table}` });
    expect(await failureOf(stage(run))).toMatchObject({ why: '0 of 1 rows came', next: 'Run again.' });
    expect(await rowsOf(`SELECT * FROM ${await stage(run)}`)).toEqual([film]);
  });

  test('by several processes of one load at once is done by one of them', async () => {
    const run = await runOf(filmsSelect([film]));
    // Names of their own, for none sees the others' statements in time to follow them.
    const names = ['first', 'second', 'third', 'fourth'];
    const processes = await Promise.all(
      names.map((loadId) => openRedshiftWarehouse({ api, copy: redshift.copy(), loadId })),
    );
    const [table] = await Promise.all(processes.map((process) => stage(run, process)));
    expect(await rowsOf(`SELECT * FROM ${table}`)).toEqual([film]);
  });

  test('of no files gives an empty table', async () => {
    const table = await stage(await runOf());
    expect(await rowsOf(`SELECT COUNT(*) FROM ${table}`)).toEqual([[0]]);
  });

  test.each<[what: string, select: string, why: RegExp]>([
    [
      'a column of another type',
      retyped('order', 'BIGINT'),
      /file s3:\/\/films-lake\/\S+part-1\.parquet, column order \(int\w*\): [\s\S]*incompatible Parquet schema[\s\S]*\(code 15007\)/i,
    ],
    [
      'a text that is too wide',
      filmsSelect([['wide', 'é'.repeat(21), null, null, null]]),
      /part-1\.parquet, column title \(varchar\b.*\): .*longer than the length defined[\s\S]*\(code 15001\)/i,
    ],
    [
      'a column too few',
      `SELECT * EXCLUDE (rating) FROM (${filmsSelect([film])})`,
      /Table columns: 5, Data columns: 4[\s\S]*\(code 15007\)/,
    ],
  ])('with %s names file, column and reason, and leaves no table', async (_what, select, why) => {
    const run = await runOf(filmsSelect([film]), select);
    const failure = await failureOf(stage(run));
    expect(failure).toMatchObject({
      kind: 'failed-data',
      what: expect.stringMatching(/^The statement load-1\/copy-\w+ failed$/),
      done: 'Nothing was copied, nothing was published; the table is as it was.',
      next: 'Mend the file or the contract so that both say the same, and run again.',
    });
    expect(failure.why).toMatch(why);
    expect(await warehouse.listTables(stagingTableOf(FILMS, basename(run.folder)))).toEqual([]);
  });

  test('with a file that is not there, or has another size, names the file', async () => {
    const run = await runOf(filmsSelect([film]));
    const [file] = run.manifest.files;
    if (file === undefined) throw new Error('the run has a file');
    const withFile = (differences: Partial<typeof file>): FinishedRun => ({
      ...run,
      manifest: { ...run.manifest, files: [{ ...file, ...differences }] },
    });
    const missing = await failureOf(stage(withFile({ path: 'gone.parquet' })));
    expect(missing.why).toMatch(/mandatory file s3:\/\/films-lake\/\S+gone\.parquet was not found/);
    const cut = await failureOf(stage(withFile({ bytes: 1 })));
    expect(cut.why).toMatch(/part-0\.parquet has \d+ bytes, the manifest's content_length is 1/);
  });

  test('tells the line of a failure where Redshift knows it', async () => {
    const run = await runOf(filmsSelect([film, [null, 'No key', null, null, null]]));
    const path = `${run.folder}/part-0.parquet`;
    const [file] = run.manifest.files;
    const { roleArn } = redshift.copy();
    const manifest = await writeCopyManifest(redshift.copy(), 'strict', [{ path, bytes: file?.bytes ?? 0 }]);
    const [, load] = copyStatements('strict', FILMS, { manifest, roleArn });
    if (load === undefined) throw new Error('a COPY makes and loads');
    const create = { sql: createTable('strict', FILMS, redshiftDialect) };
    const ended = await runStatements(api, [create, load], { name: 'strict', isFollowed: false });
    const { failure } = await copyFailure(api, ended, 'strict/query');
    expect(failure.why).toMatch(/part-0\.parquet, line 2, column film_key \(/);
  });

  test('tells it when the details of a failure cannot be read', async () => {
    const blind = await openRedshiftWarehouse({
      api: redshift.api(),
      copy: redshift.copy(),
      loadId: 'load-1',
    });
    await blind.ensureTable(FILMS);
    await blind.query({ sql: 'DROP VIEW bed.sys_load_error_detail' });
    const failure = await failureOf(stage(await runOf(retyped('order', 'BIGINT')), blind));
    expect(failure.kind).toBe('failed-infra');
    expect(failure.why).toMatch(/incompatible Parquet schema for column/);
    expect(failure.why).toMatch(
      /\(SYS_LOAD_ERROR_DETAIL could not be read: [\s\S]*"sys_load_error_detail" does not exist/,
    );
  });

  test('refuses files outside S3, and a place for the list that is not there', async () => {
    const outside = await failureOf(
      warehouse.copyParquet('films_staging_x', FILMS, [{ path: '/data/part-0.parquet', bytes: 1 }]),
    );
    expect(outside).toMatchObject({ kind: 'bad-input', where: '/data/part-0.parquet' });
    const homeless = await openRedshiftWarehouse({
      api,
      copy: { ...redshift.copy(), manifestPrefix: 's3://no-such-bucket/copies' },
      loadId: 'load-1',
    });
    const run = await runOf(filmsSelect([film]));
    const failure = await failureOf(stage(run, homeless));
    expect(failure).toMatchObject({
      kind: 'failed-infra',
      where: `s3://no-such-bucket/copies/${stagingTableOf(FILMS, basename(run.folder))}.json`,
      done: 'Nothing was copied, nothing was published.',
    });
  });
});
