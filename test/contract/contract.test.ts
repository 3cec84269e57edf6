import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from '@jest/globals';
import { readContract } from '../../actions/shared/src/contract/contract.ts';
import { queryDuckdb } from '../../actions/shared/src/duckdb.ts';
import { duckdbDialect } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { createStagingTable, createTable } from '../../actions/shared/src/warehouse/tables.ts';
import { files } from '../project.ts';

/** Column, name in the original specification, type, and whether it may be null. */
const SPECIFICATION = [
  ['title_key', 'title_key', 'varchar', false],
  ['primary_title', 'primary_title', 'varchar', false],
  ['original_title', 'original_title', 'varchar', false],
  ['title_type', 'title_type', 'varchar', false],
  ['directors', 'directors', 'varchar', true],
  ['writers', 'writers', 'varchar', true],
  ['genres', 'genres', 'varchar', true],
  ['has_directors', 'hasDirectors', 'boolean', false],
  ['has_writers', 'hasWriters', 'boolean', false],
  ['has_ended', 'hasEnded', 'boolean', false],
  ['num_of_genres', 'numOfGenres', 'integer', false],
  ['release_year', 'releaseYear', 'integer', true],
  ['end_year', 'endYear', 'integer', true],
  ['average_rating', 'averageRating', 'double', true],
  ['num_votes', 'numVotes', 'integer', true],
  ['runtime_minutes', 'runtimeMinutes', 'integer', true],
  ['num_directors', 'numDirectors', 'integer', false],
  ['num_writers', 'numWriters', 'integer', false],
] as const;

const contract = await readContract(files.contract);

async function describeTable(ddl: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(ddl);
    const { rows } = await queryDuckdb(connection, 'DESCRIBE described');
    return rows.map(([name, type, isNullable]) => [name, type, isNullable]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('the contract of imdb_titles', () => {
  test('holds the 18 columns of the original specification in their order', () => {
    expect(contract.table).toBe('imdb_titles');
    expect(contract.key).toBe('title_key');
    expect(
      contract.columns.map(({ name, specified_as, type, nullable }) => [name, specified_as, type, nullable]),
    ).toEqual(SPECIFICATION);
  });

  test('leaves room for 200 characters of 4 bytes in both titles', () => {
    const widths = new Map(contract.columns.map(({ name, max_bytes }) => [name, max_bytes]));
    expect(widths.get('primary_title')).toBe(200 * 4);
    expect(widths.get('original_title')).toBe(200 * 4);
  });

  test('describes every column in words', () => {
    expect(contract.columns.filter(({ description }) => description.length < 10)).toEqual([]);
  });

  test('becomes a DuckDB table with the same columns, types and nullability', async () => {
    const duckdbTypes = { varchar: 'VARCHAR', boolean: 'BOOLEAN', integer: 'INTEGER', double: 'DOUBLE' };
    const expected = SPECIFICATION.map(([name, , type, isNullable]) => [
      name,
      duckdbTypes[type],
      isNullable ? 'YES' : 'NO',
    ]);
    expect(await describeTable(createTable('described', contract, duckdbDialect))).toEqual(expected);
  });

  test('becomes a staging table in which no column is mandatory, so that checks see what is missing', async () => {
    const described = await describeTable(createStagingTable('described', contract, duckdbDialect));
    expect(described.map(([name]) => name)).toEqual(SPECIFICATION.map(([name]) => name));
    expect(described.filter(([, , isNullable]) => isNullable !== 'YES')).toEqual([]);
  });
});
