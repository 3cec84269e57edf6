import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const READ_SIZE = 1 << 20;
const NEWLINE = 0x0a;

/**
 * Reads a file, gzip or not by its name, in blocks of whole lines: each block ends with a newline,
 * save the last one of a file that does not.
 *
 * @param onBytes gets the file's bytes as they are on disk, before any decompression.
 * @throws the stream's own error, for example zlib's `unexpected end of file` for a truncated gzip.
 */
export async function readBlocks(
  path: string,
  onBlock: (block: Buffer) => void | Promise<void>,
  onBytes: (bytes: Buffer) => void = () => {},
): Promise<void> {
  const observe = async function* (bytes: AsyncIterable<Buffer>) {
    for await (const chunk of bytes) {
      onBytes(chunk);
      yield chunk;
    }
  };
  const cutIntoBlocks = async (text: AsyncIterable<Buffer>) => {
    let rest: Buffer[] = [];
    for await (const chunk of text) {
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        rest.push(chunk);
        continue;
      }
      await onBlock(Buffer.concat([...rest, chunk.subarray(0, end)]));
      rest = end < chunk.length ? [chunk.subarray(end)] : [];
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) await onBlock(last);
  };
  const file = createReadStream(path, { highWaterMark: READ_SIZE });
  if (path.endsWith('.gz')) {
    await pipeline(file, observe, createGunzip({ chunkSize: READ_SIZE }), cutIntoBlocks);
  } else {
    await pipeline(file, observe, cutIntoBlocks);
  }
}
