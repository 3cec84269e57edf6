import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { FinishedRun } from '../../actions/shared/src/lake/run.ts';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { findPublishedLoad } from '../../actions/shared/src/warehouse/ledger.ts';
import { dropStaging, publishStaged, stageRun } from '../../actions/shared/src/warehouse/load.ts';
import type { LoadReport } from '../../actions/shared/src/warehouse/load-report.ts';
import type { PublishMode } from '../../actions/shared/src/warehouse/publish.ts';
import type { Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { FILMS, type Film, writeFilms } from './films.ts';

/** A warehouse of its own with an empty table of films, and what the tests do with it. */
export interface FilmWarehouse {
  readonly warehouse: Warehouse;
  /** Writes the films as a run of the day; the day stands for the content, as the fingerprint does. */
  readonly run: (day: number, films: readonly Film[]) => Promise<FinishedRun>;
  /** Loads as the pipeline does: unless it is published already, stage, publish, drop staging. */
  readonly load: (run: FinishedRun, mode: PublishMode, loadId: string) => Promise<LoadReport>;
  /** The table's films, by key. */
  readonly films: () => Promise<unknown>;
  /** All rows of the ledger, by load id. */
  readonly ledger: () => Promise<unknown>;
}

/** Makes a new warehouse below the folder, in the way of one of the engines. */
export type OpenFilms = (parent: string) => Promise<FilmWarehouse>;

/** Opens a new DuckDB file below the folder; it is closed after the test. */
export async function openFilms(parent: string): Promise<FilmWarehouse> {
  const folder = await mkdtemp(join(parent, 'films-'));
  const warehouse = await openDuckdbWarehouse(join(folder, 'warehouse.duckdb'), { attempts: 1, pauseMs: 0 });
  opened.push(warehouse);
  return fillFilms(warehouse, folder, (run) => Promise.resolve(run));
}

/**
 * Makes the table of films and gives what the tests do with it.
 *
 * @param folder where runs are written.
 * @param upload brings a run to where the warehouse can read it.
 */
export async function fillFilms(
  warehouse: Warehouse,
  folder: string,
  upload: (run: FinishedRun) => Promise<FinishedRun>,
): Promise<FilmWarehouse> {
  await warehouse.ensureTable(FILMS);
  const rowsOf = async (sql: string) => (await warehouse.query({ sql })).rows;
  let published = 0;
  return {
    warehouse,
    run: async (day, films) =>
      upload(
        await writeFilms(join(folder, `day-${day}`), films, {
          run_id: `run-of-day-${day}`,
          fingerprint: `content-of-day-${day}`,
          source_date: `2026-11-0${day}T23:52:00.000Z`,
        }),
      ),
    load: async (run, mode, loadId) => {
      const { fingerprint } = run.manifest;
      const known = await findPublishedLoad(warehouse, FILMS, { loadId, fingerprint, mode });
      if (known !== null) return known;
      const request = { contract: FILMS, run, mode, loadId };
      const table = await stageRun(warehouse, request);
      // Each load is published a minute after the one before.
      const publishedAt = new Date(Date.UTC(2026, 10, 23, 6, published++));
      const report = await publishStaged(warehouse, request, { table, publishedAt });
      await dropStaging(warehouse, FILMS);
      return report;
    },
    films: () => rowsOf('SELECT * FROM films ORDER BY film_key'),
    ledger: () => rowsOf('SELECT * FROM films_loads ORDER BY load_id'),
  };
}

const opened: Warehouse[] = [];

afterEach(async () => {
  for (const warehouse of opened.splice(0)) await warehouse.close();
});
