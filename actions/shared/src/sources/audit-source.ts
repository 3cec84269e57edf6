import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { messageOf, PipelineError } from '../errors.ts';
import type { Reject, SourceFile } from '../lake/manifest.ts';
import { badInput, type FoundSource } from './find-sources.ts';
import { createKeyNumbers, keyNumberAt } from './key-numbers.ts';
import { readBlocks } from './read-blocks.ts';
import { countFields, readPlainLines, rejectReason, splitLines, withoutByteOrderMark } from './records.ts';

const NEWLINE = Buffer.from('\n');

/** A source that was read once, whole: what the manifest says of it, and what an engine may rely on. */
export interface AuditedSource extends SourceFile {
  /** The columns of the header. */
  readonly columns: readonly string[];
  /**
   * Whether a plain TSV reader sees exactly the accepted records: no rejects, no byte order mark, no
   * CRLF. Otherwise {@link writePlainCopy} makes a file that is.
   */
  readonly plain: boolean;
  /**
   * Whether no key stands twice among the accepted records, as the numbers in the keys tell. False when they
   * do not tell it: an engine then has to look at the keys themselves.
   */
  readonly uniqueKeys: boolean;
}

/**
 * Reads a source once: checks the gzip and the header, takes the MD5, counts records, looks at their keys
 * and hands on those that are refused. Engines do none of this reliably: DuckDB takes a truncated gzip for a short
 * one, and its own line numbers of rejects go astray in files with CRLF.
 *
 * @throws PipelineError `bad-input` when the file cannot be read to its end, is empty, or has another header.
 */
export async function auditSource(
  source: FoundSource,
  onReject: (reject: Reject) => void,
): Promise<AuditedSource> {
  const { dataset, path } = source;
  const header = Buffer.from(dataset.columns.join('\t'));
  const fieldCount = dataset.columns.length;
  const hash = createHash('md5');
  const keyNumbers = createKeyNumbers();
  const seen = { lines: 0, rejects: 0, isPlain: true };

  const judge = (line: Buffer): void => {
    seen.lines++;
    if (seen.lines === 1) {
      checkHeader(source, withoutByteOrderMark(line), header);
      return;
    }
    const reason = rejectReason(line, header, fieldCount);
    if (reason === null) {
      keyNumbers.add(keyNumberAt(line, 0));
      return;
    }
    seen.rejects++;
    onReject({
      dataset: dataset.name,
      path,
      line: seen.lines,
      reason,
      fields: countFields(line),
      record: line.toString(),
    });
  };
  try {
    await readBlocks(
      path,
      (block) => {
        const numbers = seen.lines === 0 ? null : readPlainLines(block, fieldCount);
        if (numbers !== null && !block.includes(header)) {
          seen.lines += numbers.length;
          for (const number of numbers) keyNumbers.add(number);
          return;
        }
        seen.isPlain &&= !block.includes('\r') && withoutByteOrderMark(block).length === block.length;
        for (const line of splitLines(block)) judge(line);
      },
      (bytes) => hash.update(bytes),
    );
  } catch (error) {
    throw error instanceof PipelineError
      ? error
      : badInput(`${dataset.name} cannot be read`, path, messageOf(error), 'Get the file anew.', error);
  }
  if (seen.lines === 0) {
    throw badInput(`${dataset.name} cannot be read`, path, 'the file is empty', 'Get the file anew.');
  }
  return {
    dataset: dataset.name,
    path,
    bytes: source.bytes,
    modified: source.modified,
    etag: hash.digest('hex'),
    rows: seen.lines - 1,
    rejects: seen.rejects,
    columns: dataset.columns,
    plain: seen.isPlain && seen.rejects === 0,
    uniqueKeys: keyNumbers.count() === seen.lines - 1 - seen.rejects,
  };
}

function checkHeader({ dataset, path }: FoundSource, found: Buffer, wanted: Buffer): void {
  if (found.equals(wanted)) return;
  throw badInput(
    `${dataset.name} has not the header of IMDb's file`,
    path,
    `the first line is ${JSON.stringify(found.toString().slice(0, 200))}`,
    `Get the file anew; its first line must be ${dataset.columns.join('<tab>')}.`,
  );
}

/** Writes the accepted records, header first, as a plain TSV file: UTF-8, LF, no byte order mark. */
export async function writePlainCopy(source: AuditedSource, path: string): Promise<void> {
  const header = Buffer.from(source.columns.join('\t'));
  const output = await open(path, 'w');
  try {
    let first = true;
    await readBlocks(source.path, async (block) => {
      if (!first && !block.includes(header) && readPlainLines(block, source.columns.length) !== null) {
        await output.writeFile(block);
        return;
      }
      const accepted: Buffer[] = [];
      for (const line of splitLines(block)) {
        if (first || rejectReason(line, header, source.columns.length) === null) {
          accepted.push(first ? header : line, NEWLINE);
        }
        first = false;
      }
      await output.writeFile(Buffer.concat(accepted));
    });
  } finally {
    await output.close();
  }
}
