import { type ColumnMetadata, GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import type { QueryResult, SqlValue } from '../duckdb.ts';
import { abortOption, type DataApi } from './data-api.ts';
import { patientQuestion } from './patient-call.ts';
import { nameOf, valueOf } from './result-values.ts';

/** Reads all pages of a finished statement's result. */
export async function readResult(api: DataApi, id: string): Promise<QueryResult> {
  const rows: SqlValue[][] = [];
  let columns: readonly ColumnMetadata[] = [];
  let token: string | undefined;
  do {
    const page = await patientQuestion(api, 'GetStatementResult', `the result of the statement ${id}`, () =>
      api.client.send(new GetStatementResultCommand({ Id: id, NextToken: token }), abortOption(api)),
    );
    columns = page.ColumnMetadata ?? columns;
    for (const record of page.Records ?? []) {
      rows.push(record.map((field, index) => valueOf(field, columns[index])));
    }
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return { columns: columns.map(nameOf), rows };
}
