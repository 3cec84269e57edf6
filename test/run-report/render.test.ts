import { describe, expect, test } from '@jest/globals';
import { compareContracts, renderContractChanges } from '../../actions/run-report/src/contract-difference.ts';
import { renderReport } from '../../actions/run-report/src/render/report.ts';
import { renderValidation } from '../../actions/run-report/src/render/validation.ts';
import { type Contract } from '../../actions/shared/src/contract/contract.ts';
import { renderLink, tameMarkdown } from '../../actions/shared/src/report/markdown.ts';
import { createHostileReport, createReport, EACH_STATUS, HOSTILE } from '../data-validate/create-report.ts';
import { FILMS } from '../warehouse/films.ts';
import { createRun, createTask } from './open-report.ts';

const MUCH = 1024 * 1024;

/** What of a text GitHub would obey: it must be nothing but what the report itself is made of. */
const OBEYED = /<(?!br>)|\]\((?!https:\/\/github\.com\/octo-org\/)|(?!\n)\p{Cc}|\p{Bidi_Control}/u;

/** Whom or what a text calls: GitHub looks for it after it has decoded entities, and in no block of code. */
function callsOf(text: string): readonly string[] {
  const shown = text
    .replaceAll(/^```[^]*?^```/gm, '')
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&commat;', '@');
  return shown.match(/@\w+|#\d+/g) ?? [];
}

describe('the report', () => {
  test('tells tasks, states, times, rows, cost, freshness and links', () => {
    const tasks = [
      createTask({
        task: 'process_data',
        part_of: 'extract',
        duration: 754,
        rows: 477,
        'cost-eur': 0.4211,
        counts: { 'rows-written': 477 },
        'log-url': 'https://example.com/log',
      }),
      createTask({
        task: 'end',
        part_of: 'extract',
        after: ['process_data'],
        result: 'cancelled',
        outcome: null,
      }),
      createTask({
        task: 'publish',
        after: ['extract'],
        result: 'failure',
        outcome: 'failed-infra',
        duration: 3,
        'cost-eur': 0.024,
        'cost-is-estimate': true,
        counts: { 'rows-inserted': 5, 'rows-total': 482, 'freshness-hours': 6.25 },
      }),
      createTask({ task: 'tell', after: ['publish'], result: 'skipped', outcome: null }),
    ];
    const graph = new Map([
      ['extract', []],
      ['publish', ['extract']],
      ['tell', ['publish']],
    ]);
    expect(
      renderReport(createRun({ outcome: 'failed', tasks, graph }), MUCH),
    ).toBe(`## ❌ IMDb each morning: failed

1 task failed, 1 cancelled, 1 succeeded, 1 skipped · [run 3003](https://github.com/octo-org/imdb-titles/actions/runs/3003/attempts/1) · [artifacts](https://github.com/octo-org/imdb-titles/actions/runs/3003/attempts/1#artifacts)

> [!CAUTION]
> **publish** ❌ failed (failed-infra)  

\`\`\`mermaid
flowchart LR
  subgraph g0["extract"]
    t0["process_data<br>succeeded · 12 min 34 s"]:::succeeded
    t1["end<br>cancelled"]:::cancelled
  end
  t2["publish<br>failed · 3.0 s"]:::failed
  t3["tell<br>skipped"]:::skipped
  t0 --> t1
  g0 --> t2
  t2 --> t3
  classDef succeeded fill:#dafbe1,stroke:#1a7f37,color:#1a1a1a
  classDef failed fill:#ffebe9,stroke:#cf222e,color:#1a1a1a
  classDef cancelled fill:#fff8c5,stroke:#9a6700,color:#1a1a1a
  classDef skipped fill:#f6f8fa,stroke:#8c959f,color:#59636e
\`\`\`

| task | state | time | rows | cost |  |
| --- | --- | --- | --- | --- | --- |
| extract / process_data | ✅ succeeded | 12 min 34 s | 477 | 0.42 euro | [log](https://example.com/log) |
| extract / end | 🚫 cancelled | – | – | – |  |
| publish | ❌ failed (failed-infra) | 3.0 s | – | ≈ 0.0240 euro | 5 inserted |
| tell | ➖ skipped | – | – | – |  |

|  |  |
| --- | --- |
| rows in | 477 |
| rows out | 482: 5 inserted |
| cost | 0.45 euro, of which 0.0240 euro is an estimate: the time the warehouse worked, by its price for an hour |
| freshness | the source was 6.3 hours old |
`);
  });

  test('names the attempt when it is not the first', () => {
    expect(renderReport(createRun({ runAttempt: '2' }), MUCH)).toContain('[run 3003, attempt 2](');
  });

  test('shows hostile text and does nothing else with it', () => {
    const hostile = { task: HOSTILE, part_of: HOSTILE, outcome: HOSTILE, result: 'failure' } as const;
    const report = createRun({
      title: HOSTILE,
      tasks: [createTask({ ...hostile, after: [HOSTILE], 'log-url': `javascript:${HOSTILE}` })],
      graph: new Map([[HOSTILE, [HOSTILE]]]),
      details: [renderValidation(createHostileReport())],
    });
    const text = renderReport(report, MUCH);
    expect(OBEYED.exec(text)?.[0]).toBeUndefined();
    expect(callsOf(text)).toEqual([]);
    expect(text.match(/^```/gm)).toHaveLength(2);
    expect(text.match(/^ {2}subgraph .*$/m)?.[0]).toMatch(/^ {2}subgraph g0\["[^"<>`]*"\]$/);
  });

  test('stays within what it may have, with its blocks of code closed', () => {
    const tasks = Array.from({ length: 2000 }, (_, index) => createTask({ task: `task_${index}` }));
    for (const most of [5000, 60_000]) {
      const text = renderReport(createRun({ tasks }), most);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
      expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
      expect(text).toContain('_Cut');
    }
  });

  test.each([
    ['https://a.example/x(1)|y z', '[log](https://a.example/x%281%29%7Cy%20z)'],
    ['javascript:alert(1)', 'log (javascript:alert(1))'],
    ['no address', 'log (no address)'],
  ])('links to %s as %s', (address, link) => {
    expect(renderLink('log', address)).toBe(link);
  });
});

describe('a validation in the report', () => {
  test('tells the checks that did not pass, and which rows changed in which columns', () => {
    const text = renderValidation(
      createReport(EACH_STATUS, {
        difference: {
          against: 'live-table',
          added: { rows: 2, sample_keys: ['tt1', 'tt2'] },
          removed: { rows: 0, sample_keys: [] },
          changed: { rows: 1, sample_keys: ['tt3'] },
          unchanged: 97,
          columns: [
            { column: 'title', rows: 1 },
            { column: 'rating', rows: 0 },
          ],
        },
      }),
    );
    expect(text).toBe(`### films: 1 failed, 1 warned, 1 not run, 1 passed

|  | check | measured | threshold |  |
| --- | --- | --- | --- | --- |
| failed | failed | 3 (3%) | fails &gt; 1% | Every film has a title. For example tt3 |
| warned | warned | 2 | warns &gt; 1, fails &gt; 0 | Every film has a title. For example tt1, tt2 |
| not run | broken | not measured | fails &gt; 0 | no column tilte |

#### Difference to the live table

|  | rows | for example |
| --- | --- | --- |
| added | 2 | tt1, tt2 |
| removed | 0 |  |
| changed | 1 | tt3 |
| unchanged | 97 | – |

| changed column | rows |
| --- | --- |
| title | 1 |`);
  });

  test('tells when nothing differs, and why nothing could be checked', () => {
    const none = { rows: 0, sample_keys: [] };
    const fates = { added: none, removed: none, changed: none };
    const difference = { against: 'live-table', ...fates, unchanged: 477, columns: [] } as const;
    const [passed] = EACH_STATUS;
    expect(
      renderValidation(
        createReport(passed === undefined ? [] : [passed], { difference: { ...difference, columns: [] } }),
      ),
    ).toBe('### films: 1 passed\n\nThe rows are those of the live table: 477 unchanged.');
    const failure = {
      kind: 'failed-infra',
      what: 'No table',
      where: 'w',
      why: 'gone',
      done: 'd',
      next: 'n',
    } as const;
    expect(renderValidation(createReport([], { failure }))).toBe('### films: no check ran\n\nNo table: gone');
  });
});

describe('a difference of contracts', () => {
  const [first, ...others] = FILMS.columns;
  const change = (columns: Contract['columns'], more: Partial<Contract> = {}) =>
    compareContracts(FILMS, { ...FILMS, ...more, columns });
  if (first === undefined) throw new Error('the films have no columns');
  const added = {
    name: 'seasons',
    specified_as: 'seasons',
    type: 'integer',
    nullable: true,
    description: 'How many.',
  } as const;

  test.each<[string, ReturnType<typeof compareContracts>, unknown]>([
    ['nothing', change(FILMS.columns), []],
    ['a description', change([{ ...first, description: 'Another.' }, ...others]), []],
    [
      'a new column',
      change([...FILMS.columns, added]),
      [{ fate: 'added', subject: 'seasons', before: '', now: 'integer, may be null' }],
    ],
    [
      'a column less',
      compareContracts({ ...FILMS, columns: [...FILMS.columns, added] }, FILMS),
      [{ fate: 'removed', subject: 'seasons', before: 'integer, may be null', now: '' }],
    ],
    [
      'a wider column',
      compareContracts(
        { ...FILMS, columns: [{ ...first, type: 'varchar', max_bytes: 10, nullable: true }, ...others] },
        { ...FILMS, columns: [{ ...first, type: 'varchar', max_bytes: 20, nullable: false }, ...others] },
      ),
      [
        {
          fate: 'changed',
          subject: first.name,
          before: 'varchar(10), may be null',
          now: 'varchar(20), never null',
        },
      ],
    ],
    [
      'another order and table',
      change(FILMS.columns.toReversed(), { table: 'movies' }),
      [
        { fate: 'changed', subject: 'the table', before: 'films', now: 'movies' },
        {
          fate: 'changed',
          subject: 'the order of the columns',
          before: FILMS.columns.map(({ name }) => name).join(', '),
          now: FILMS.columns
            .map(({ name }) => name)
            .toReversed()
            .join(', '),
        },
      ],
    ],
  ])('tells of %s', (_what, changes, expected) => {
    expect(changes).toEqual(expected);
  });

  test('is a table in the report', () => {
    expect(renderContractChanges([])).toBe('### Schema\n\nThe schema is as it was.');
    expect(renderContractChanges(change([...FILMS.columns, added]))).toBe(`### Schema

|  | column | before | now |
| --- | --- | --- | --- |
| added | seasons |  | integer, may be null |`);
  });
});

describe('Markdown of a workflow', () => {
  test.each([
    [
      'is told as it is',
      '# Rows\n\n| a | b |\n| --- | --- |\n| 1 | < 2 |',
      '# Rows\n\n| a | b |\n| --- | --- |\n| 1 | < 2 |',
    ],
    ['calls nobody', 'to @octocat and a@b.example', 'to @\u200boctocat and a@\u200bb.example'],
    ['calls nobody by an entity', '&#64;octocat &#x40;o &commat;o', '@\u200boctocat @\u200bo @\u200bo'],
    ['hides nothing', 'x <!-- y', 'x <\u200b!-- y'],
    ['is no HTML', '<details><img src=x></p>', '<\u200bdetails><\u200bimg src=x><\u200b/p>'],
    ['leaves no code open', '```diff\n- a', '```diff\n- a\n```'],
    ['leaves no longer fence open', '````\n```\nb', '````\n```\nb\n````'],
    ['leaves no other fence open', '~~~\n```', '~~~\n```\n~~~'],
    ['closes nothing that is closed', '```\na\n```\n', '```\na\n```'],
  ])('%s', (_what, text, tamed) => {
    expect(tameMarkdown(text)).toBe(tamed);
  });
});
