import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../aws/action-runner.ts';
import type { Value } from '../aws/redshift-statements.ts';
import { expectLoad } from '../warehouse/expected-load.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';
import { hasEnded } from './has-ended.ts';
import { openCopies } from './open-copies.ts';

const copies = await openCopies();
const READ = 'SELECT film_key, title, rating FROM films_view ORDER BY film_key';

/** Reads again and again until the load has ended, and once more. */
async function readDuring(load: Promise<ActionResult>): Promise<Value[][][]> {
  const seen: Value[][][] = [];
  while (!(await hasEnded(load))) seen.push(await copies.rows(READ));
  return [...seen, await copies.rows(READ)];
}

describe.each([
  ['replace', 'false', 'replace'],
  ['merge', 'false', 'merge'],
  ['merge', 'true', 'replace'],
  ['append', 'false', 'append'],
] as const)('during a load in mode %s, delete-missing %s', (mode, deleteMissing, expectedMode) => {
  test('readers of a bound view see the old rows or the new ones; grants and view survive', async () => {
    await copies.run({ manifest: await copies.upload(1, DAY_1), mode });
    const analyst = `analyst_${copies.database}`;
    await copies.execute(`CREATE VIEW films_view AS SELECT * FROM films`);
    await copies.execute(`CREATE GROUP ${analyst}`);
    await copies.execute(`GRANT SELECT ON films TO GROUP ${analyst}`);
    const grants = "SELECT relname, CAST(relacl AS VARCHAR(500)) FROM pg_class WHERE relname = 'films'";
    const before = await copies.rows(grants);
    expect(String(before[0]?.[1])).toContain(analyst);

    const manifest = await copies.upload(2, DAY_2);
    const load = copies.run({ manifest, mode, 'delete-missing': deleteMissing });
    const seen = await readDuring(load);
    expect((await load).outputs.outcome).toBe('succeeded');

    const shown = (films: readonly (readonly Value[])[]) =>
      films.map(([key, title, , , rating]) => [key, title, rating]);
    const [old, after] = [shown(DAY_1), shown(expectLoad(DAY_1, DAY_2, expectedMode).films)];
    const texts = new Set(seen.map((rows) => JSON.stringify(rows)));
    expect(seen.length).toBeGreaterThan(2);
    expect([...texts]).toEqual([JSON.stringify(old), JSON.stringify(after)]);
    expect(await copies.rows(grants)).toEqual(before);
  });
});
