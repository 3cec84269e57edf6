import { stat } from 'node:fs/promises';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet';
import type { Contract, ContractColumn } from '../contract/contract.ts';
import { messageOf, PipelineError } from '../errors.ts';
import type { OutputFile } from '../lake/manifest.ts';
import type { FinishedRun } from '../lake/run.ts';
import { pathIn } from './load.ts';

/** A Parquet file that is there. */
export interface OpenedParquet {
  readonly bytes: number;
  /** The object's revision, without HTTP's quotes; null where nothing tells one, as on a disk. */
  readonly etag: string | null;
  /** Its content, of which only the footer is read. */
  readonly content: () => Promise<AsyncBuffer>;
}

/** Opens a file by its path or address; what it throws is told as the file's own fault, unless it is a PipelineError. */
export type OpenParquet = (path: string) => Promise<OpenedParquet>;

const openOnDisk: OpenParquet = async (path) => ({
  bytes: (await stat(path)).size,
  etag: null,
  content: () => asyncBufferFromFile(path),
});

/**
 * Compares a run's files with its manifest and with the contract, before anything is copied: every
 * file there with its size, its ETag where both tell one, and its rows, the same columns in the same order
 * with the same types, and no text wider than the contract's width. COPY would find these later and with
 * words that do not help, or, of a file that was written over, not at all.
 *
 * @throws PipelineError `failed-data` that names file, column and both types.
 */
export async function preflight(
  run: FinishedRun,
  contract: Contract,
  open: OpenParquet = openOnDisk,
): Promise<void> {
  const { folder, manifest } = run;
  for (const file of manifest.files) {
    const path = pathIn(folder, file.path);
    const { rows, columns } = await readFooter(path, file, open);
    if (rows !== file.rows) {
      throw mismatch(path, `the manifest says ${file.rows} rows, the file has ${rows}`);
    }
    compareColumns(path, columns, contract.columns);
  }
  for (const { name, max_bytes: width } of contract.columns) {
    if (width === undefined) continue;
    const widest = manifest.schema.find((column) => column.name === name)?.max_bytes ?? null;
    if (widest === null)
      throw mismatch(folder, `column ${name}: the manifest does not tell its widest value`);
    if (widest > width) {
      throw mismatch(
        folder,
        `column ${name}: the contract allows ${width} bytes, the widest value has ${widest}`,
      );
    }
  }
}

interface Footer {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

async function readFooter(path: string, said: OutputFile, open: OpenParquet): Promise<Footer> {
  try {
    const file = await open(path);
    // A file that was cut has no footer to read; its size tells better what is wrong with it.
    if (file.bytes !== said.bytes) {
      throw writtenOver(path, `the manifest says ${said.bytes} bytes, the file has ${file.bytes}`);
    }
    const etag = said.etag ?? null;
    if (etag !== null && file.etag !== null && file.etag !== etag) {
      throw writtenOver(path, `the manifest says ETag ${etag}, the object has ${file.etag}`);
    }
    const metadata = await parquetMetadataAsync(await file.content());
    const columns = parquetSchema(metadata).children.map(({ element }) => ({
      name: element.name,
      type: contractTypeOf(element),
    }));
    return { rows: Number(metadata.num_rows), columns };
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    throw mismatch(path, messageOf(error), error);
  }
}

function compareColumns(path: string, found: Footer['columns'], wanted: readonly ContractColumn[]): void {
  for (let position = 0; position < Math.max(found.length, wanted.length); position++) {
    const [inFile, inContract] = [found[position], wanted[position]];
    if (inFile?.name === inContract?.name && inFile?.type === inContract?.type) continue;
    const tell = (column: { name: string; type: string } | undefined) =>
      column === undefined ? 'none' : `${column.name} (${column.type})`;
    throw mismatch(
      path,
      `column ${position + 1}: the contract wants ${tell(inContract)}, the file has ${tell(inFile)}`,
    );
  }
}

/** The contract's word for a Parquet type, or Parquet's own where the contract has none. */
function contractTypeOf(element: SchemaElement): string {
  const logical = element.converted_type ?? element.logical_type?.type;
  if (element.type === 'BYTE_ARRAY' && (logical === 'UTF8' || logical === 'STRING')) return 'varchar';
  if (element.type === 'BOOLEAN') return 'boolean';
  if (element.type === 'DOUBLE') return 'double';
  if (element.type === 'INT32' && (logical === undefined || logical === 'INT_32' || logical === 'INTEGER')) {
    return 'integer';
  }
  return [element.type, logical].filter((part) => part !== undefined).join(' ');
}

/** What is there is not what the run wrote; no change of transform or contract mends that. */
function writtenOver(where: string, why: string): PipelineError {
  return new PipelineError({
    ...mismatch(where, why).failure,
    what: 'A Parquet file is not the one that the run wrote',
    next: 'Find out what wrote over it; write the run anew under another run id, and load that one.',
  });
}

function mismatch(where: string, why: string, cause?: unknown): PipelineError {
  return new PipelineError(
    {
      kind: 'failed-data',
      what: 'The Parquet files do not fit the table',
      where,
      why,
      done: 'Nothing was copied, nothing was published.',
      next: 'Mend the transform or the contract so that both say the same, and run again.',
    },
    { cause },
  );
}
