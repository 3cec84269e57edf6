import type { Contract } from '../../../shared/src/contract/contract.ts';
import type { LayoutSize } from '../../../shared/src/contract/layout.ts';
import { quoteIdentifier } from '../../../shared/src/sql-text.ts';
import type { TaskLog } from '../../../shared/src/task-log.ts';
import { readSchema } from '../../../shared/src/warehouse/live-columns.ts';
import {
  commentStatements,
  createLedger,
  createMetrics,
  createTable,
  freshnessSelect,
  freshnessViewOf,
  ledgerOf,
  metricsTableOf,
} from '../../../shared/src/warehouse/tables.ts';
import type { Drift, OnDrift } from '../drift.ts';
import { compareTable, type TableChange } from './compare-table.ts';
import { AUTOMATIC, layoutClauses } from './layout-words.ts';
import { listRelations, readLiveTable } from './live-table.ts';
import { onceMore, runChanges } from './run-changes.ts';
import type { TableTarget } from './table-target.ts';

/**
 * Sees to it that the contract's table is there, with its ledger, its metrics and its freshness view. What
 * is missing is made; a table that is there gets what it lacks, as far as nothing can be lost by that; all
 * else is drift and stays. With `apply`, a layout that differs is changed too: that keeps every row.
 *
 * @param changed told of each change once it is committed; what follows may fail.
 * @returns what was changed, a line each, and what differs still.
 * @throws PipelineError `failed-infra` when the warehouse refuses a statement.
 */
export async function ensureTable(
  target: TableTarget,
  contract: Contract,
  size: LayoutSize,
  onDrift: OnDrift,
  log: TaskLog,
  changed: (line: string) => void = () => {},
): Promise<{ readonly changed: readonly string[]; readonly drift: readonly Drift[] }> {
  const lines: string[] = [];
  const note = (line: string) => {
    if (lines.includes(line)) return;
    lines.push(line);
    changed(line);
    log.info(line);
  };
  const drift = await onceMore(async () => {
    const plan = await planTable(target, contract, size, onDrift);
    const together = plan.changes.filter(({ isAlone }) => !isAlone);
    await runChanges(target, together, note);
    for (const change of plan.changes) if (change.isAlone) await runChanges(target, [change], note);
    return plan.drift;
  });
  if (lines.length === 0) log.info(`table ${contract.table}: nothing to change, no DDL was run`);
  return { changed: lines, drift };
}

/** What is missing, and what differs and is to stay. */
async function planTable(
  target: TableTarget,
  contract: Contract,
  size: LayoutSize,
  onDrift: OnDrift,
): Promise<{ readonly changes: readonly TableChange[]; readonly drift: readonly Drift[] }> {
  const layout = contract.layout?.[size] ?? AUTOMATIC;
  const schema = await readSchema(target);
  const relations = await listRelations(target, schema);
  const { dialect } = target;
  const changes: TableChange[] = [];
  const make = (name: string, sql: string, what: string) => {
    if (!relations.has(name)) changes.push({ sql, what, isAlone: false });
  };

  const columns = createTable(contract.table, contract, dialect);
  const ddl = target.engine === 'redshift' ? `${columns}\n${layoutClauses(layout)}` : columns;
  make(contract.table, ddl, `table ${contract.table} created`);
  const [ledger, metrics] = [ledgerOf(contract), metricsTableOf(contract)];
  make(ledger, createLedger(contract), `ledger ${ledger} created`);
  make(metrics, createMetrics(contract), `metrics ${metrics} created`);
  // Redshift knows no IF NOT EXISTS for views, and one that is replaced might lose its grants.
  const view = freshnessViewOf(contract);
  make(view, `CREATE VIEW ${quoteIdentifier(view)} AS ${freshnessSelect(contract)}`, `view ${view} created`);

  let drift: readonly Drift[] = [];
  if (relations.has(contract.table)) {
    const live = await readLiveTable(target, schema, contract.table);
    const difference = compareTable(contract, layout, live, dialect);
    changes.push(...difference.changes);
    const remedies = difference.drift.flatMap(({ remedy }) => (remedy === null ? [] : [remedy]));
    if (onDrift === 'apply') changes.push(...remedies);
    drift = difference.drift
      .filter(({ remedy }) => onDrift !== 'apply' || remedy === null)
      .map(({ subject, wanted, found }) => ({ subject, wanted, found }));
  } else {
    const what = 'comments written';
    changes.push(...commentStatements(contract, dialect).map((sql) => ({ sql, what, isAlone: false })));
  }
  return { changes, drift };
}
