import { describe, expect, test } from '@jest/globals';
import { renderReport } from '../../actions/shared/src/report/render-report.tsx';
import type { RunOutcome } from '../../actions/shared/src/report/run-report.ts';
import { summarize } from '../../actions/shared/src/report/summarize.ts';
import { createFailure, createQuery, createRunReport } from './create-run-report.ts';
import { countOccurrences, readText } from './read-text.ts';

describe('outcomes', () => {
  test.each<[RunOutcome, string]>([
    ['published', '✓ Published'],
    ['already-loaded', '○ Already loaded'],
    ['failed-data', '✕ Failed: data'],
    ['bad-input', '✕ Bad input'],
    ['failed-infra', '✕ Failed: infrastructure'],
  ])('%s is said with a symbol and in words', (outcome, badge) => {
    const report = createRunReport({ outcome });
    const text = readText(report);
    expect(text).toContain(`imdb_titles ${badge} ${summarize(report)}`);
    expect(text).toContain(`imdb_titles: ${badge.slice(2)} Run report`);
  });

  test('a failure tells all of its parts before anything else', () => {
    const text = readText(createRunReport({ outcome: 'failed-data', failure: createFailure() }));
    expect(text).toContain(
      'The staged table fails 1 of 2 checks. Where check keys_are_unique Why 3 rows share a key, the limit is 0. ' +
        'Done Nothing was published; the live table is as it was. Next Look at the sample keys, ' +
        'then mend the source or the limit. In numbers',
    );
  });

  test('a success has no failure box', () => {
    expect(renderReport(createRunReport())).not.toContain('class="failure"');
  });
});

describe('charts', () => {
  const profile = [
    createQuery(
      'titles_by_type',
      ['title_type', 'titles'],
      [
        ['movie', 3],
        ['short', 1],
      ],
    ),
  ];

  test('are one labelled image each, with a caption', () => {
    const html = renderReport(createRunReport({ profile }));
    const caption = 'The most frequent type is movie (3 of 4 titles, 75%).';
    expect(html).toContain(`role="img" aria-label="Types. ${caption}"`);
    expect(html).toContain(`<figcaption><bdi>${caption}</bdi></figcaption>`);
    expect(countOccurrences(html, 'class="mark"')).toBe(2);
  });

  test('the same report gives the same bytes', () => {
    expect(renderReport(createRunReport({ profile }))).toBe(renderReport(createRunReport({ profile })));
  });

  test('no chart, no section', () => {
    expect(renderReport(createRunReport())).not.toContain('id="charts"');
  });
});

describe('the page', () => {
  test('loads nothing and links to IMDb only', () => {
    const html = renderReport(createRunReport());
    const targets = [...html.matchAll(/\b(?:src|href|srcset|action)="([^"]*)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !target?.startsWith('data:image/svg+xml,'))).toEqual([
      'https://www.imdb.com',
    ]);
    expect(html).not.toMatch(/url\(|@import|<script|<iframe|<object/);
    expect(html).toContain(`content="default-src 'none';`);
  });

  test('credits IMDb in the words it asks for', () => {
    const text = readText(createRunReport()).replaceAll('( ', '(').replaceAll(' )', ')');
    expect(text).toContain('Information courtesy of IMDb (https://www.imdb.com). Used with permission.');
    expect(text).toContain('personal, non-commercial use');
  });

  test('is one whole document', () => {
    const html = renderReport(createRunReport());
    expect(html.startsWith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8"')).toBe(true);
    expect(html.endsWith('</body></html>\n')).toBe(true);
  });

  test('says in one line that nothing ran, where nothing ran', () => {
    const nothing = {
      tasks: [],
      sources: [],
      checks: [],
      lake: null,
      load: null,
      freshness: null,
      run_id: null,
    };
    const text = readText(
      createRunReport({
        ...nothing,
        outcome: 'bad-input',
        failure: createFailure({ kind: 'bad-input' }),
        rejects: { total: 0, first: [] },
      }),
    );
    expect(text).toContain('What ran Nothing: the run ended before its first task.');
    expect(text).not.toContain('In numbers');
    expect(text).toContain('Run none was started');
  });

  test('says which part is missing where only a part ran', () => {
    const text = readText(
      createRunReport({
        tasks: [],
        sources: [],
        checks: [],
        lake: null,
        load: null,
        freshness: null,
        profile: [],
        examples: [createQuery('q', ['a'], [[1]])],
      }),
    );
    for (const part of [
      'The run ended before it read or wrote any row.',
      'No task ran.',
      'No checks ran.',
      'No source file was read.',
      'No Parquet file was written.',
    ]) {
      expect(text).toContain(part);
    }
  });
});
