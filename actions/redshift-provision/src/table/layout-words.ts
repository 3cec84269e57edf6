import type { Layout } from '../../../shared/src/contract/layout.ts';
import { quoteIdentifier } from '../../../shared/src/sql-text.ts';

/** A layout as a person and Redshift's views write it, for example `KEY(title_key)` and `release_year`. */
export interface LayoutWords {
  /** `AUTO`, `EVEN`, `ALL` or `KEY(column)`; null where it cannot be told. */
  readonly distribution: string | null;
  /** `AUTO`, or the columns with commas between; null where it cannot be told. */
  readonly sortKey: string | null;
}

/** What Redshift decides when nothing is said (developer guide, CREATE TABLE: DISTSTYLE, SORTKEY). */
export const AUTOMATIC: Layout = { distribution: 'auto', sort_key: 'auto' };

/** The layout in words. */
export function layoutWords({ distribution, sort_key: sortKey }: Layout): {
  readonly distribution: string;
  readonly sortKey: string;
} {
  return {
    distribution: typeof distribution === 'string' ? distribution.toUpperCase() : `KEY(${distribution.key})`,
    sortKey: sortKey === 'auto' ? 'AUTO' : sortKey.join(', '),
  };
}

/** The clauses at the end of CREATE TABLE. */
export function layoutClauses({ distribution, sort_key: sortKey }: Layout): string {
  const style =
    typeof distribution === 'string'
      ? `DISTSTYLE ${distribution.toUpperCase()}`
      : `DISTSTYLE KEY\nDISTKEY (${quoteIdentifier(distribution.key)})`;
  return `${style}\n${sortKey === 'auto' ? 'SORTKEY AUTO' : `COMPOUND SORTKEY (${columnNames(sortKey)})`}`;
}

/** The statement that gives a table that is there another distribution (developer guide, ALTER TABLE). */
export function alterDistribution(table: string, { distribution }: Layout): string {
  const style =
    typeof distribution === 'string'
      ? distribution.toUpperCase()
      : `KEY DISTKEY ${quoteIdentifier(distribution.key)}`;
  return `ALTER TABLE ${quoteIdentifier(table)} ALTER DISTSTYLE ${style}`;
}

/** The statement that gives a table that is there another sort key (developer guide, ALTER TABLE). */
export function alterSortKey(table: string, { sort_key: sortKey }: Layout): string {
  const key = sortKey === 'auto' ? 'SORTKEY AUTO' : `COMPOUND SORTKEY (${columnNames(sortKey)})`;
  return `ALTER TABLE ${quoteIdentifier(table)} ALTER ${key}`;
}

function columnNames(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ');
}
