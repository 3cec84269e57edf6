import { describe, expect, test } from '@jest/globals';
import { describeCheck, describeMeasured } from '../../actions/shared/src/report/check-words.ts';
import { renderReport } from '../../actions/shared/src/report/render-report.tsx';
import { createCheck, createLoad, createQuery, createRunReport } from './create-run-report.ts';
import { readText } from './read-text.ts';

describe('figures', () => {
  test('tell the rows, the changes and the freshness', () => {
    const load = createLoad({
      rows_total: 1412,
      rows_inserted: 9,
      rows_updated: 4,
      rows_deleted: 1,
      rows_unchanged: 1399,
    });
    const text = readText(createRunReport({ load }));
    expect(text).toContain('1,412 titles in the table');
    // 12 + 11 + 9 + 968 rows of the four files.
    expect(text).toContain('In from 4 files 1,000 Rejected 0.1% 1 Out one for each title 12');
    expect(text).toContain('New 9 Changed 4 Removed 1 Unchanged 1,399 Freshness');
    expect(text).toContain(
      'Source Nov 22, 2026, 23:52 UTC Published Nov 23, 2026, 06:04 UTC Age when published 6 h 12 min',
    );
  });

  test('stale titles are counted for append alone', () => {
    const stale = { rows_stale: 5 };
    expect(readText(createRunReport({ load: createLoad({ ...stale, mode: 'append' }) }))).toContain(
      'Stale differ from the source, kept 5',
    );
    expect(readText(createRunReport({ load: createLoad({ ...stale, mode: 'merge' }) }))).not.toContain(
      'Stale',
    );
  });

  test('titles that were written but not published are not called the table’s', () => {
    const text = readText(createRunReport({ load: null, freshness: null }));
    expect(text).toContain('12 titles written, none published');
    expect(text).not.toContain('titles in the table');
  });

  test('a source from the future does not give a negative age', () => {
    const freshness = {
      source_date: '2026-11-23T08:04:00Z',
      published_at: '2026-11-23T06:04:00Z',
      run_id: 'r',
      rows_total: 12,
    };
    expect(readText(createRunReport({ freshness }))).toContain('Source is newer by 2 h');
  });
});

describe('tasks', () => {
  test('each has its state, time, detail and a bar of its part of the run', () => {
    const report = createRunReport();
    expect(readText(report)).toContain('✓ succeeded transform 12 rows in 1 file 0.9 s');
    expect(readText(report)).toContain('○ skipped notify no address was given');
    // 0.92 and 0.46 of 1.84 seconds; the skipped task has no bar.
    const widths = [...renderReport(report).matchAll(/<i style="width:\s?([^;"]+)/g)].map(
      ([, width]) => width,
    );
    expect(widths).toEqual(['50.00%', '25.00%']);
  });

  test('no bar is longer than the run', () => {
    const tasks = [{ name: 'transform', state: 'succeeded', seconds: 99, detail: '' }] as const;
    expect(renderReport(createRunReport({ tasks }))).toMatch(/width:\s?100\.00%/);
  });
});

describe('checks', () => {
  const checks = [
    createCheck({ name: 'first_passed' }),
    createCheck({ name: 'not_run', status: 'not-run', measured: null, reason: 'No earlier load.' }),
    createCheck({ name: 'warned', status: 'warn', measured: 9, share: 1.2345, warn: '> 1%', error: null }),
    createCheck({ name: 'second_passed' }),
    createCheck({ name: 'failed', status: 'error', measured: 2000, sample_keys: ['tt0000003', 'tt0000009'] }),
  ];
  const text = readText(createRunReport({ checks }));

  test('come with what asks for action first', () => {
    const names = [
      '✕ failed failed',
      '▲ warned warned',
      '○ not run not_run',
      '✓ passed first_passed',
      '✓ passed second_passed',
    ];
    const positions = names.map((name) => text.indexOf(name));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((first, second) => first - second));
  });

  test('are counted in the heading', () => {
    expect(text).toContain('Checks 1 failed, 1 warned, 1 not run, 2 passed ✕');
  });

  test('show what was measured against the thresholds, and the keys', () => {
    expect(text).toContain('2 examples: tt0000003 tt0000009 2,000 warns > 0, fails > 10');
    expect(text).toContain('9 (1.23%) warns > 1% ○');
    expect(text).toContain('Not run: No earlier load. not measured warns > 0, fails > 10');
  });

  test.each([
    [{ kind: 'freshness', measured: 36.6 }, '37 hours'],
    [{ kind: 'freshness', measured: 0.6 }, '1 hour'],
    [{ kind: 'drift', measured: 5.5, base: 5.7, share: 3.5088 }, '5.5, was 5.7 (3.51% off)'],
    [{ kind: 'drift', measured: 0.25, base: 0, share: null }, '0.25, was 0'],
    [{ kind: 'drift', measured: 12_000_000, base: null }, '12,000,000'],
  ])('show %j as %s', (check, shown) => {
    const one = readText(createRunReport({ checks: [createCheck({ ...check, status: 'warn' })] }));
    expect(one).toContain(`${shown} warns > 0, fails > 10`);
  });

  test.each([
    [{ share: 99.85, warn: '< 99.9%' }, '2,000 (99.85%)'],
    [{ share: 99.8996, warn: '< 99.9%' }, '2,000 (99.8996%)'],
    [{ share: 99.9996, error: '< 99%' }, '2,000 (99.9996%)'],
    [{ share: 0.000_025, warn: '> 0%' }, '2,000 (0.00003%)'],
    [{ share: 100, warn: '< 99.9%' }, '2,000 (100%)'],
    [{ share: 250.126, warn: '> 1%' }, '2,000 (250.13%)'],
    [{ kind: 'freshness', measured: 36.4, warn: '> 36' }, '36.4 hours'],
    [{ kind: 'freshness', measured: 37.016_666_666_666_67, warn: '> 36' }, '37 hours'],
  ])('never show %j as more or less than its threshold', (check, shown) => {
    const whole = createCheck({ status: 'warn', measured: 2000, error: null, ...check });
    expect(describeMeasured(whole)).toBe(shown);
    expect(describeCheck(whole)).toContain(` measured ${shown.replace(/\)$/, '')}`);
  });
});

describe('examples', () => {
  const rows = Array.from({ length: 13 }, (_, index) => [
    `title ${index + 1}`,
    2019,
    index === 0 ? 9 : 9.25,
    null,
  ]);
  const example = createQuery('best', ['primary_title', 'year', 'rating', 'end_year'], rows, {
    question: 'Which is best?',
    sql: 'select * from imdb_titles where rating < 10',
  });
  const html = renderReport(createRunReport({ examples: [example] }));
  const text = readText(createRunReport({ examples: [example] }));

  test('show the first ten rows and how many follow', () => {
    expect(text).toContain('title 10 2019');
    expect(text).not.toContain('title 11');
    expect(text).toContain('and 3 more rows');
  });

  test('align the decimals of a column and mark a null', () => {
    expect(text).toContain('title 1 2019 9.00 – title 2 2019 9.25 –');
  });

  test('carry their SQL, folded', () => {
    expect(html).toMatch(/<details><summary>/);
    expect(text).toContain('select * from imdb_titles where rating &lt; 10');
  });

  test('an answer without rows says so', () => {
    expect(readText(createRunReport({ examples: [createQuery('none', ['a'], [])] }))).toContain('No rows.');
  });
});

describe('files', () => {
  test('tell the sources, the rejects and what was written', () => {
    const text = readText(createRunReport());
    expect(text).toContain('name.basics samples/name.basics.tsv Nov 22, 2026, 23:52 UTC 1.2 MB 968 0');
    expect(text).toContain(
      'Rejected 1 row Dataset Line Reason Fields title.basics 7 wrong number of fields 8',
    );
    expect(text).toContain('part-00000.parquet 12 41 kB');
  });

  test('the text of a refused record is not shown', () => {
    expect(renderReport(createRunReport())).not.toContain('the text of the record');
  });
});
