import type { TableClients } from '../../shared/src/aws/table-clients.ts';
import type { Contract } from '../../shared/src/contract/contract.ts';
import { messageOf } from '../../shared/src/errors.ts';
import type { DataApi } from '../../shared/src/redshift-data/data-api.ts';
import { openRedshiftWarehouse } from '../../shared/src/warehouse/redshift-warehouse.ts';
import { sweepStaging } from '../../shared/src/warehouse/sweep-staging.ts';
import type { CopyEngine } from './copy-engine.ts';
import { type Inputs, manifestOf } from './inputs.ts';
import { openInS3, readS3Run } from './s3-run.ts';

/** What a load into Redshift works with. */
export interface RedshiftEngine {
  readonly inputs: Inputs;
  readonly contract: Contract;
  readonly clients: TableClients;
  readonly api: DataApi;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Called with the load's id before its first statement is sent. */
  readonly begins: (loadId: string) => void;
}

/** Loads into Redshift through the Data API; the files are read by COPY, from S3. */
export function redshiftEngine(context: RedshiftEngine): CopyEngine {
  const { inputs, contract, clients, api, signal, now, begins } = context;
  const { s3 } = clients;
  return {
    readRun: () => readS3Run(manifestOf(inputs), s3, signal),
    openParquet: openInS3(s3, signal),
    open: (run, loadId) => {
      begins(loadId);
      // Beside the files, for whoever may read these may read which of them were copied.
      const manifestPrefix = `${run.folder}/copy`;
      const copy = { s3, roleArn: inputs['iam-role'] ?? '', manifestPrefix, signal };
      return openRedshiftWarehouse({ api, copy, loadId });
    },
    sweep: async (warehouse, log) => {
      try {
        await sweepStaging(warehouse, contract, now());
      } catch (error) {
        // What others left is in nobody's way but the disk's.
        log.info(`Staging tables that dead loads left were not all dropped: ${messageOf(error)}`);
      }
    },
    keep: () => Promise.resolve(),
  };
}
