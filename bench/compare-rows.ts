import { join } from 'node:path';
import { queryDuckdb } from '../actions/shared/src/duckdb.ts';
import { quoteIdentifier, quoteLiteral } from '../actions/shared/src/sql-text.ts';
import { withDuckdb } from './floors.ts';

/**
 * How many rows stand in one folder of Parquet files and not in the other, either way; a row that stands
 * twice in the one and once in the other counts. Columns are matched by their names.
 */
export function countDifferences(one: string, other: string): Promise<number> {
  return withDuckdb(async (connection) => {
    const [left, right] = [one, other].map(
      (folder) => `read_parquet(${quoteLiteral(join(folder, '*.parquet'))}, hive_partitioning = false)`,
    );
    const { rows: described } = await queryDuckdb(connection, `DESCRIBE FROM ${left}`);
    const columns = described.map(([name]) => quoteIdentifier(String(name))).join(', ');
    const { rows } = await queryDuckdb(
      connection,
      `WITH one AS (SELECT ${columns} FROM ${left}), other AS (SELECT ${columns} FROM ${right})
       SELECT (SELECT count(*) FROM (FROM one EXCEPT ALL FROM other))
            + (SELECT count(*) FROM (FROM other EXCEPT ALL FROM one))`,
    );
    return Number(rows[0]?.[0]);
  });
}
