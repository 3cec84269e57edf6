import type { PublishMode } from '../../actions/shared/src/warehouse/publish.ts';
import type { Film } from './films.ts';

/** What a load should do to a table, by sets of rows and without any SQL. */
export interface ExpectedLoad {
  /** The table's films after the load, by key. */
  readonly films: readonly Film[];
  readonly counters: Readonly<Record<string, number>>;
}

/** What a load of the staged films into a table with the live ones should do. */
export function expectLoad(live: readonly Film[], staged: readonly Film[], mode: PublishMode): ExpectedLoad {
  const liveByKey = byKey(live);
  const stagedByKey = byKey(staged);
  const isSame = (a: Film, b: Film) => a.every((value, index) => Object.is(value, b[index]));
  const added = staged.filter(([key]) => !liveByKey.has(key));
  const known = staged.filter(([key]) => liveByKey.has(key));
  const unchanged = known.filter((film) => isSame(film, liveByKey.get(film[0]) ?? film));
  const changed = known.filter((film) => !unchanged.includes(film));
  const vanished = live.filter(([key]) => !stagedByKey.has(key));

  const after = {
    replace: staged,
    merge: [...vanished, ...staged],
    append: [...live, ...added],
  }[mode];
  return {
    films: after.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    counters: {
      rows_staged: staged.length,
      rows_inserted: added.length,
      rows_updated: mode === 'append' ? 0 : changed.length,
      rows_deleted: mode === 'replace' ? vanished.length : 0,
      rows_unchanged: unchanged.length,
      rows_stale: mode === 'append' ? changed.length : 0,
      rows_vanished: vanished.length,
      rows_total: after.length,
    },
  };
}

function byKey(films: readonly Film[]): Map<string | null, Film> {
  return new Map(films.map((film) => [film[0], film]));
}
