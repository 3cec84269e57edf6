import type { ContractType } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { Dialect } from './warehouse.ts';

const TYPES: Readonly<Record<Exclude<ContractType, 'varchar'>, string>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  double: 'DOUBLE PRECISION',
};

/** The widest VARCHAR, in bytes (developer guide, Character types). */
const WIDEST = 65_535;

/** Redshift's words. Widths count bytes, as the contract's do. */
export const redshiftDialect: Dialect = {
  columnType: ({ type, max_bytes: width = WIDEST }) =>
    type === 'varchar' ? `VARCHAR(${width})` : TYPES[type],
  matches: (expression, pattern) => `${expression} ~ ${quoteRedshift(pattern)}`,
  byteLength: (expression) => `OCTET_LENGTH(${expression})`,
  literal: quoteRedshift,
  dropStaging: (table) => `DROP TABLE IF EXISTS ${quoteIdentifier(table)}`,
  // LOCK is none of the statements that take the transaction's snapshot, so what follows sees what whoever
  // held the lock has committed (developer guide, r_LOCK and c_serial_isolation). Without it the snapshots
  // of SNAPSHOT isolation, the default, would let two loads insert the same new rows.
  exclusive: (table) => [`LOCK ${quoteIdentifier(table)}`],
};

/**
 * The text as a string literal. Redshift reads a backslash in a literal as an escape, which the standard
 * does not: its own QUOTE_LITERAL doubles quotation marks and backslashes (developer guide, r_QUOTE_LITERAL).
 */
function quoteRedshift(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
