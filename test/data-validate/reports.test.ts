import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { annotate } from '../../actions/data-validate/src/reports/annotations.ts';
import { badgeEndpoint, badgeOf, badgeSvg } from '../../actions/data-validate/src/reports/badge.ts';
import { renderJunit } from '../../actions/data-validate/src/reports/junit.ts';
import { renderChecksSummary } from '../../actions/data-validate/src/reports/markdown.ts';
import { renderPage } from '../../actions/data-validate/src/reports/page.tsx';
import { renderSarif } from '../../actions/data-validate/src/reports/sarif.ts';
import { validationReport } from '../../actions/data-validate/src/validation-report.ts';
import { validationSchema } from '../../docs/file-schemas.ts';
import { files, root } from '../project.ts';
import { createCheck, createHostileReport, createReport, EACH_STATUS, HOSTILE } from './create-report.ts';
import { junitErrors, sarifErrors, schemaErrors } from './format-errors.ts';

const python = join(files.pythonEnvironment, 'bin', 'python');

/** The XML as Python's parser reads it: each element as its tag, its attributes and its text, in order. */
function readXml(xml: string): { tag: string; attributes: Record<string, string>; text: string }[] {
  const program = `import json, sys, xml.etree.ElementTree as tree
print(json.dumps([{"tag": e.tag, "attributes": e.attrib, "text": e.text or ""} for e in tree.fromstring(sys.stdin.buffer.read()).iter()]))`;
  return JSON.parse(execFileSync(python, ['-c', program], { input: xml, encoding: 'utf8' })) as never;
}

const hostile = createHostileReport();
/** What XML cannot hold is shown as U+FFFD: the two control characters, the escape, the noncharacter, the half pair. */
const IN_XML = ['\u0000', '\u0001', '\u001b', '\ufffe', '\ud800'].reduce(
  (text, character) => text.replaceAll(character, '\ufffd'),
  HOSTILE,
);

const UNREACHED = {
  kind: 'failed-infra',
  what: 'a',
  where: 'b',
  why: 'c {d} [e]',
  done: 'f',
  next: 'g',
} as const;
/** The checks had spoken when something kept the step from its end. */
const INTERRUPTED = createReport(EACH_STATUS, {
  outcome: 'failed-data',
  failure: { ...UNREACHED, kind: 'failed-data', what: '1 of 4 checks failed' },
  interruption: UNREACHED,
});
/** A report of each form: some of each status, none, others' texts throughout, and what kept all from being run. */
const REPORTS = [
  ['each status', createReport(EACH_STATUS)],
  ['no checks', createReport([])],
  ['hostile values', hostile],
  [
    'a failure',
    createReport([], {
      ...{ outcome: 'failed-infra', failure: UNREACHED, interruption: UNREACHED },
      ...{ rows: null, freshness: null },
    }),
  ],
  ['a failure after the checks', INTERRUPTED],
] as const;

describe('JSON', () => {
  test('has the form that is published', () => {
    expect(readFileSync(join(root, 'actions', 'data-validate', 'report.schema.json'), 'utf8')).toBe(
      validationSchema(),
    );
    for (const [, report] of REPORTS) {
      expect(schemaErrors(validationSchema(), JSON.stringify(report))).toBe('');
      expect(validationReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    }
  });

  test('the schema refuses what is no such report', () => {
    const { counts: _, ...without } = createReport(EACH_STATUS);
    expect(schemaErrors(validationSchema(), JSON.stringify(without))).toContain("'counts' is a required");
  });
});

describe('JUnit', () => {
  test.each(REPORTS)('%s fits the schema', (_what, report) => {
    expect(junitErrors(renderJunit(report))).toBe('');
  });

  test.each([
    ['<system-out>', '<warning>', /Element 'warning': This element is not expected/],
    [' errors="1"', '', /The attribute 'errors' is required/],
    ['time="1.250"', 'time="1.25 s"', /'1\.25 s' is not accepted by the pattern/],
    ['<testcase name=', '<testcase nam=', /The attribute 'nam' is not allowed/],
  ])('the schema refuses %s as %s', (right, wrong, told) => {
    const xml = renderJunit(createReport(EACH_STATUS));
    expect(xml).toContain(right);
    const broken = xml
      .replaceAll(right, wrong)
      .replaceAll(right.replace('<', '</'), wrong.replace('<', '</'));
    expect(junitErrors(broken)).toMatch(told);
  });

  test('a failed check is a failure, one that could not run an error, a warning is output', () => {
    const [suites, suite, ...cases] = readXml(renderJunit(createReport(EACH_STATUS)));
    expect(suites).toMatchObject({ tag: 'testsuites' });
    expect(suite).toMatchObject({
      tag: 'testsuite',
      attributes: {
        name: 'films',
        tests: '4',
        failures: '1',
        errors: '1',
        skipped: '0',
        time: '1.250',
        timestamp: '2026-11-23T06:04:05',
      },
    });
    expect(cases.map(({ tag, attributes }) => [tag, attributes.name ?? attributes.message])).toEqual([
      ['testcase', 'passed'],
      ['testcase', 'warned'],
      ['system-out', undefined],
      ['testcase', 'failed'],
      ['failure', '3 (3%); fails > 1%'],
      ['testcase', 'broken'],
      ['error', 'broken could not run: no column tilte'],
    ]);
  });

  test('what kept the checks from running is an error, not an empty suite', () => {
    const broken = createReport([], {
      outcome: 'failed-infra',
      failure: UNREACHED,
      interruption: UNREACHED,
    });
    const [, suite, , error] = readXml(renderJunit(broken));
    expect(suite?.attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' });
    expect(error).toMatchObject({ tag: 'error', attributes: { message: 'a' } });
  });

  test('what came after the checks is an error beside theirs', () => {
    const [, suite, ...cases] = readXml(renderJunit(INTERRUPTED));
    expect(suite?.attributes).toMatchObject({ tests: '5', failures: '1', errors: '2' });
    expect(cases.at(-1)).toMatchObject({ tag: 'error', attributes: { message: 'a' } });
  });

  test('hostile values stay values', () => {
    const elements = readXml(renderJunit(hostile));
    expect(elements.map(({ tag }) => tag).join(' ')).toBe(
      'testsuites testsuite testcase failure testcase system-out testcase error',
    );
    expect(elements[1]?.attributes.name).toBe(IN_XML);
    expect(elements[3]?.text).toContain(IN_XML);
  });
});

describe('SARIF', () => {
  test.each(REPORTS)('%s fits the schema', (_what, report) => {
    expect(sarifErrors(renderSarif(report))).toBe('');
  });

  test.each([
    ['"level": "warning"', '"level": "warn"', /results\[0\]\.level: 'warn' is not one of/],
    ['"startLine": 12', '"startLine": 0', /region\.startLine: 0 is less than the minimum of 1/],
    ['"ruleId": "failed"', '"rule": "failed"', /results\[1\]\.rule: 'failed' is not of type 'object'/],
    ['"version": "2.1.0"', '"version": "2.1"', /\$\.version: '2\.1' is not one of/],
  ])('the schema refuses %s as %s', (right, wrong, told) => {
    const text = renderSarif(createReport(EACH_STATUS));
    expect(text).toContain(right);
    expect(sarifErrors(text.replace(right, wrong))).toMatch(told);
  });

  test('each check that did not pass is a result at its line', () => {
    const { runs } = JSON.parse(renderSarif(createReport(EACH_STATUS))) as { runs: never[] };
    const at = (startLine: number) => [
      {
        physicalLocation: {
          artifactLocation: { uri: 'sql/checks.yml', uriBaseId: '%SRCROOT%' },
          region: { startLine },
        },
      },
    ];
    // Its id would take the place of the upload's category.
    expect(runs[0]).not.toHaveProperty('automationDetails');
    expect(runs).toMatchObject([
      {
        tool: { driver: { name: 'data-validate', rules: EACH_STATUS.map(({ name }) => ({ id: name })) } },
        invocations: [{ executionSuccessful: false }],
        results: [
          { ruleId: 'warned', ruleIndex: 1, level: 'warning', locations: at(12) },
          { ruleId: 'failed', ruleIndex: 2, level: 'error', locations: at(17) },
          { ruleId: 'broken', ruleIndex: 3, level: 'error', locations: at(22) },
        ],
      },
    ]);
  });

  test('what kept the step from its end is told, also of a table that passed', () => {
    const text = renderSarif(createReport(EACH_STATUS.slice(0, 1), { interruption: UNREACHED }));
    expect(JSON.parse(text)).toMatchObject({
      runs: [
        {
          invocations: [
            {
              executionSuccessful: false,
              toolExecutionNotifications: [{ message: { text: expect.stringContaining('c {{d}} \\[e\\]') } }],
            },
          ],
        },
      ],
    });
  });

  test('a value makes no link and no placeholder', () => {
    const text = renderSarif(hostile);
    const { runs } = JSON.parse(text) as { runs: { results: { message: { text: string } }[] }[] };
    const message = runs[0]?.results[0]?.message.text ?? '';
    expect(message).toContain(String.raw`\[link\](https://evil.example) {{0}}`);
    expect(message).not.toMatch(/(?<!\\)\[/);
  });

  test('a path is a URI reference', () => {
    const text = renderSarif(createReport(EACH_STATUS, { checks_file: 'my sql/ä%[1].yml' }));
    expect(text).toContain('"uri": "my%20sql/%C3%A4%25%5B1%5D.yml"');
  });
});

describe('the page', () => {
  test('shows status, measure, threshold, samples, trend and difference', () => {
    const sample = { rows: 2, sample_keys: ['tt7', 'tt8'] };
    const html = renderPage(
      createReport(
        EACH_STATUS.map((check) => ({ ...check, trend: [1, 4, 2] })),
        {
          outcome: 'failed-data',
          difference: {
            ...{ against: 'live-table', added: sample, removed: sample, changed: sample, unchanged: 5 },
            columns: [{ column: 'title', rows: 1 }],
          },
        },
      ),
    );
    const text = html
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(text).toContain('4 checks on 100 rows: 1 failed, 1 warned, 1 not run, 1 passed');
    expect(text).toContain('their source was 6 hours old.');
    expect(text).toContain('3 (3%) fails &gt; 1%'.replace('&gt;', '>'));
    expect(text).toContain('1 to 4 over 3 earlier loads');
    expect(text).toContain('Changed 2 tt7 tt8');
    expect(text).toContain('title 1 50%');
  });

  test('tells what kept the step from its end, and no failure of the checks a second time', () => {
    const html = renderPage(INTERRUPTED);
    expect(html).toContain('c {d} [e]');
    expect(html).not.toContain('1 of 4 checks failed');
  });

  test('loads nothing, runs nothing, and holds no markup of the data', () => {
    const html = renderPage(hostile);
    expect(html).not.toMatch(
      /<script|<img|<link(?! rel="icon" href="data:)|<iframe|<[a-z][^<>]*\ssrc=|url\(/i,
    );
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('&lt;script>alert(');
  });
});

describe('the job summary', () => {
  test('shows the most urgent first', () => {
    expect(renderChecksSummary(createReport(EACH_STATUS)).split('\n').slice(0, 6)).toEqual([
      '## films: 1 failed, 1 warned, 1 not run, 1 passed',
      '',
      '|  | check | measured | threshold |  |',
      '| --- | --- | --- | --- | --- |',
      '| ❌ failed | failed | 3 (3%) | fails &gt; 1% | Every film has a title. For example tt3 |',
      '| ⚠️ warned | warned | 2 | warns &gt; 1, fails &gt; 0 | Every film has a title. For example tt1, tt2 |',
    ]);
  });

  test('tells what came after the checks where the step tells of the checks', () => {
    expect(renderChecksSummary(INTERRUPTED)).toContain('⚠️ a: c {d} &#91;e&#93;');
    const told = createReport(EACH_STATUS, { failure: UNREACHED, interruption: UNREACHED });
    expect(renderChecksSummary(told)).not.toContain('c {d}');
  });

  test('hostile values stay in their cells', () => {
    const rows = renderChecksSummary(hostile)
      .split('\n')
      .filter((line) => line.startsWith('| ❌'));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.split('|')).toHaveLength(7);
    expect(rows[0]).not.toMatch(/<|\[link|\*\*|`|@someone/);
  });

  test('is cut before GitHub would drop it', () => {
    const checks = Array.from({ length: 5000 }, (_, number) => createCheck({ name: `check_${number}` }));
    const summary = renderChecksSummary(createReport(checks));
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(100 * 1024);
    expect(summary).toContain('_Cut:');
  });
});

describe('annotations', () => {
  function annotationsOf(report: Parameters<typeof annotate>[1]) {
    const made: { level: string; message: string; title: string; startLine: number }[] = [];
    const keep = (level: string) => (message: string, place: { title: string; startLine: number }) =>
      void made.push({ level, message, title: place.title, startLine: place.startLine });
    annotate({ error: keep('error'), warning: keep('warning') }, report);
    return made;
  }

  test('there is one for each kind', () => {
    const failed = { status: 'error', measured: 1 } as const;
    const made = annotationsOf(
      createReport([
        createCheck({ ...failed, name: 'one', line: 3 }),
        createCheck({ ...failed, name: 'two', line: 9 }),
        createCheck({ ...failed, name: 'three', kind: 'range', line: 15 }),
        createCheck({ name: 'four' }),
      ]),
    );
    expect(made).toMatchObject([
      { level: 'error', title: 'films: not_null failed', startLine: 3 },
      { level: 'error', title: 'films: range failed', startLine: 15 },
    ]);
    expect(made[0]?.message).toBe('one measured 1 (error: > 0); two measured 1 (error: > 0)');
  });

  test('they leave room for the failure of the step, and tell what is left out', () => {
    const checks = Array.from({ length: 12 }, (_, number) =>
      createCheck({ kind: `kind_${number}`, status: 'error', measured: 1 }),
    );
    const made = annotationsOf(createReport(checks));
    expect(made).toHaveLength(9);
    expect(made.at(-1)?.message).toMatch(/; and 3 kinds of checks more, see the report$/);
  });

  test('hostile values are one line', () => {
    for (const { message } of annotationsOf(hostile)) {
      for (const character of ['\n', '\r', '\u0000', '\u001b', '\u202e']) {
        expect(message).not.toContain(character);
      }
      expect(message.length).toBeLessThanOrEqual(4000);
    }
  });
});

describe('the badge', () => {
  test.each([
    [6.2, 'pass', '6 h', 'brightgreen'],
    [47.4, 'warn', '47 h', 'orange'],
    [47.6, 'error', '2 d', 'red'],
  ] as const)('%d hours, %s', (hours, status, message, color) => {
    const checks = [createCheck({ kind: 'freshness', status })];
    const freshness = { source_date: '2026-11-22T23:52:00.000Z', hours };
    const badge = badgeOf(createReport(checks, { freshness }));
    expect(JSON.parse(badgeEndpoint(badge))).toEqual({
      schemaVersion: 1,
      label: 'data freshness',
      message,
      color,
    });
    const [svg, title] = readXml(badgeSvg(badge));
    expect(svg?.tag).toBe('{http://www.w3.org/2000/svg}svg');
    expect(title?.text).toBe(`data freshness: ${message}`);
  });

  test('an unknown age is no good one', () => {
    expect(badgeOf(createReport([], { freshness: null }))).toMatchObject({
      message: 'unknown',
      color: 'lightgrey',
    });
  });
});
