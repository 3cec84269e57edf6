import { describe, expect, test } from '@jest/globals';
import { metricsOf } from '../../actions/shared/src/checks/check-metrics.ts';
import { readSubject } from '../../actions/shared/src/checks/check-subject.ts';
import { runChecks } from '../../actions/shared/src/checks/run-checks.ts';
import { publishStaged, stageRun } from '../../actions/shared/src/warehouse/load.ts';
import { type Metric, readMetrics } from '../../actions/shared/src/warehouse/metrics.ts';
import type { Statement, Warehouse } from '../../actions/shared/src/warehouse/warehouse.ts';
import { type CheckText, parseChecks } from '../checks/check-films.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { FILMS, type Film } from './films.ts';
import { type FilmWarehouse, openFilms } from './open-films.ts';
import { startRedshiftFilms } from './redshift-films.ts';

const folder = await temporaryFolder();
const redshift = startRedshiftFilms();

/** Films of which so many have no title; all ratings are the same. */
function createFilms(untitled: number, rating: number): Film[] {
  return Array.from({ length: 10 }, (_, number) => [
    `key-${number}`,
    number < untitled ? null : 'A title',
    true,
    number,
    rating,
  ]);
}

describe.each([
  ['DuckDB', openFilms],
  ['Redshift', redshift.open],
])('on %s, the metrics of the loads', (_engine, open) => {
  const publish = async (
    { warehouse, run }: FilmWarehouse,
    day: number,
    metrics: readonly Metric[],
    through: Warehouse = warehouse,
  ) => {
    const request = {
      contract: FILMS,
      run: await run(day, createFilms(0, 1)),
      mode: 'replace',
      loadId: `load-${day}`,
    } as const;
    const table = await stageRun(warehouse, request);
    return publishStaged(through, request, { table, publishedAt: new Date(0), metrics });
  };

  test('come with the load that is published, the last loads first', async () => {
    const films = await open(folder);
    expect(await readMetrics(films.warehouse, FILMS, 3)).toEqual([]);
    await publish(films, 1, [{ name: 'a', metric: 'measured', value: 1 }]);
    await publish(films, 2, []);
    await publish(films, 3, [
      { name: 'b', metric: 'mean', value: -0.1 },
      { name: 'it\'s \\ a :load_id "name"', metric: 'share', value: 1e-7 },
      { name: 'a', metric: 'measured', value: 12_000_000 },
    ]);
    const of3 = { load_number: 3, load_id: 'load-3' };
    const last = [
      { ...of3, name: 'a', metric: 'measured', value: 12_000_000 },
      { ...of3, name: 'b', metric: 'mean', value: -0.1 },
      { ...of3, name: 'it\'s \\ a :load_id "name"', metric: 'share', value: 1e-7 },
    ];
    expect(await readMetrics(films.warehouse, FILMS, 1)).toEqual(last);
    expect(await readMetrics(films.warehouse, FILMS, 2)).toEqual(last);
    expect(await readMetrics(films.warehouse, FILMS, 3)).toEqual([
      ...last,
      { load_number: 1, load_id: 'load-1', name: 'a', metric: 'measured', value: 1 },
    ]);
  });

  test('go with a load that fails to be published', async () => {
    const films = await open(folder);
    const failing: Warehouse = {
      ...films.warehouse,
      transact: (statements: readonly Statement[]) =>
        films.warehouse.transact([...statements, { sql: 'INSERT INTO nowhere VALUES (1)' }]),
    };
    const metrics = [{ name: 'a', metric: 'measured', value: 1 }];
    await expect(publish(films, 1, metrics, failing)).rejects.toThrow('nowhere');
    expect((await films.warehouse.query({ sql: 'SELECT COUNT(*) FROM films_metrics' })).rows).toEqual([[0]]);
    await publish(films, 1, metrics);
    expect(await readMetrics(films.warehouse, FILMS, 1)).toHaveLength(1);
  });

  test('are none in a warehouse that has no table for them', async () => {
    const films = await open(folder);
    await films.warehouse.transact([{ sql: 'DROP TABLE films_metrics' }]);
    expect(await readMetrics(films.warehouse, FILMS, 1)).toEqual([]);
  });

  test('are what the next load is compared with', async () => {
    const films = await open(folder);
    const { warehouse } = films;
    const texts: readonly CheckText[] = [
      {
        name: 'titles_drift',
        kind: 'drift',
        metric: 'null_share',
        column: 'title',
        loads: 2,
        warn: '> 0.25',
        error: '> 0.5',
      },
      { name: 'rating_drift', kind: 'drift', metric: 'mean', column: 'rating', error: '> 10%' },
      { name: 'titles', kind: 'not_null', column: 'title', warn: '> 10%' },
      { name: 'fresh', kind: 'freshness', warn: '> 1' },
      { name: 'absent', kind: 'not_null', column: 'absent', warn: '> 0' },
    ];
    const checks = await parseChecks(folder, texts);
    const results = [];
    for (const [index, [untitled, rating]] of (
      [
        [1, 5],
        [3, 5],
        [5, 6],
      ] as const
    ).entries()) {
      const run = await films.run(index + 1, createFilms(untitled, rating));
      const request = { contract: FILMS, run, mode: 'replace', loadId: `load-${index + 1}` } as const;
      const table = await stageRun(warehouse, request);
      const staged = { table, manifest: run.manifest, now: new Date('2026-11-23T00:00:00.000Z') };
      const result = await runChecks(warehouse, await readSubject(warehouse, FILMS, staged, checks), checks);
      const metrics = metricsOf(result, checks);
      await publishStaged(warehouse, request, { table, publishedAt: new Date(0), metrics });
      results.push(result.slice(0, 2).map(({ status, measured, base }) => [status, measured, base]));
    }
    expect(results).toEqual([
      [
        ['pass', expect.closeTo(0.1, 10), null],
        ['pass', 5, null],
      ],
      [
        ['pass', expect.closeTo(0.3, 10), expect.closeTo(0.1, 10)],
        ['pass', 5, 5],
      ],
      // Against the mean of the two loads before, which is 0.2; and against 5, from which 6 is 20 % away.
      [
        ['warn', 0.5, expect.closeTo(0.2, 10)],
        ['error', 6, 5],
      ],
    ]);
    const last = await readMetrics(warehouse, FILMS, 1);
    expect(last.map(({ name, metric, value }) => [name, metric, value])).toEqual([
      ['rating_drift', 'mean', 6],
      ['rating_drift', 'share', 20],
      ['titles', 'measured', 5],
      ['titles', 'share', 50],
      ['titles_drift', 'null_share', 0.5],
    ]);
  });
});
