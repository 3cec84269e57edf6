import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { Dialect } from './warehouse.ts';

/** The ledger of a table: one row for each load that was published. */
export function ledgerOf(contract: Contract): string {
  return `${contract.table}_loads`;
}

/** The table of what the checks of each published load measured. */
export function metricsTableOf(contract: Contract): string {
  return `${contract.table}_metrics`;
}

/** The view that tells how fresh a table is. */
export function freshnessViewOf(contract: Contract): string {
  return `${contract.table}_freshness`;
}

/** What the staging tables of a table have in common; a load's own id follows. */
export function stagingPrefixOf(contract: Contract): string {
  return `${contract.table}_staging_`;
}

/** The contract's columns as a list for SELECT and INSERT. */
export function columnList(contract: Contract): string {
  return contract.columns.map((column) => quoteIdentifier(column.name)).join(', ');
}

/** CREATE TABLE for a live table, which is left as it is where it is there. */
export function createTable(name: string, contract: Contract, dialect: Dialect): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(name)} ${columnDefinitions(contract, dialect)}`;
}

/**
 * CREATE TABLE for a staging table: no column is mandatory yet, so that the checks can tell what is missing. It
 * fails when the table is there, for what fills it would double the rows.
 */
export function createStagingTable(name: string, contract: Contract, dialect: Dialect): string {
  const columns = contract.columns.map((column) => ({ ...column, nullable: true }));
  return `CREATE TABLE ${quoteIdentifier(name)} ${columnDefinitions({ ...contract, columns }, dialect)}`;
}

function columnDefinitions({ columns }: Contract, dialect: Dialect): string {
  const definitions = columns.map(
    (column) =>
      `  ${quoteIdentifier(column.name)} ${dialect.columnType(column)}${column.nullable ? '' : ' NOT NULL'}`,
  );
  return `(\n${definitions.join(',\n')}\n)`;
}

/** COMMENT ON for the table and its columns, from the contract's descriptions. */
export function commentStatements(contract: Contract, dialect: Dialect): string[] {
  const table = quoteIdentifier(contract.table);
  return [
    `COMMENT ON TABLE ${table} IS ${dialect.literal(contract.description)}`,
    ...contract.columns.map(
      (column) =>
        `COMMENT ON COLUMN ${table}.${quoteIdentifier(column.name)} IS ${dialect.literal(column.description)}`,
    ),
  ];
}

/**
 * CREATE TABLE for the ledger. Its row is written in the transaction that publishes. The load's number
 * tells the order of the loads, for clocks may go back.
 */
export function createLedger(contract: Contract): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(ledgerOf(contract))} (
  load_number BIGINT NOT NULL,
  load_id VARCHAR(64) NOT NULL,
  run_id VARCHAR(64) NOT NULL,
  fingerprint VARCHAR(64) NOT NULL,
  mode VARCHAR(16) NOT NULL,
  source_date TIMESTAMP NOT NULL,
  published_at TIMESTAMP NOT NULL,
  rows_staged BIGINT NOT NULL,
  rows_inserted BIGINT NOT NULL,
  rows_updated BIGINT NOT NULL,
  rows_deleted BIGINT NOT NULL,
  rows_unchanged BIGINT NOT NULL,
  rows_stale BIGINT NOT NULL,
  rows_vanished BIGINT NOT NULL,
  rows_total BIGINT NOT NULL
)`;
}

/**
 * CREATE TABLE for the metrics of the loads, written in the transaction that publishes: one row for each
 * number that a check measured.
 */
export function createMetrics(contract: Contract): string {
  return `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(metricsTableOf(contract))} (
  load_id VARCHAR(64) NOT NULL,
  check_name VARCHAR(256) NOT NULL,
  metric VARCHAR(64) NOT NULL,
  measured DOUBLE PRECISION NOT NULL
)`;
}

/** The SELECT of the freshness view: the load published last. */
export function freshnessSelect(contract: Contract): string {
  return `SELECT run_id, load_id, source_date, published_at, rows_total
FROM ${quoteIdentifier(ledgerOf(contract))}
ORDER BY load_number DESC
LIMIT 1`;
}
