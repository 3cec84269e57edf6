import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Contract } from '../contract/contract.ts';
import { messageOf, PipelineError } from '../errors.ts';
import type { DataApi } from '../redshift-data/data-api.ts';
import type { EndedStatement } from '../redshift-data/follow-statement.ts';
import { readResult } from '../redshift-data/read-result.ts';
import { runStatements } from '../redshift-data/run-statements.ts';
import { statementFailure } from '../redshift-data/statement-failure.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { redshiftDialect } from './redshift-dialect.ts';
import { columnList, createStagingTable } from './tables.ts';
import type { ParquetFile, Statement } from './warehouse.ts';

const S3_ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/;
/** How far the clocks of this machine, the Data API and the database may be apart. */
const CLOCK_SKEW_MS = 60_000;
const MOST_DETAILS = 5;

/** What COPY needs beside the database. */
export interface CopySource {
  readonly s3: S3Client;
  /** The role by which Redshift reads the files, attached to the cluster or namespace. */
  readonly roleArn: string;
  /** Where the lists of files for COPY are written, `s3://bucket/prefix`. */
  readonly manifestPrefix: string;
  /** Cuts off the writing of such a list. */
  readonly signal?: AbortSignal;
}

/**
 * The file list of a COPY. Each file is mandatory, for one that is missing would be passed over; Parquet
 * needs the length (developer guide, loading-data-files-using-manifest).
 */
export function copyManifest(files: readonly ParquetFile[]): string {
  const entries = files.map(({ path, bytes }) => ({
    url: path,
    mandatory: true,
    meta: { content_length: bytes },
  }));
  return `${JSON.stringify({ entries }, null, 2)}\n`;
}

/** The statements that make the staging table and fill it, to be run as one transaction; they fail when it is there. */
export function copyStatements(
  table: string,
  contract: Contract,
  copy: { readonly manifest: string; readonly roleArn: string } | null,
): Statement[] {
  const literal = (text: string) => redshiftDialect.literal(text);
  const name = quoteIdentifier(table);
  const load =
    copy === null
      ? []
      : [
          `COPY ${name} (${columnList(contract)})
FROM ${literal(copy.manifest)}
IAM_ROLE ${literal(copy.roleArn)}
FORMAT AS PARQUET
MANIFEST`,
        ];
  return [createStagingTable(table, contract, redshiftDialect), ...load].map((sql) => ({ sql }));
}

/**
 * Writes the list of files for COPY, named for the table, and gives its address.
 *
 * @throws PipelineError `bad-input` when a file or the prefix is not in S3, `failed-infra` when S3 refuses the list.
 */
export async function writeCopyManifest(
  { s3, manifestPrefix, signal }: CopySource,
  table: string,
  files: readonly ParquetFile[],
): Promise<string> {
  const address = `${manifestPrefix.replace(/\/+$/, '')}/${table}.json`;
  const [, bucket, key] = S3_ADDRESS.exec(address) ?? [];
  const outside = files.find(({ path }) => !S3_ADDRESS.test(path))?.path;
  if (bucket === undefined || outside !== undefined) {
    throw manifestFailure(
      'bad-input',
      outside ?? manifestPrefix,
      'it is not an address of the form s3://bucket/key',
    );
  }
  try {
    const request = new PutObjectCommand({ Bucket: bucket, Key: key, Body: copyManifest(files) });
    await s3.send(request, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw manifestFailure('failed-infra', address, messageOf(error), error);
  }
  return address;
}

function manifestFailure(
  kind: 'bad-input' | 'failed-infra',
  where: string,
  why: string,
  cause?: unknown,
): PipelineError {
  return new PipelineError(
    {
      kind,
      what: 'The list of files for COPY cannot be written',
      where,
      why,
      done: 'Nothing was copied, nothing was published.',
      next:
        kind === 'bad-input' ? 'Give the address in S3.' : 'Check the rights on the bucket and run again.',
    },
    { cause },
  );
}

/**
 * The failure of a COPY: Redshift's words and what SYS_LOAD_ERROR_DETAIL tells of file, line, column and reason.
 * With such a detail the files are at fault, else the machinery.
 */
export async function copyFailure(api: DataApi, ended: EndedStatement, name: string): Promise<PipelineError> {
  const plain = statementFailure(api, ended);
  if (ended.status !== 'FAILED') return plain;
  const { details, note } = await readDetails(api, ended, name);
  return new PipelineError({
    ...plain.failure,
    kind: details.length > 0 ? 'failed-data' : 'failed-infra',
    why: [plain.failure.why, ...details, ...note].join('\n         '),
    done: 'Nothing was copied, nothing was published; the table is as it was.',
    next:
      details.length > 0
        ? 'Mend the file or the contract so that both say the same, and run again.'
        : plain.failure.next,
  });
}

async function readDetails(
  api: DataApi,
  { description }: EndedStatement,
  name: string,
): Promise<{ details: readonly string[]; note: readonly string[] }> {
  const parts = description.SubStatements ?? [];
  const query = (parts.find(({ Status }) => Status === 'FAILED') ?? description).RedshiftQueryId ?? -1;
  const since = new Date((description.CreatedAt?.getTime() ?? 0) - CLOCK_SKEW_MS).toISOString();
  try {
    const ended = await runStatements(
      api,
      [
        {
          // The session's id too, for the Data API's query id is that of STL_QUERY (API reference,
          // DescribeStatement); a session's id is used again one day, so only what is new counts.
          sql: `SELECT file_name, line_number, column_name, column_type, error_code, error_message
FROM sys_load_error_detail
WHERE (query_id = CAST(:query AS BIGINT) OR session_id = CAST(:session AS INTEGER))
  AND start_time >= CAST(:since AS TIMESTAMP)
ORDER BY start_time DESC
LIMIT ${MOST_DETAILS}`,
          parameters: {
            query: String(query),
            session: String(description.RedshiftPid ?? -1),
            since: since.replace('T', ' ').replace('Z', ''),
          },
        },
      ],
      { name, isFollowed: false },
    );
    if (ended.status !== 'FINISHED') throw statementFailure(api, ended);
    const { rows } = await readResult(api, ended.id);
    const details = rows.map((row) => {
      const [file, line, column, type, code, message] = row.map((value) => String(value ?? '').trim());
      // Of a column that does not fit as a whole Redshift tells no line.
      const place = Number(line) > 0 ? `, line ${line}` : '';
      return `file ${file}${place}, column ${column} (${type}): ${message} (code ${code})`;
    });
    return { details, note: rows.length > 0 ? [] : ['(SYS_LOAD_ERROR_DETAIL tells nothing of it)'] };
  } catch (error) {
    // The COPY's own failure counts; that its details are missing is told with it.
    return { details: [], note: [`(SYS_LOAD_ERROR_DETAIL could not be read: ${messageOf(error)})`] };
  }
}
