import { describe, expect, test } from '@jest/globals';
import { expectLoad } from '../warehouse/expected-load.ts';
import { filmsOfDay } from './changing-films.ts';
import { openCopies } from './open-copies.ts';

const copies = await openCopies();

/** Texts of statements: the making of the table, the copying, the publishing. */
const STATEMENTS = [
  '%CREATE TABLE IF NOT EXISTS "films_loads"%',
  '%COPY "films_staging%',
  '%INTO "films_loads"%',
];

describe.each(['replace', 'merge', 'append'] as const)('in mode %s', (mode) => {
  test('a lost answer to any batch is got over: what it did is done once', async () => {
    let live: ReturnType<typeof filmsOfDay> = [];
    for (const day of [1, 2, 3]) {
      const manifest = await copies.upload(day, filmsOfDay(day));
      const before = copies.proxy.calls('BatchExecuteStatement');
      copies.proxy.add({
        operation: 'BatchExecuteStatement',
        fault: 'lost-answer',
        times: 1,
        after: day === 1 ? 0 : day - 2,
      });
      const { outputs } = await copies.run({ manifest, mode });
      expect(outputs).toMatchObject({ outcome: 'succeeded', 'already-loaded': 'false' });
      // The table's making is needed on the first day alone; then come COPY and publishing.
      expect(copies.proxy.calls('BatchExecuteStatement') - before).toBe(day === 1 ? 4 : 3);
      live = expectLoad(live, filmsOfDay(day), mode).films;
      expect(await copies.films()).toEqual(live);
    }
  });

  test('a statement that Redshift undoes again and again fails the load, which then runs as if never begun', async () => {
    // The bed makes the table of faults with the database.
    expect(await copies.rows('SELECT COUNT(*) FROM bed.faults')).toEqual([[0]]);
    const manifest = await copies.upload(1, filmsOfDay(1));
    for (const text of STATEMENTS) {
      await copies.execute(`INSERT INTO bed.faults VALUES ('conflict', '${text}', 5)`);
      const failed = await copies.run({ manifest, mode });
      expect([text, failed.outputs.outcome]).toEqual([text, 'failed-infra']);
      expect(failed.annotations.find(({ level }) => level === 'error')?.message).toContain(
        'Serializable isolation violation',
      );
    }
    expect(await copies.films()).toEqual([]);
    const { outputs } = await copies.run({ manifest, mode });
    expect(outputs).toMatchObject({ outcome: 'succeeded', 'rows-inserted': '4', 'already-loaded': 'false' });
    expect(await copies.films()).toEqual(expectLoad([], filmsOfDay(1), mode).films);
  });
});

test('what is only housekeeping may fail: the load is published, and the rest is told', async () => {
  await copies.execute(
    'CREATE TABLE films_staging_dead (a INTEGER)',
    `INSERT INTO bed.faults VALUES ('conflict', '%DROP TABLE IF EXISTS "films_staging_dead"%', 5),
('conflict', '%ANALYZE "films"%', 5)`,
  );
  const main = await copies.run({ manifest: await copies.upload(1, filmsOfDay(1)) });
  expect(main.outputs).toMatchObject({ outcome: 'succeeded', 'already-loaded': 'false', 'rows-total': '4' });
  expect(main.log).toContain('Staging tables that dead loads left were not all dropped');
  expect(main.annotations.find(({ level }) => level === 'warning')?.message).toContain('ANALYZE failed');
  expect(await copies.tables()).toContain('films_staging_dead');
});
