import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';

const KEPT_LINES = 2000;
const LONGEST_LINE = 4000;

/**
 * The last lines of a gzipped log, unzipped as it comes and never held whole: a driver's log may have
 * gigabytes. What is cut off or damaged, because the log is still being written, ends it there.
 *
 * @param signal ends the reading; what has been read returns.
 */
export async function readLogTail(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string[]> {
  const decoder = new StringDecoder('utf8');
  const lines: string[] = [];
  let partial = '';
  const keep = (line: string) => {
    lines.push(line.slice(0, LONGEST_LINE).replace(/\r$/, ''));
    if (lines.length > KEPT_LINES) lines.shift();
  };
  const lastLines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts = (partial + decoder.write(chunk)).split('\n');
      partial = (parts.pop() ?? '').slice(0, LONGEST_LINE);
      for (const part of parts) keep(part);
      done();
    },
  });
  try {
    await pipeline(Readable.from(body), createGunzip(), lastLines, { signal });
  } catch {
    // Whatever broke it off, the lines before it are all that can be told of the log.
  }
  partial += decoder.end();
  if (partial !== '') keep(partial);
  return lines;
}
