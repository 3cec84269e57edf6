import type { DataApi } from '../../shared/src/redshift-data/data-api.ts';
import { describeTarget } from '../../shared/src/redshift-data/data-api.ts';
import { readResult } from '../../shared/src/redshift-data/read-result.ts';
import { runStatements } from '../../shared/src/redshift-data/run-statements.ts';
import { refuseFailed } from '../../shared/src/redshift-data/statement-failure.ts';
import { redshiftDialect } from '../../shared/src/warehouse/redshift-dialect.ts';
import { stepName } from '../../shared/src/warehouse/redshift-warehouse.ts';
import type { TableTarget } from './table/table-target.ts';

/** Redshift for whoever sees to the table and the rights; nothing is loaded through it. */
export function openTableTarget(api: DataApi): TableTarget {
  return {
    engine: 'redshift',
    description: describeTarget(api.target),
    dialect: redshiftDialect,
    query: async (statement) => {
      const name = { name: 'redshift-provision/query', isFollowed: false };
      const ended = await runStatements(api, [statement], name);
      refuseFailed(api, ended);
      if (ended.description.HasResultSet !== true) return { columns: [], rows: [] };
      return readResult(api, ended.id);
    },
    transact: async (statements) => {
      if (statements.length === 0) return;
      // Two that provision the same at once run the same statements: one sends them, the other follows.
      const name = stepName('redshift-provision', 'transact', statements);
      refuseFailed(api, await runStatements(api, statements, { name, isFollowed: true }));
    },
  };
}
