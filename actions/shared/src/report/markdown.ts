import { clipText, toPlainLine } from './format.ts';

/** GitHub drops a summary above 1 MiB a step (docs.github.com, workflow commands); this stays well below. */
export const LARGEST_SUMMARY_BYTES = 900 * 1024;

const LONGEST_CELL = 300;

/** Shows nothing, and keeps the characters at its sides from being read as one word. */
const ZERO_WIDTH_SPACE = '\u200b';

/** What stands in a cell: text from anywhere, which is escaped, or Markdown made here. */
export type Cell = string | { readonly markdown: string };

/** A table in GitHub's Markdown; longer texts of a cell are clipped. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  longestCell = LONGEST_CELL,
): string {
  const toMarkdown = (cell: Cell) =>
    typeof cell === 'string' ? escapeMarkdown(clipText(cell, longestCell)) : cell.markdown;
  const line = (cells: readonly Cell[]) => `| ${cells.map(toMarkdown).join(' | ')} |`;
  return [line(header), `| ${header.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Text from anywhere as one line of Markdown that shows it and does nothing else. */
export function escapeMarkdown(text: string): string {
  return (
    toPlainLine(text)
      // GitHub looks for mentions and references after it has decoded entities, which hence hide none.
      .replaceAll(/[@#]/g, `$&${ZERO_WIDTH_SPACE}`)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // An underscore inside a word is no emphasis; names stay readable in the source too.
      .replaceAll(/[\\`*[\]|~]|(?<!\w)_|_(?!\w)/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}

/**
 * Markdown that somebody else may have written a part of: as it is, but it calls nobody, its HTML is shown
 * and not obeyed, and it leaves no block of code open.
 */
export function tameMarkdown(text: string): string {
  // In code too, where an escape would be shown as it is. What follows the @ may be an entity as well.
  const tamed = text
    .trim()
    .replaceAll(/&(?:#0*64|#x0*40|commat);/gi, '@')
    .replaceAll('@', `@${ZERO_WIDTH_SPACE}`)
    .replaceAll(/<(?=[a-z/!?])/gi, `<${ZERO_WIDTH_SPACE}`);
  const open = openFence(tamed);
  return open === null ? tamed : `${tamed}\n${open}`;
}

/** A link; an address that is none of the web is shown as text. */
export function renderLink(text: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return escapeMarkdown(`${text} (${address})`);
  // encodeURIComponent leaves brackets as they are.
  const target = url.href.replaceAll(
    /[()|]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `[${escapeMarkdown(text)}](${target})`;
}

/** Text as a block of code that it cannot end. */
export function fence(text: string, language = ''): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return `${ticks}${language}\n${text}\n${ticks}`;
}

/**
 * The Markdown cut at the end of a line so that it has no more bytes, with a note that it was.
 *
 * @param rest where the rest is, for the note.
 */
export function capBytes(text: string, most: number, rest: string): string {
  if (Buffer.byteLength(text) <= most) return text;
  const note = `\n\n_Cut: the rest is in ${rest}._\n`;
  const kept = Buffer.from(text)
    .subarray(0, most - Buffer.byteLength(note))
    .toString();
  const head = kept.slice(0, Math.max(0, kept.lastIndexOf('\n')));
  const isInFence = (head.match(/^`{3,}/gm) ?? []).length % 2 === 1;
  return `${head}${isInFence ? '\n```' : ''}${note}`;
}

/** The fence of a block of code that has no end; only as long a one of its kind ends it. */
function openFence(text: string): string | null {
  let open: string | null = null;
  for (const [, marker = '', rest = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    if (open === null) open = marker;
    else if (marker.startsWith(open) && rest.trim() === '') open = null;
  }
  return open;
}
