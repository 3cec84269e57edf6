import type { SqlValue } from '../duckdb.ts';

/** An answered question: the SQL and what it returned. */
export interface QueryReport {
  /** The file's name without its extension, for example `who_wrote_ozark`. */
  readonly name: string;
  /** The question in words, the first comment of the SQL file. */
  readonly question: string;
  readonly sql: string;
  readonly columns: readonly string[];
  /** All rows that the query returned, in order. */
  readonly rows: readonly (readonly SqlValue[])[];
  readonly seconds: number;
}
