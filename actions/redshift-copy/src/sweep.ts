import type { S3Client } from '@aws-sdk/client-s3';
import type { DataApi } from '../../shared/src/redshift-data/data-api.ts';
import { formatCounted } from '../../shared/src/report/format.ts';
import { openRedshiftWarehouse } from '../../shared/src/warehouse/redshift-warehouse.ts';
import { sweepStaging } from '../../shared/src/warehouse/sweep-staging.ts';
import type { Transfer } from './copy-engine.ts';
import { COPY_TASKS } from './copy-tasks.ts';

/** What a sweep works with. */
export interface Sweep extends Pick<Transfer, 'contract' | 'tasks' | 'facts' | 'now'> {
  readonly api: DataApi;
  readonly s3: S3Client;
  /** Called with what begins the names of the statements, before the first is sent. */
  readonly begins: (prefix: string) => void;
}

/** Drops the staging tables that dead loads left in Redshift; see {@link sweepStaging}. */
export function sweep({ contract, tasks, facts, now, api, s3, begins }: Sweep): Promise<void> {
  return tasks.run(COPY_TASKS.sweep, async (log) => {
    facts.table = contract.table;
    const prefix = `sweep-${contract.table}`;
    begins(prefix);
    // Nothing is copied, so there is neither a role nor a place for it.
    const copy = { s3, roleArn: '', manifestPrefix: '' };
    const warehouse = await openRedshiftWarehouse({ api, copy, loadId: prefix });
    facts.warehouse = warehouse.description;
    facts.swept = await sweepStaging(warehouse, contract, now());
    for (const table of facts.swept) log.info(`dropped ${table}`);
    return { value: undefined, detail: `${formatCounted(facts.swept.length, 'staging table')} dropped` };
  });
}
