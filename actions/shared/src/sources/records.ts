import { isUtf8 } from 'node:buffer';
import type { Reject } from '../lake/manifest.ts';
import { keyNumberAt } from './key-numbers.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NUL = 0x00;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The verdict on one record: null when it is accepted. */
export type RejectReason = Reject['reason'];

/**
 * The key's number of each of the block's lines, when each line is plainly acceptable: UTF-8, the right
 * number of fields, no carriage return, no NUL. Otherwise null, and the lines are to be judged one by one.
 * This is the fast path: a dump has millions of lines and next to none that need a second look.
 *
 * @returns as {@link keyNumberAt} tells them.
 */
export function readPlainLines(block: Buffer, fieldCount: number): Int32Array | null {
  if (!isUtf8(block)) return null;
  // A line takes at least a byte for each tab and one for its end.
  const numbers = new Int32Array(Math.floor(block.length / fieldCount));
  let lines = 0;
  let tabs = 0;
  let start = 0;
  for (let position = 0; position < block.length; position++) {
    const byte = block[position] ?? NUL;
    if (byte > CARRIAGE_RETURN) continue;
    if (byte === TAB) tabs++;
    else if (byte === NEWLINE) {
      if (tabs !== fieldCount - 1) return null;
      numbers[lines] = keyNumberAt(block, start);
      lines++;
      tabs = 0;
      start = position + 1;
    } else if (byte === CARRIAGE_RETURN || byte === NUL) return null;
  }
  return block.at(-1) === NEWLINE ? numbers.subarray(0, lines) : null;
}

/** The block's lines without their ends, LF or CRLF. */
export function* splitLines(block: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < block.length) {
    const newline = block.indexOf(NEWLINE, start);
    const end = newline === -1 ? block.length : newline;
    yield block.subarray(start, end > start && block[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
    start = end + 1;
  }
}

/** The line without the UTF-8 byte order mark that some editors put before the first one. */
export function withoutByteOrderMark(line: Buffer): Buffer {
  return line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? line.subarray(3) : line;
}

/** How many fields the line has. */
export function countFields(line: Buffer): number {
  let fields = 1;
  for (const byte of line) if (byte === TAB) fields++;
  return fields;
}

/**
 * Why the line is no record, or null when it is one. The Spark job refuses by the same rules in the
 * same order. A carriage return within a line would end it for other readers, and Redshift's COPY
 * refuses NUL characters, so neither is let in.
 */
export function rejectReason(line: Buffer, header: Buffer, fieldCount: number): RejectReason | null {
  if (!isUtf8(line)) return 'invalid_utf8';
  if (line.includes(CARRIAGE_RETURN) || line.includes(NUL)) return 'control_character';
  if (withoutByteOrderMark(line).equals(header)) return 'repeated_header';
  if (countFields(line) !== fieldCount) return 'wrong_field_count';
  return null;
}
