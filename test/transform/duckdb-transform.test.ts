import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { queryDuckdb } from '../../actions/shared/src/duckdb.ts';
import { loadDuckdb } from '../../actions/shared/src/load-duckdb.ts';
import {
  countParts,
  createTransformViews,
  keepBilled,
} from '../../actions/shared/src/transform/duckdb-transform.ts';
import { expectedSampleCounts } from '../expected-sample.ts';
import { files } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildRun } from './build-run.ts';

const folder = await temporaryFolder();
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await loadDuckdb().DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => connection.closeSync());

test('a folder may have a name that reads as a pattern', async () => {
  const { manifest } = await buildRun('duckdb', files.sample, join(folder, 'a[b]*c'));
  expect(manifest.rows).toBe(expectedSampleCounts.titles);
});

test('people are the same, grouped at once or part by part', async () => {
  await connection.run(await readFile(files.macros, 'utf8'));
  await connection.run(`
    CREATE VIEW title_basics AS SELECT * FROM (VALUES ('tt0000001', 'movie', 'A', 'A', '0', '2000', NULL, '90', 'Drama'))
      AS source(tconst, titleType, primaryTitle, originalTitle, isAdult, startYear, endYear, runtimeMinutes, genres);
    CREATE VIEW title_ratings AS SELECT 'tt0000001' AS tconst, '7.0' AS averageRating, '10' AS numVotes;
    CREATE VIEW name_basics AS SELECT 'nm' || n AS nconst, 'Name ' || n AS primaryName FROM range(20) AS numbers(n);
    CREATE VIEW title_crew AS
      SELECT 'tt' || n AS tconst, 'nm' || n % 25 || ',nm' || n % 7 AS directors, 'nm' || n % 11 AS writers
      FROM range(1000) AS numbers(n)
      UNION ALL SELECT 'ttFull', 'nm1,nm2,nm3,nm4,nm5,nm6', 'nm7,nm8,nm9,nm10,nm11,nm12,nm13'
      UNION ALL SELECT 'ttNobody', ',', NULL`);
  await createTransformViews(connection, await readFile(files.transform, 'utf8'));
  const { rows: whole } = await queryDuckdb(connection, 'FROM billed ORDER BY tconst');
  for (const statement of keepBilled(3)) await connection.run(statement);
  const { rows: kept } = await queryDuckdb(connection, 'FROM billed ORDER BY tconst');
  expect(kept).toEqual(whole);
  expect(kept).toHaveLength(1001);
  // 10 % 25 = 10, 10 % 7 = 3, 10 % 11 = 10; title, directors, writers, names, looked up and missing.
  expect(kept).toContainEqual(['tt10', 2, 1, 'Name 10,Name 3', 'Name 10', 3, 0]);
  // The first five of each list are named.
  const directors = 'Name 1,Name 2,Name 3,Name 4,Name 5';
  expect(kept).toContainEqual(['ttFull', 6, 7, directors, 'Name 7,Name 8,Name 9,Name 10,Name 11', 10, 0]);
});

test.each([
  // 12 million records of 300 bytes are 3.6 GB.
  ['4GB', 1],
  ['2GB', 2],
  ['1GB', 4],
] as const)('with %s of memory 12 million records are grouped in %s parts', async (limit, parts) => {
  await connection.run(`SET memory_limit = '${limit}'`);
  expect(await countParts(connection, 12_000_000)).toBe(parts);
});
