import { escapeMarkdown } from '../../../shared/src/action/job-summary.ts';
import { clipText, toPlainLine } from '../../../shared/src/report/format.ts';

const LONGEST_CELL = 300;

/** What stands in a cell: text from anywhere, which is escaped, or Markdown made here. */
export type Cell = string | { readonly markdown: string };

/** A table in GitHub's Markdown. */
export function renderTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(toMarkdown).join(' | ')} |`;
  return [line(header), `| ${header.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

function toMarkdown(cell: Cell): string {
  return typeof cell === 'string' ? escapeText(clipText(cell, LONGEST_CELL)) : cell.markdown;
}

/** Text from anywhere as one line of Markdown that shows it and does nothing else. */
export function escapeText(text: string): string {
  return escapeMarkdown(toPlainLine(text));
}

/** A link; an address that is none of the web is shown as text. */
export function renderLink(text: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return escapeText(`${text} (${address})`);
  // encodeURIComponent leaves brackets as they are.
  const target = url.href.replaceAll(
    /[()|]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `[${escapeText(text)}](${target})`;
}
