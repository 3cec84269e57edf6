import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseGraph } from '../../actions/run-report/src/graph.ts';
import { INPUT_NAMES, readInputs } from '../../actions/run-report/src/inputs.ts';
import { parseJobs } from '../../actions/run-report/src/jobs.ts';
import { readPullRequest, readRunContext } from '../../actions/run-report/src/run-context.ts';
import { failureOf } from '../contract/failure-of.ts';
import { root } from '../project.ts';

const actionFile = z.object({ inputs: z.record(z.string(), z.object({ default: z.string() })) });
const text = readFileSync(join(root, 'actions', 'run-report', 'action.yml'), 'utf8');
const DEFAULTS = new Map(
  Object.entries(actionFile.parse(parse(text)).inputs).map(([name, input]) => [name, input.default]),
);
const inputsOf = (given: Readonly<Record<string, string>>) =>
  readInputs((name) => given[name] ?? DEFAULTS.get(name) ?? '');
const refusalOf = (work: () => unknown) => failureOf(Promise.resolve().then(work));

test('the names are those of action.yml', () => {
  expect([...DEFAULTS.keys()]).toEqual(INPUT_NAMES);
});

describe('an input is refused:', () => {
  const whole = { title: 'Run', needs: '{}' };
  test.each([
    ['no title', { needs: '{}' }, 'title is not given'],
    ['no jobs', { title: 'Run' }, 'needs is not given'],
    ['one contract', { ...whole, contracts: 'a.yml' }, 'contracts is "a.yml"; it must be two files'],
    ['three contracts', { ...whole, contracts: 'a\nb\nc' }, 'it must be two files'],
    ['a label that is two', { ...whole, 'issue-label': 'a,b' }, 'issue-label is "a,b"; it must be a label'],
    ['a comment that ends a mark', { ...whole, comment: 'a-->b' }, 'comment is "a-->b"; it must be a name'],
    ['an issue and no token', { ...whole, issue: 'Red', 'github-token': '' }, 'github-token is not given'],
  ])('%s', async (_what, given, why) => {
    const failure = await refusalOf(() => inputsOf(given));
    expect(failure).toMatchObject({ kind: 'bad-input', why: expect.stringContaining(why) });
  });

  test('nothing of what is right', () => {
    expect(inputsOf({ ...whole, details: ' a.md \n\n b.json', contracts: 'a.yml\nb.yml' })).toEqual({
      ...whole,
      graph: [],
      details: ['a.md', 'b.json'],
      contracts: ['a.yml', 'b.yml'],
      issue: null,
      'issue-label': 'pipeline-alert',
      comment: null,
      'github-token': DEFAULTS.get('github-token'),
      'timeout-minutes': 5,
    });
  });
});

describe('the jobs', () => {
  test('are read in their order; one without outputs has none', () => {
    const needs = {
      b: { result: 'success', outputs: { rows: '3' } },
      a: { result: 'failure', outputs: null },
      c: { result: 'skipped' },
    };
    expect(parseJobs(JSON.stringify(needs))).toEqual([
      { name: 'b', result: 'success', outputs: { rows: '3' } },
      { name: 'a', result: 'failure', outputs: {} },
      { name: 'c', result: 'skipped', outputs: {} },
    ]);
  });

  test.each([
    ['no JSON', 'success', /JSON/],
    ['no job', '{}', /it names no job/],
    ['a list', '[]', /expected record/],
    ['another result', '{"load":{"result":"green"}}', /load\.result: .*"success"/],
    [
      'an output that is no text',
      '{"load":{"result":"success","outputs":{"rows":3}}}',
      /load\.outputs\.rows/,
    ],
  ])('are refused: %s', async (_what, needs, why) => {
    const failure = await refusalOf(() => parseJobs(needs));
    expect(failure).toMatchObject({ kind: 'bad-input', where: 'input needs' });
    expect(failure.why).toMatch(why);
  });
});

describe('the graph', () => {
  const names = ['extract', 'provision', 'load', 'check'];

  test.each<[string, readonly string[], Readonly<Record<string, readonly string[]>>]>([
    ['a row without any line', [], { provision: ['extract'], load: ['provision'], check: ['load'] }],
    [
      'edges',
      ['extract & provision --> load --> check'],
      { load: ['extract', 'provision'], check: ['load'] },
    ],
    [
      'edges of more lines, each once',
      ['extract --> load', 'extract --> load', 'provision-->load'],
      { load: ['extract', 'provision'] },
    ],
  ])('is %s', (_what, lines, after) => {
    const nothing = Object.fromEntries(names.map((name) => [name, []]));
    expect(Object.fromEntries(parseGraph(lines, names))).toEqual({ ...nothing, ...after });
  });

  test('puts each job behind what it waits for, however the jobs come', () => {
    const lines = ['load --> check', 'extract & provision --> load'];
    const order = [...parseGraph(lines, ['tell', 'check', 'extract', 'load', 'provision']).keys()];
    expect(order).toEqual(['extract', 'provision', 'load', 'check', 'tell']);
  });

  test.each([
    ['extract', '"extract" is no edge'],
    ['extract --> publish', '"publish" in "extract --> publish" is none of the jobs extract, provision'],
    ['extract -->', '"" in "extract -->" is none of the jobs'],
    ['extract --> load --> extract', 'extract, load: none can be the first, they wait in a circle'],
  ])('is refused: %s', async (line, why) => {
    const failure = await refusalOf(() => parseGraph([line], names));
    expect(failure).toMatchObject({ where: 'input graph', why: expect.stringContaining(why) });
  });
});

describe('the run', () => {
  const environment = {
    GITHUB_REPOSITORY: 'octo-org/imdb-titles',
    GITHUB_RUN_ID: '3003',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
  };

  test('is that of the runner', () => {
    expect(readRunContext(environment)).toEqual({
      owner: 'octo-org',
      repository: 'imdb-titles',
      runId: '3003',
      runAttempt: '2',
      runUrl: 'https://github.com/octo-org/imdb-titles/actions/runs/3003/attempts/2',
      apiUrl: 'https://api.github.com',
      isScheduled: false,
    });
    expect(readRunContext({ ...environment, GITHUB_EVENT_NAME: 'schedule' }).isScheduled).toBe(true);
  });

  test.each(Object.keys(environment))('needs %s', async (name) => {
    const failure = await refusalOf(() => readRunContext({ ...environment, [name]: '' }));
    expect(failure).toMatchObject({ kind: 'bad-input', where: `environment variable ${name}` });
  });

  test.each([
    ['{"pull_request":{"number":7}}', { number: 7, isFromFork: false }],
    ['{"pull_request":{"number":7,"head":{"sha":"0"}}}', { number: 7, isFromFork: false }],
    [
      '{"pull_request":{"number":7,"head":{"repo":{"full_name":"octo-org/imdb-titles"}}}}',
      { number: 7, isFromFork: false },
    ],
    [
      '{"pull_request":{"number":7,"head":{"repo":{"full_name":"someone/imdb-titles"}}}}',
      { number: 7, isFromFork: true },
    ],
    ['{"pull_request":{"number":7,"head":{"repo":null}}}', { number: 7, isFromFork: true }],
    ['{"schedule":"7 5 * * *"}', null],
  ])('of the event %s is for the pull request %j', (event, pullRequest) => {
    expect(readPullRequest(event, { owner: 'octo-org', repository: 'imdb-titles' })).toEqual(pullRequest);
  });
});
