import type { DataApi } from '../../shared/src/redshift-data/data-api.ts';
import { openRedshiftDatabase } from '../../shared/src/warehouse/redshift-warehouse.ts';
import type { TableTarget } from './table/table-target.ts';

/** Redshift for whoever sees to the table and the rights. */
export function openTableTarget(api: DataApi): TableTarget {
  return { ...openRedshiftDatabase(api, 'redshift-provision'), engine: 'redshift' };
}
