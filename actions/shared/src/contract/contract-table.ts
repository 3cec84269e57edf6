import type { Contract, ContractColumn } from './contract.ts';

/** The contract's columns as a Markdown table, with both of their names; the README shows it. */
export function contractTable({ columns, key }: Contract): string {
  const rows = columns.map((column) => [
    `\`${column.name}\``,
    column.specified_as,
    describeType(column),
    column.name === key ? 'key' : column.nullable ? '' : 'never null',
    column.description,
  ]);
  const table = [['column', 'originally', 'type', '', 'meaning'], Array<string>(5).fill('---'), ...rows];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function describeType({ type, max_bytes }: ContractColumn): string {
  return max_bytes === undefined ? type : `${type}(${max_bytes})`;
}
