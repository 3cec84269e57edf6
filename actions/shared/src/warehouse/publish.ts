import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { IS_ADDED, IS_VANISHED, isChanged, joinRows } from './join-rows.ts';
import { columnList, ledgerOf } from './tables.ts';
import type { Dialect, Statement } from './warehouse.ts';

/**
 * How a load changes the table:
 * - `replace`: the table holds what the source holds, nothing else;
 * - `merge`: new titles are added and changed ones updated; vanished ones stay, unless they are to be deleted;
 * - `append`: new titles are added; changed ones stay as they were and are counted as stale.
 */
export const PUBLISH_MODES = ['replace', 'merge', 'append'] as const;

/** One of {@link PUBLISH_MODES}. */
export type PublishMode = (typeof PUBLISH_MODES)[number];

/** What became of a title since the last load. */
type Change = 'added' | 'changed' | 'vanished';

/** A name that no contract's column can have, for it is not snake_case. */
const CHANGE = quoteIdentifier('row change');

/** A staged load, ready to be published. */
export interface StagedLoad {
  readonly loadId: string;
  readonly runId: string;
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly sourceDate: string;
  readonly stagingTable: string;
  readonly mode: PublishMode;
  /** Whether `merge` also removes the titles that vanished from the source. */
  readonly deleteMissing?: boolean;
  /** When it is published, ISO 8601. */
  readonly publishedAt: string;
}

/**
 * The statements that publish a load and drop its staging table, to be run as one transaction: they fail
 * when the ledger has the load already, for two processes may be at the same one; readers see the table before
 * or after, and the ledger's row comes and goes with it. Rows go by DELETE and come by INSERT, so that grants,
 * views and readers survive; TRUNCATE would commit, a renamed table would be missed by readers for a moment,
 * ALTER TABLE APPEND cannot be rolled back.
 *
 * One join of both tables finds what is new, changed and vanished, before anything is touched.
 */
export function publishStatements(
  contract: Contract,
  load: StagedLoad,
  dialect: Pick<Dialect, 'dropStaging'>,
): Statement[] {
  const live = quoteIdentifier(contract.table);
  const staging = quoteIdentifier(load.stagingTable);
  const key = quoteIdentifier(contract.key);
  const columns = columnList(contract);
  const ledger = quoteIdentifier(ledgerOf(contract));
  const changes = quoteIdentifier(`${load.stagingTable}_changes`);
  const isWithoutVanished = load.mode === 'replace' || (load.mode === 'merge' && load.deleteMissing === true);
  const isAmong = (...kinds: readonly Change[]) =>
    `${key} IN (SELECT ${key} FROM ${changes} WHERE ${CHANGE} IN (${kinds.map((kind) => `'${kind}'`).join(', ')}))`;
  const insertWhere = (condition: string) =>
    `INSERT INTO ${live} (${columns})\nSELECT ${columns} FROM ${staging} WHERE ${condition}`;

  const writes: Readonly<Record<PublishMode, string[]>> = {
    replace: [`DELETE FROM ${live}`, `INSERT INTO ${live} (${columns}) SELECT ${columns} FROM ${staging}`],
    merge: [
      `DELETE FROM ${live} WHERE ${isWithoutVanished ? isAmong('changed', 'vanished') : isAmong('changed')}`,
      insertWhere(isAmong('added', 'changed')),
    ],
    append: [insertWhere(isAmong('added'))],
  };

  return [
    {
      // No SQL of Redshift's raises an error by itself; a text that is no number does.
      sql: `SELECT CAST('published already: ' || load_id AS INTEGER) FROM ${ledger} WHERE load_id = :load_id`,
      parameters: { load_id: load.loadId },
    },
    {
      sql: `CREATE TEMP TABLE ${changes} AS
SELECT COALESCE(staged.${key}, live.${key}) AS ${key},
  CASE WHEN ${IS_ADDED} THEN 'added' WHEN ${IS_VANISHED} THEN 'vanished' ELSE 'changed' END AS ${CHANGE}
FROM ${joinRows(contract, load.stagingTable)}
WHERE ${IS_ADDED} OR ${IS_VANISHED} OR (${isChanged(contract)})`,
    },
    ...writes[load.mode].map((sql) => ({ sql })),
    {
      sql: `INSERT INTO ${ledger}
  (load_number, load_id, run_id, fingerprint, mode, source_date, published_at, rows_staged, rows_inserted, rows_updated,
   rows_deleted, rows_unchanged, rows_stale, rows_vanished, rows_total)
SELECT
  (SELECT COALESCE(MAX(load_number), 0) + 1 FROM ${ledger}),
  :load_id, :run_id, :fingerprint, :mode, CAST(:source_date AS TIMESTAMP), CAST(:published_at AS TIMESTAMP),
  staged, added, ${load.mode === 'append' ? '0' : 'changed'}, ${isWithoutVanished ? 'vanished' : '0'},
  staged - added - changed, ${load.mode === 'append' ? 'changed' : '0'}, vanished, (SELECT COUNT(*) FROM ${live})
FROM (
  SELECT (SELECT COUNT(*) FROM ${staging}) AS staged, ${count('added')}, ${count('changed')}, ${count('vanished')}
  FROM ${changes}
) AS counts`,
      parameters: {
        load_id: load.loadId,
        run_id: load.runId,
        fingerprint: load.fingerprint,
        mode: load.mode,
        source_date: sqlTimestamp(load.sourceDate),
        published_at: sqlTimestamp(load.publishedAt),
      },
    },
    { sql: `DROP TABLE ${changes}` },
    { sql: dialect.dropStaging(load.stagingTable) },
  ];
}

/**
 * Whether a load in mode `published` left nothing to do for one of the same content in mode
 * `requested`: a replace does what a merge does, a merge what an append does.
 */
export function coversMode(published: PublishMode, requested: PublishMode): boolean {
  return PUBLISH_MODES.indexOf(published) <= PUBLISH_MODES.indexOf(requested);
}

/** How many of the changes are of the kind, in a column of the kind's name. */
function count(kind: Change): string {
  return `COALESCE(SUM(CASE WHEN ${CHANGE} = '${kind}' THEN 1 ELSE 0 END), 0) AS ${kind}`;
}

/** ISO 8601 in UTC as a TIMESTAMP literal without a zone: the ledger's times are UTC. */
function sqlTimestamp(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}
