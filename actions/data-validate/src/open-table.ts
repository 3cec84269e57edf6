import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { TableClients } from '../../shared/src/aws/table-clients.ts';
import type { Contract } from '../../shared/src/contract/contract.ts';
import { messageOf, PipelineError } from '../../shared/src/errors.ts';
import type { Manifest } from '../../shared/src/lake/manifest.ts';
import { installDuckdb } from '../../shared/src/load-duckdb.ts';
import type { RedshiftTarget } from '../../shared/src/redshift-data/data-api.ts';
import { systemTiming } from '../../shared/src/redshift-data/timing.ts';
import { quoteIdentifier, quoteLiteral } from '../../shared/src/sql-text.ts';
import type { TaskLog } from '../../shared/src/task-log.ts';
import { openDuckdbWarehouse } from '../../shared/src/warehouse/duckdb-warehouse.ts';
import { openRedshiftWarehouse } from '../../shared/src/warehouse/redshift-warehouse.ts';
import type { Warehouse } from '../../shared/src/warehouse/warehouse.ts';
import type { Inputs } from './inputs.ts';

/** Another job on the machine may have the file open for a moment. */
const PATIENCE = { attempts: 30, pauseMs: 1000 };

/** What the opening of a table works with. */
export interface TableAccess {
  readonly inputs: Inputs;
  readonly contract: Contract;
  /** The manifest of the run; null when none is named. */
  readonly manifest: Manifest | null;
  /** The path in the workspace. */
  readonly resolve: (path: string) => string;
  readonly clients: () => TableClients;
  readonly signal: AbortSignal;
  /** When all waiting ends, in milliseconds since 1970. */
  readonly deadline: number;
}

/**
 * Opens what holds the rows, to read it: the warehouse, or files that a DuckDB in memory shows as a table
 * of the same name. It is the caller's to close.
 *
 * @throws PipelineError `failed-infra` when it cannot be opened.
 */
export async function openTable(access: TableAccess, log: TaskLog): Promise<Warehouse> {
  const { inputs, signal, resolve } = access;
  if (inputs.engine === 'redshift') return openRedshift(access);
  await installDuckdb(log, signal);
  if (inputs.engine === 'files') return stoppable(await openFiles(access), signal);
  const file = inputs['warehouse-file'];
  if (file === null) throw new TypeError('readInputs sees to it that DuckDB has a file');
  return stoppable(await openDuckdbWarehouse(resolve(file), PATIENCE, 'READ_ONLY'), signal);
}

/** The workgroup or cluster that the inputs name. */
export function targetOf(inputs: Inputs): RedshiftTarget {
  const { kind, identifier, database, 'secret-arn': secretArn } = inputs;
  if (identifier === null) throw new TypeError('readInputs sees to it that Redshift has an identifier');
  if (kind === 'serverless') {
    return { kind, workgroup: identifier, database, ...(secretArn === null ? {} : { secretArn }) };
  }
  if (secretArn === null) throw new TypeError('readInputs sees to it that a cluster has a secret');
  return { kind, cluster: identifier, database, login: { secretArn } };
}

function openRedshift({ inputs, clients, signal, deadline }: TableAccess): Promise<Warehouse> {
  const { data, s3 } = clients();
  return openRedshiftWarehouse({
    api: { client: data, target: targetOf(inputs), timing: systemTiming, deadline, signal },
    // The checks only read: nothing is ever copied with it.
    copy: { s3, roleArn: '', manifestPrefix: '' },
    loadId: `data-validate-${randomUUID()}`,
  });
}

async function openFiles({ inputs, contract, manifest, resolve }: TableAccess): Promise<Warehouse> {
  const folder = inputs.manifest === null ? '' : dirname(resolve(inputs.manifest));
  const paths =
    inputs.files.length > 0
      ? inputs.files.map(resolve)
      : (manifest?.files ?? []).map(({ path }) => join(folder, path));
  const warehouse = await openDuckdbWarehouse(':memory:', PATIENCE);
  const table = quoteIdentifier(inputs.table ?? contract.table);
  const list = paths.map(quoteLiteral).join(', ');
  try {
    await warehouse.query({ sql: `CREATE VIEW ${table} AS SELECT * FROM read_parquet([${list}])` });
    return { ...warehouse, description: `the Parquet files ${paths.join(', ')}` };
  } catch (error) {
    await warehouse.close();
    throw new PipelineError(
      {
        kind: 'failed-infra',
        what: 'The files cannot be read',
        where: paths.join(', '),
        why: messageOf(error),
        done: 'Nothing was checked.',
        next: 'See that the files are Parquet files on this machine and are named rightly; then run again.',
      },
      { cause: error },
    );
  }
}

/** DuckDB works in this process and knows no signal; once that aborts, its answers are no more waited for. */
function stoppable(warehouse: Warehouse, signal: AbortSignal): Warehouse {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  // Nobody may be waiting when the signal aborts.
  stopped.catch(() => {});
  return { ...warehouse, query: (statement) => Promise.race([warehouse.query(statement), stopped]) };
}
