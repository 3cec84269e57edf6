import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';

/** A value of a result. */
export type Value = string | number | boolean | null;

/** Runs statements of one workgroup's database. */
export class Statements {
  readonly #client: RedshiftDataClient;
  readonly #target: { readonly WorkgroupName: string; readonly Database: string };

  constructor(client: RedshiftDataClient, workgroup: string, database = 'dev') {
    this.#client = client;
    this.#target = { WorkgroupName: workgroup, Database: database };
  }

  /** Runs one statement to its end, whatever that is. */
  async run(
    sql: string,
    options: Partial<ExecuteStatementCommand['input']> = {},
  ): Promise<DescribeStatementResponse> {
    const { Id } = await this.#client.send(
      new ExecuteStatementCommand({ ...this.#target, Sql: sql, ...options }),
    );
    return this.finish(Id);
  }

  /** Runs a batch to its end, whatever that is. */
  async batch(
    sqls: readonly string[],
    options: Partial<BatchExecuteStatementCommand['input']> = {},
  ): Promise<DescribeStatementResponse> {
    const { Id } = await this.#client.send(
      new BatchExecuteStatementCommand({ ...this.#target, Sqls: [...sqls], ...options }),
    );
    return this.finish(Id);
  }

  /** Runs one statement that must succeed and returns its rows. */
  async rows(sql: string): Promise<Value[][]> {
    const { Id, Status, Error: error } = await this.run(sql);
    if (Status !== 'FINISHED') throw new Error(`${Status}: ${error}`);
    const { Records } = await this.#client.send(new GetStatementResultCommand({ Id }));
    return (Records ?? []).map((record) => record.map(valueOf));
  }

  /** Runs statements that must succeed, each in its own transaction. */
  async all(...sqls: readonly string[]): Promise<void> {
    for (const sql of sqls) {
      const { Status, Error: error } = await this.run(sql);
      if (Status !== 'FINISHED') throw new Error(`${sql}: ${Status}: ${error}`);
    }
  }

  /** Waits for a statement's end. */
  finish(id: string | undefined): Promise<DescribeStatementResponse> {
    return this.#client.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: 30 }));
  }
}

/** The value of a field. */
export function valueOf(field: Field): Value {
  return field.isNull === true
    ? null
    : (field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null);
}
