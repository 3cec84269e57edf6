import type { CatalogueEngine } from '../../../shared/src/warehouse/live-columns.ts';
import type { Warehouse } from '../../../shared/src/warehouse/warehouse.ts';

/** The warehouse in which the table and its rights are seen to. */
export interface TableTarget extends Pick<Warehouse, 'description' | 'dialect' | 'query' | 'transact'> {
  /** Whose catalogue it has. Only Redshift knows widths, layouts, users and grants. */
  readonly engine: CatalogueEngine;
}
