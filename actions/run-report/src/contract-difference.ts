import type { Contract, ContractColumn } from '../../shared/src/contract/contract.ts';
import { renderTable } from '../../shared/src/report/markdown.ts';

/** One thing about a table that is not as it was. */
export interface ContractChange {
  readonly fate: 'added' | 'removed' | 'changed';
  /** The column's name, or the table itself. */
  readonly subject: string;
  /** What it was, and what it is, in words; empty where it was not or is not. */
  readonly before: string;
  readonly now: string;
}

/** How a contract differs from what it was: the table's name and key, its columns, and their order. */
export function compareContracts(before: Contract, now: Contract): readonly ContractChange[] {
  const byName = (contract: Contract) => new Map(contract.columns.map((column) => [column.name, column]));
  const [then, since] = [byName(before), byName(now)];
  const changed = (subject: string, one: string, other: string): readonly ContractChange[] =>
    one === other ? [] : [{ fate: 'changed', subject, before: one, now: other }];
  const order = ({ columns }: Contract, others: ReadonlyMap<string, unknown>) =>
    columns.flatMap(({ name }) => (others.has(name) ? [name] : [])).join(', ');
  return [
    ...changed('the table', before.table, now.table),
    ...changed('the key', before.key, now.key),
    ...now.columns.flatMap((column): readonly ContractChange[] => {
      const old = then.get(column.name);
      return old === undefined
        ? [{ fate: 'added', subject: column.name, before: '', now: describeColumn(column) }]
        : changed(column.name, describeColumn(old), describeColumn(column));
    }),
    ...before.columns
      .filter(({ name }) => !since.has(name))
      .map((column) => ({
        fate: 'removed' as const,
        subject: column.name,
        before: describeColumn(column),
        now: '',
      })),
    ...changed('the order of the columns', order(before, since), order(now, then)),
  ];
}

/** The change of a contract as a section of the report. */
export function renderContractChanges(changes: readonly ContractChange[]): string {
  const heading = '### Schema';
  if (changes.length === 0) return `${heading}\n\nThe schema is as it was.`;
  const rows = changes.map(({ fate, subject, before, now }) => [fate, subject, before, now]);
  return `${heading}\n\n${renderTable(['', 'column', 'before', 'now'], rows)}`;
}

function describeColumn({ type, max_bytes, nullable }: ContractColumn): string {
  const width = max_bytes === undefined ? '' : `(${max_bytes})`;
  return `${type}${width}, ${nullable ? 'may be null' : 'never null'}`;
}
