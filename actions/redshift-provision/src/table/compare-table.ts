import type { Contract, ContractColumn } from '../../../shared/src/contract/contract.ts';
import type { Layout } from '../../../shared/src/contract/layout.ts';
import { quoteIdentifier } from '../../../shared/src/sql-text.ts';
import { type LiveColumn, widthOf } from '../../../shared/src/warehouse/live-columns.ts';
import type { Dialect } from '../../../shared/src/warehouse/warehouse.ts';
import type { Drift } from '../drift.ts';
import { alterDistribution, alterSortKey, layoutWords } from './layout-words.ts';
import type { LiveTable } from './live-table.ts';

/** A change of the table: the statement, and what it does as a person reads it. */
export interface TableChange {
  readonly sql: string;
  readonly what: string;
  /** Whether it runs alone: Redshift widens no column inside a transaction (developer guide, ALTER TABLE). */
  readonly isAlone: boolean;
}

/** How a table differs from its contract. */
export interface TableDifference {
  /** What loses nothing and is done. */
  readonly changes: readonly TableChange[];
  /** What is told and left, and what Redshift could do about it without any loss, if anything. */
  readonly drift: readonly (Drift & { readonly remedy: TableChange | null })[];
}

/**
 * Compares a table that is there with its contract. Only what cannot lose a value or break a reader is to
 * be changed: a column more at the end that may be null, a wider text, a comment. All else is drift.
 */
export function compareTable(
  contract: Contract,
  layout: Layout,
  live: LiveTable,
  dialect: Dialect,
): TableDifference {
  const table = quoteIdentifier(contract.table);
  const changes: TableChange[] = [];
  const drift: TableDifference['drift'][number][] = [];
  const differs = (subject: string, wanted: string, found: string, remedy: TableChange | null = null) =>
    drift.push({ subject: `table ${contract.table}: ${subject}`, wanted, found, remedy });

  const known = new Map(live.columns.map((column) => [column.name, column]));
  // Else what comes after a column that is not added would stand in its place for good.
  let isBlocked = false;
  contract.columns.forEach((column, index) => {
    const [subject, type] = [`column ${column.name}`, dialect.columnType(column)];
    const found = known.get(column.name);
    if (found !== undefined) {
      compareColumn(column, found);
      return;
    }
    // What follows it in the contract must be missing too: Redshift adds columns at the end alone.
    const isLast = contract.columns.slice(index).every(({ name }) => !known.has(name));
    const obstacle = !column.nullable
      ? 'none; the rows there have no value for it'
      : !isLast
        ? 'none; a new column can only be the last'
        : isBlocked
          ? 'none; a column before it is missing'
          : null;
    if (obstacle !== null) {
      isBlocked = true;
      differs(subject, column.nullable ? `at place ${index + 1}` : `${type} NOT NULL`, obstacle);
    } else {
      const sql = `ALTER TABLE ${table} ADD COLUMN ${quoteIdentifier(column.name)} ${type}`;
      changes.push({ sql, what: `${subject} added`, isAlone: false }, comment(column));
    }
  });
  for (const { name, type } of live.columns) {
    if (!contract.columns.some((column) => column.name === name)) differs(`column ${name}`, 'none', type);
  }
  compareOrder();
  if (live.comment !== contract.description) {
    const sql = `COMMENT ON TABLE ${table} IS ${dialect.literal(contract.description)}`;
    changes.push({ sql, what: 'comment of the table written', isAlone: false });
  }
  if (live.layout !== null) compareLayout(live.layout);
  return { changes, drift };

  function compareColumn(column: ContractColumn, found: LiveColumn): void {
    const [subject, type] = [`column ${column.name}`, dialect.columnType(column)];
    if (type !== found.type) {
      const [from, to] = [widthOf(found.type), widthOf(type)];
      if (from !== null && to !== null && from < to) {
        const sql = `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(column.name)} TYPE ${type}`;
        changes.push({ sql, what: `${subject} widened from ${from} to ${to} bytes`, isAlone: true });
      } else differs(subject, type, found.type);
    }
    if (column.nullable !== found.nullable) {
      const tell = (nullable: boolean) => (nullable ? 'may be null' : 'NOT NULL');
      differs(subject, tell(column.nullable), tell(found.nullable));
    }
    if (column.description !== found.comment) changes.push(comment(column));
  }

  function comment({ name, description }: ContractColumn): TableChange {
    const sql = `COMMENT ON COLUMN ${table}.${quoteIdentifier(name)} IS ${dialect.literal(description)}`;
    return { sql, what: `comment of column ${name} written`, isAlone: false };
  }

  function compareOrder(): void {
    const wanted = contract.columns.map(({ name }) => name).filter((name) => known.has(name));
    const found = [...known.keys()].filter((name) => wanted.includes(name));
    if (wanted.join() !== found.join()) differs('order of the columns', wanted.join(', '), found.join(', '));
  }

  function compareLayout(found: NonNullable<LiveTable['layout']>): void {
    const wanted = layoutWords(layout);
    // Of an empty table it is not told which of the layouts without a key it has.
    if (found.distribution !== wanted.distribution && (found.distribution !== null || isKey(wanted))) {
      const remedy = { sql: alterDistribution(contract.table, layout), isAlone: true };
      const what = `distribution changed to ${wanted.distribution}`;
      differs('distribution', wanted.distribution, found.distribution ?? 'no key', { ...remedy, what });
    }
    if (found.sortKey !== wanted.sortKey && (found.sortKey !== null || wanted.sortKey !== 'AUTO')) {
      const remedy = { sql: alterSortKey(contract.table, layout), isAlone: true };
      const what = `sort key changed to ${wanted.sortKey}`;
      differs('sort key', wanted.sortKey, found.sortKey ?? 'none', { ...remedy, what });
    }
  }
}

function isKey({ distribution }: { readonly distribution: string }): boolean {
  return distribution.startsWith('KEY');
}
