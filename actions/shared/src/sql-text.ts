/** The name as an SQL identifier, quoted. Names come from contracts, yet nothing is left to chance. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The text as an SQL string literal. A backslash is no escape in standard SQL. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
