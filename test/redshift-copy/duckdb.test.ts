import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openDuckdbWarehouse } from '../../actions/shared/src/warehouse/duckdb-warehouse.ts';
import { type ActionResult, startAction } from '../aws/action-runner.ts';
import { root } from '../project.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectLoad } from '../warehouse/expected-load.ts';
import { FILMS, type Film, writeFilms } from '../warehouse/films.ts';
import { DAY_1, DAY_2 } from '../warehouse/two-days.ts';
import { expectHandOver } from './hand-over.ts';

const parent = await temporaryFolder();
let made = 0;

/** A workspace with the contract and the runs of both days. */
async function openWork() {
  made += 1;
  const work = join(parent, `work-${made}`);
  await mkdir(work);
  await writeFile(join(work, 'films.contract.yml'), JSON.stringify(FILMS));
  const write = async (day: number, films: readonly Film[]) => {
    const name = `day-${day}`;
    const run = await writeFilms(join(work, name), films, { run_id: name, fingerprint: name });
    await writeFile(join(work, name, 'manifest.json'), JSON.stringify(run.manifest));
    return `${name}/manifest.json`;
  };
  await write(1, DAY_1);
  await write(2, DAY_2);
  const rows = async (sql: string) => {
    const file = join(work, 'films.duckdb');
    const warehouse = await openDuckdbWarehouse(file, { attempts: 1, pauseMs: 0 }, 'READ_ONLY');
    try {
      return (await warehouse.query({ sql })).rows;
    } finally {
      await warehouse.close();
    }
  };
  return {
    work,
    /** Writes the films as the run of the day; the day stands for the content. */
    write,
    run: async (inputs: Readonly<Record<string, string>>): Promise<ActionResult> => {
      const common = { engine: 'duckdb', 'warehouse-file': 'films.duckdb', contract: 'films.contract.yml' };
      const folder = join(root, 'actions', 'redshift-copy');
      // The action finds DuckDB where the project has it.
      return (await startAction({ folder, work, inputs: { ...common, ...inputs } })).result;
    },
    validate: async (inputs: Readonly<Record<string, string>>): Promise<ActionResult> => {
      const common = { engine: 'duckdb', 'warehouse-file': 'films.duckdb', contract: 'films.contract.yml' };
      const folder = join(root, 'actions', 'data-validate');
      const given = { ...common, checks: 'films.checks.yml', ...inputs };
      return (await startAction({ folder, work, inputs: given })).result;
    },
    films: () => rows('SELECT * FROM films ORDER BY film_key'),
    rows,
  };
}

describe.each(['replace', 'merge', 'append'] as const)('on DuckDB, two days in mode %s', (mode) => {
  test('leave the rows that are expected, and a third time changes nothing', async () => {
    const { work, run, films } = await openWork();
    const first = await run({ manifest: 'day-1/manifest.json', mode });
    expect([first.outputs.outcome, first.log]).toEqual(['succeeded', expect.anything()]);
    const second = await run({ manifest: 'day-2/manifest.json', mode });
    const { films: expected, counters } = expectLoad(DAY_1, DAY_2, mode);
    expect(second.outputs).toMatchObject({
      'rows-inserted': String(counters.rows_inserted),
      'rows-updated': String(counters.rows_updated),
      'rows-stale': String(counters.rows_stale),
      'already-loaded': 'false',
    });
    expect(await films()).toEqual(expected);
    const again = await run({ manifest: 'day-2/manifest.json', mode });
    expect(again.outputs['already-loaded']).toBe('true');
    expect(await films()).toEqual(expected);
    expect((await readdir(work)).filter((name) => name.startsWith('films.duckdb'))).toEqual(['films.duckdb']);
  });
});

test('on DuckDB the phases go apart, too', async () => {
  const { run, films } = await openWork();
  expect((await run({ manifest: 'day-1/manifest.json', phase: 'stage' })).outputs.outcome).toBe('succeeded');
  expect(await films()).toEqual([]);
  expect((await run({ manifest: 'day-1/manifest.json', phase: 'publish' })).outputs).toMatchObject({
    outcome: 'succeeded',
    'rows-total': '9',
  });
  expect(await films()).toEqual(DAY_1);
});

test('on DuckDB a run of which a file is missing leaves no warehouse behind', async () => {
  const { work, run } = await openWork();
  await rename(join(work, 'day-1', 'part-0.parquet'), join(work, 'day-1', 'part-1.parquet'));
  expect((await run({ manifest: 'day-1/manifest.json' })).outputs.outcome).toBe('failed-data');
  expect((await readdir(work)).filter((name) => name.startsWith('films.duckdb'))).toEqual([]);
});

test('on DuckDB the run before the last is loaded again, as a load of its own', async () => {
  const { run, films, rows } = await openWork();
  const ids: (string | undefined)[] = [];
  for (const [day, expected] of [
    [1, DAY_1],
    [2, DAY_2],
    [1, DAY_1],
  ] as const) {
    const { outputs } = await run({ manifest: `day-${day}/manifest.json` });
    expect(outputs).toMatchObject({ outcome: 'succeeded', 'already-loaded': 'false' });
    expect(await films()).toEqual(expected);
    ids.push(outputs['load-id']);
  }
  const [first, second] = ids;
  expect(ids).toEqual([first, second, `${first}_2`]);
  expect((await run({ manifest: 'day-1/manifest.json' })).outputs).toMatchObject({
    'already-loaded': 'true',
    'load-id': `${first}_2`,
  });
  expect(await rows('SELECT load_id FROM films_loads ORDER BY load_number')).toEqual(ids.map((id) => [id]));
});

test('on DuckDB data-validate between the phases leaves what it measured to the next load', async () => {
  const { work, write, run, validate, rows } = await openWork();
  await expectHandOver({ work, upload: write, copy: run, validate, rows });
});

test('on DuckDB checks keep a run from being published, and leave what they measured of one that is', async () => {
  const { work, run, films, rows } = await openWork();
  const rated = { name: 'rated', kind: 'not_null', column: 'rating', description: 'Films have ratings.' };
  const inputs = { manifest: 'day-2/manifest.json', checks: 'films.checks.yml' };
  await run({ manifest: 'day-1/manifest.json' });
  for (const [error, outcome] of [
    ['> 1', 'failed-data'],
    ['> 2', 'succeeded'],
  ] as const) {
    await writeFile(join(work, 'films.checks.yml'), JSON.stringify({ checks: [{ ...rated, error }] }));
    const { outputs, log } = await run(inputs);
    expect([outputs.outcome, log]).toEqual([outcome, expect.stringContaining('rated: 2')]);
    expect(await films()).toEqual(outcome === 'succeeded' ? DAY_2 : DAY_1);
  }
  expect(await rows('SELECT check_name, metric, measured FROM films_metrics')).toEqual([
    ['rated', 'measured', 2],
  ]);
});

test('on DuckDB, a query that runs when the time is over is interrupted, and none is begun after it', async () => {
  const { work } = await openWork();
  const controller = new AbortController();
  const patience = { attempts: 1, pauseMs: 0 };
  const file = join(work, 'endless.duckdb');
  const warehouse = await openDuckdbWarehouse(file, patience, 'READ_WRITE', controller.signal);
  // It would take hours.
  const endless = warehouse.query({
    sql: 'SELECT COUNT(*) FROM range(10000000) a, range(10000000) b WHERE a > b',
  });
  controller.abort(new Error('the time is over'));
  await expect(endless).rejects.toThrow(/interrupt/i);
  await expect(warehouse.query({ sql: 'SELECT 1' })).rejects.toThrow('the time is over');
  await warehouse.close();
});
