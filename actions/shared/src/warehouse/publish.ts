import type { Contract } from '../contract/contract.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { columnList, ledgerOf } from './tables.ts';
import type { Statement } from './warehouse.ts';

/**
 * How a load changes the table:
 * - `replace`: the table holds what the source holds, nothing else;
 * - `merge`: new titles are added and changed ones updated; vanished ones stay, unless they are to be deleted;
 * - `append`: new titles are added; changed ones stay as they were and are counted as stale.
 */
export const PUBLISH_MODES = ['replace', 'merge', 'append'] as const;

/** One of {@link PUBLISH_MODES}. */
export type PublishMode = (typeof PUBLISH_MODES)[number];

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
 * The statements that publish a load and drop its staging table, to be run as one transaction: they fail when the ledger has the
 * load already, for two processes may be at the same one; readers see the table before or after, and the ledger's row comes and goes with it. Rows go by DELETE and come by INSERT, so that
 * grants, views and readers survive; TRUNCATE would commit, a renamed table would be missed by readers
 * for a moment, ALTER TABLE APPEND cannot be rolled back.
 *
 * `EXCEPT` finds new and changed rows, for it holds two nulls to be the same; the counts are taken
 * before anything is touched.
 */
export function publishStatements(contract: Contract, load: StagedLoad): Statement[] {
  const live = quoteIdentifier(contract.table);
  const staging = quoteIdentifier(load.stagingTable);
  const key = quoteIdentifier(contract.key);
  const columns = columnList(contract);
  const ledger = quoteIdentifier(ledgerOf(contract));
  const differing = quoteIdentifier(`${load.stagingTable}_differing`);
  const counts = quoteIdentifier(`${load.stagingTable}_counts`);
  const isWithoutVanished = load.mode === 'replace' || (load.mode === 'merge' && load.deleteMissing === true);
  const isKnown = `EXISTS (SELECT 1 FROM ${live} AS live WHERE live.${key} = staged.${key})`;

  const changes: Readonly<Record<PublishMode, string[]>> = {
    replace: [`DELETE FROM ${live}`, `INSERT INTO ${live} (${columns}) SELECT ${columns} FROM ${staging}`],
    merge: [
      ...(isWithoutVanished
        ? [
            `DELETE FROM ${live}
WHERE NOT EXISTS (SELECT 1 FROM ${staging} AS staged WHERE staged.${key} = ${live}.${key})`,
          ]
        : []),
      `DELETE FROM ${live} WHERE ${key} IN (SELECT ${key} FROM ${differing})`,
      `INSERT INTO ${live} (${columns})
SELECT ${columns} FROM ${staging} WHERE ${key} IN (SELECT ${key} FROM ${differing})`,
    ],
    append: [
      `INSERT INTO ${live} (${columns}) SELECT ${columns} FROM ${staging} AS staged WHERE NOT ${isKnown}`,
    ],
  };

  return [
    {
      // No SQL of Redshift's raises an error by itself; a text that is no number does.
      sql: `SELECT CAST('published already: ' || load_id AS INTEGER) FROM ${ledger} WHERE load_id = :load_id`,
      parameters: { load_id: load.loadId },
    },
    {
      sql: `CREATE TEMP TABLE ${differing} AS
SELECT ${key} FROM (SELECT ${columns} FROM ${staging} EXCEPT SELECT ${columns} FROM ${live}) AS differing`,
    },
    {
      sql: `CREATE TEMP TABLE ${counts} AS
SELECT
  (SELECT COUNT(*) FROM ${staging}) AS staged,
  (SELECT COUNT(*) FROM ${differing} AS staged WHERE NOT ${isKnown}) AS added,
  (SELECT COUNT(*) FROM ${differing} AS staged WHERE ${isKnown}) AS changed,
  (SELECT COUNT(*) FROM ${live} AS live
    WHERE NOT EXISTS (SELECT 1 FROM ${staging} AS staged WHERE staged.${key} = live.${key})) AS vanished`,
    },
    ...changes[load.mode].map((sql) => ({ sql })),
    {
      sql: `INSERT INTO ${ledger}
  (load_number, load_id, run_id, fingerprint, mode, source_date, published_at, rows_staged, rows_inserted, rows_updated,
   rows_deleted, rows_unchanged, rows_stale, rows_vanished, rows_total)
SELECT
  (SELECT COALESCE(MAX(load_number), 0) + 1 FROM ${ledger}),
  :load_id, :run_id, :fingerprint, :mode, CAST(:source_date AS TIMESTAMP), CAST(:published_at AS TIMESTAMP),
  staged, added, ${load.mode === 'append' ? '0' : 'changed'}, ${isWithoutVanished ? 'vanished' : '0'},
  staged - added - changed, ${load.mode === 'append' ? 'changed' : '0'}, vanished, (SELECT COUNT(*) FROM ${live})
FROM ${counts}`,
      parameters: {
        load_id: load.loadId,
        run_id: load.runId,
        fingerprint: load.fingerprint,
        mode: load.mode,
        source_date: sqlTimestamp(load.sourceDate),
        published_at: sqlTimestamp(load.publishedAt),
      },
    },
    { sql: `DROP TABLE ${differing}` },
    { sql: `DROP TABLE ${counts}` },
    { sql: `DROP TABLE ${staging}` },
  ];
}

/**
 * Whether a load in mode `published` left nothing to do for one of the same content in mode
 * `requested`: a replace does what a merge does, a merge what an append does.
 */
export function coversMode(published: PublishMode, requested: PublishMode): boolean {
  return PUBLISH_MODES.indexOf(published) <= PUBLISH_MODES.indexOf(requested);
}

/** ISO 8601 in UTC as a TIMESTAMP literal without a zone: the ledger's times are UTC. */
function sqlTimestamp(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}
