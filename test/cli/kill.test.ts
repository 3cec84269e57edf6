import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { files, root } from '../project.ts';
import { type Row, readDuckdb, readLiveTitles } from '../read-titles.ts';
import { finish, runCli, startCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
const DAY_2 = join(root, 'samples', 'day-2');
/** Moments of a run to kill it at; a run takes about half of the last one. */
const KILL_AFTER_MS = [50, 250, 350, 450, 550, 650, 750, 900, 1200];

/** A line when each of the six tasks starts, and one when it ends. */
const LINES = 12;

const published = join(folder, 'published');
let dayOne: Row[];
let dayTwo: Row[];
let lines: string[];

beforeAll(async () => {
  expect((await runCli('--input', files.sample, '--output', published)).code).toBe(0);
  dayOne = await readLiveTitles(published);
  const whole = join(folder, 'whole');
  await cp(published, whole, { recursive: true });
  const { stdout } = await runCli('--input', DAY_2, '--output', whole);
  lines = stdout.split('\n').filter((line) => /^(✔|\w+ \.\.\.)/.test(line));
  dayTwo = await readLiveTitles(whole);
});

/** The table is one day's or the other's, and the freshness view tells which. */
async function expectOneWholeDay(output: string): Promise<void> {
  const rows = await readLiveTitles(output);
  expect([dayOne.length, dayTwo.length]).toContain(rows.length);
  expect(rows).toEqual(rows.length === dayOne.length ? dayOne : dayTwo);
  const file = join(output, 'warehouse.duckdb');
  expect((await readDuckdb('SELECT rows_total FROM imdb_titles_freshness', file)).rows).toEqual([
    [rows.length],
  ]);
}

async function expectNextRunSucceeds(output: string): Promise<void> {
  expect(await runCli('--input', DAY_2, '--output', output)).toMatchObject({ code: 0, stderr: '' });
  expect(await readLiveTitles(output)).toEqual(dayTwo);
  const { rows } = await readDuckdb(
    "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE '%staging%'",
    join(output, 'warehouse.duckdb'),
  );
  expect(rows).toEqual([[0]]);
  expect((await readdir(output)).filter((name) => name.startsWith('warehouse.duckdb'))).toEqual([
    'warehouse.duckdb',
  ]);
}

/** Starts the second day's load on a published warehouse and kills it when told to. */
async function killDuringDayTwo(
  name: string,
  killWhen: (kill: () => void, onLine: (listen: (line: string) => void) => void) => void,
): Promise<string> {
  const output = join(folder, name);
  await cp(published, output, { recursive: true });
  const program = startCli(['--input', DAY_2, '--output', output]);
  const ended = finish(program);
  killWhen(
    () => program.kill('SIGKILL'),
    (listen) => {
      if (program.stdout !== null) createInterface({ input: program.stdout }).on('line', listen);
    },
  );
  await ended;
  return output;
}

describe('a run killed', () => {
  test.each(Array.from({ length: LINES }, (_, index) => index))(
    'after line %d of its output leaves a whole table, and the next run succeeds',
    async (index) => {
      expect(lines).toHaveLength(LINES);
      const begins = lines[index]?.slice(0, 12) ?? '';
      const output = await killDuringDayTwo(`line-${index}`, (kill, onLine) => {
        onLine((line) => {
          if (line.startsWith(begins)) kill();
        });
      });
      await expectOneWholeDay(output);
      await expectNextRunSucceeds(output);
    },
  );

  test.each(KILL_AFTER_MS)(
    '%d ms after its start leaves a whole table, and the next run succeeds',
    async (milliseconds) => {
      const output = await killDuringDayTwo(`after-${milliseconds}`, (kill) => {
        setTimeout(kill, milliseconds);
      });
      await expectOneWholeDay(output);
      await expectNextRunSucceeds(output);
    },
  );

  test('while it transforms leaves a run without a manifest, which no later run takes for one', async () => {
    const output = join(folder, 'unfinished');
    const program = startCli(['--input', DAY_2, '--output', output]);
    const ended = finish(program);
    const watch = setInterval(() => {
      readdir(join(output, 'imdb_titles')).then(
        (runs) => runs.length > 0 && program.kill('SIGKILL'),
        () => {},
      );
    }, 1);
    await ended;
    clearInterval(watch);
    const [killed = ''] = await readdir(join(output, 'imdb_titles'));
    expect(await readdir(join(output, 'imdb_titles', killed))).not.toContain('manifest.json');
    await expectNextRunSucceeds(output);
    expect(await readdir(join(output, 'imdb_titles'))).toHaveLength(2);
  });
});

describe('a full disk', () => {
  // The shell's limit on a file's size fails real writes of the real program, as a full disk does, and
  // needs no right to mount anything. It is told in blocks of 512 bytes; the signal is ignored, so
  // that the write itself fails. Unlike a full disk it also fails writes into what a file has already.
  const limited = (blocks: number) => ['sh', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`];

  test.each([0, 8, 40, 100, 400, 800])(
    'of %d blocks is told, and leaves the table as it was',
    async (blocks) => {
      const output = join(folder, `disk-${blocks}`);
      await cp(published, output, { recursive: true });
      const { code, stderr } = await finish(
        startCli(['--input', DAY_2, '--output', output], limited(blocks)),
      );
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /disk is full[\s\S]*why: [\s\S]*(File too large|EFBIG)[\s\S]*next: +Free space/i,
      );
      expect(stderr).toContain('done:  Nothing was published; the table is as it was.');
      expect(await readLiveTitles(output)).toEqual(dayOne);
      await expectNextRunSucceeds(output);
    },
  );

  test('of room enough hinders nothing', async () => {
    const output = join(folder, 'disk-roomy');
    const { code } = await finish(startCli(['--input', DAY_2, '--output', output], limited(100_000)));
    expect(code).toBe(0);
    await expectOneWholeDay(output);
  });
});
