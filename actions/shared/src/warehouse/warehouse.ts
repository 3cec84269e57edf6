import type { Contract, ContractColumn } from '../contract/contract.ts';
import type { QueryResult } from '../duckdb.ts';

/** One SQL statement; its values come as parameters, `:name` in the text, and are always text. */
export interface Statement {
  readonly sql: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What differs between the warehouses' SQL. Everything else is written once, in Redshift's words. */
export interface Dialect {
  /** The column's type as DDL writes it, with its width. */
  columnType(column: ContractColumn): string;
  /** Whether the text matches the regular expression anywhere. */
  matches(expression: string, pattern: string): string;
  /** How many bytes of UTF-8 the text has. */
  byteLength(expression: string): string;
  /** The text as a string literal. */
  literal(text: string): string;
  /** The statement that drops a staging table. */
  dropStaging(table: string): string;
  /** What begins a transaction that no other which begins so may run beside; nothing where no two write at once. */
  exclusive(table: string): string[];
}

/** A Parquet file of a run, where the warehouse can read it. */
export interface ParquetFile {
  /** A path on this machine, or for Redshift the address in S3, `s3://bucket/key`. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * A warehouse that holds published tables. Every call is atomic: it did all of its work or none.
 * The statements are those of Redshift's Data API: named text parameters, a batch is one transaction,
 * and nothing is read between the statements of a batch.
 */
export interface Warehouse {
  /** What a person calls it, for messages. */
  readonly description: string;
  readonly dialect: Dialect;
  /** Runs one statement and returns its rows. */
  query(statement: Statement): Promise<QueryResult>;
  /** Runs the statements in order as one transaction. */
  transact(statements: readonly Statement[]): Promise<void>;
  /** Makes the table, its ledger, its metrics and its freshness view where they are not there; changes nothing else. */
  ensureTable(contract: Contract): Promise<void>;
  /** The names of the tables that begin so, and of the views where staging tables are views. */
  listTables(prefix: string): Promise<string[]>;
  /**
   * Makes a staging table that holds the columns of the Parquet files, in the contract's order. Its name stands
   * for contract and files, and it comes with its rows, so one that another process of the load made serves as
   * it is. Where the warehouse reads Parquet in place it may be a view of the files, which nobody changes.
   */
  copyParquet(table: string, contract: Contract, files: readonly ParquetFile[]): Promise<void>;
  /** Brings the planner's statistics of the table up to date. */
  analyze(table: string): Promise<void>;
  /** Lets go of the warehouse; a second call does nothing. */
  close(): Promise<void>;
}
