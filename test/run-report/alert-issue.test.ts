import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { tellIssue } from '../../actions/run-report/src/alert-issue.ts';
import { openGithub, persist } from '../../actions/run-report/src/github.ts';
import type { JobResult } from '../../actions/run-report/src/jobs.ts';
import { issueMark } from '../../actions/run-report/src/marks.ts';
import type { RunReport } from '../../actions/run-report/src/render/report.ts';
import type { RunOutcome } from '../../actions/run-report/src/run-task.ts';
import { failureOf } from '../contract/failure-of.ts';
import { type Fault, startGithubApi } from '../github/github-api.ts';
import { createRun, openIssueOf, TOKEN } from './open-report.ts';

const api = await startGithubApi({ token: TOKEN });
const nobody = new AbortController().signal;
const place = { github: openGithub(TOKEN, api.url, nobody), owner: 'octo-org', repository: 'imdb-titles' };
afterAll(() => api.stop());
beforeEach(() => api.reset());

const ISSUE = 'The IMDb pipeline is red';
const MARK = issueMark(ISSUE);
const pauses: number[] = [];
const persistence = {
  signal: nobody,
  log: () => {},
  wait: (seconds: number) => Promise.resolve(void pauses.push(seconds)),
};

/** One attempt of a run, told in the alert issue; nobody waits. */
function alert(
  runId: number,
  outcome: RunOutcome,
  label = 'pipeline-alert',
  runAttempt = '1',
  jobs: RunReport['jobs'] = [],
) {
  const runUrl = `https://github.com/octo-org/imdb-titles/actions/runs/${runId}/attempts/${runAttempt}`;
  const report = createRun({ outcome, runId: String(runId), runAttempt, runUrl, jobs });
  pauses.length = 0;
  return persist('The alert issue', () => tellIssue(place, { title: ISSUE, label }, report), persistence);
}

const openIssue = (number: number, overrides: Partial<(typeof api.issues)[number]> = {}) =>
  openIssueOf(api, number, {
    title: ISSUE,
    body: `${MARK}\n<!-- run-report run 1 attempt 1 -->\nred`,
    ...overrides,
  });
const openIssues = () => api.issues.filter(({ state }) => state === 'open').map(({ number }) => number);
const writes = () => api.requests.filter((request) => !request.startsWith('GET'));

describe('the alert issue', () => {
  test('is a new one after it was closed', async () => {
    openIssue(1, { state: 'closed' });
    await alert(2, 'failed');
    expect(openIssues()).toEqual([2]);
  });

  test.each([
    ['the run that opened it', 0],
    ['a run that came later', 1],
  ])('hears nothing new of %s when that is told twice', async (_what, comments) => {
    if (comments === 1) openIssue(1);
    await alert(2, 'failed');
    const [before, body] = [api.comments.length, api.issues[0]?.body];
    expect(before).toBe(comments);
    await alert(2, 'failed');
    expect(api.comments).toHaveLength(comments);
    expect(api.issues[0]?.body).toBe(body);
    await alert(2, 'failed', 'pipeline-alert', '2');
    expect(api.comments).toHaveLength(comments + 1);
  });

  /** A run whose jobs ended so; its outcome is told by its red jobs alone. */
  const alertJobs = (runId: number, results: Readonly<Record<string, JobResult>>) => {
    const jobs = Object.entries(results).map(([name, result]) => ({ name, result }));
    const outcome = jobs.some(({ result }) => result === 'failure') ? 'failed' : 'succeeded';
    return alert(runId, outcome, 'pipeline-alert', '1', jobs);
  };

  test('is closed when every job that was red has succeeded, and not by runs that skip it', async () => {
    await alertJobs(1, { 'process--data': 'success', load: 'failure', tell: 'skipped' });
    expect(await alertJobs(2, { 'process--data': 'success', load: 'skipped' })).toEqual({
      number: 1,
      told: '#1 stays open: load was red and has not succeeded since',
    });
    expect(await alertJobs(3, { 'process--data': 'failure', load: 'skipped' })).toMatchObject({ number: 1 });
    expect(openIssues()).toEqual([1]);
    const red = () => /^<!-- run-report red .*$/m.exec(api.issues[0]?.body ?? '')?.[0];
    expect(red()).toBe('<!-- run-report red process%2D%2Ddata load -->');
    // Each in a run of its own.
    expect(await alertJobs(4, { 'process--data': 'success', load: 'skipped' })).toMatchObject({ number: 1 });
    expect(red()).toBe('<!-- run-report red load -->');
    expect(api.issues[0]?.body).toContain('/runs/3/');
    expect(await alertJobs(5, { 'process--data': 'skipped', load: 'success' })).toMatchObject({
      told: '#1 closed',
    });
    expect(openIssues()).toEqual([]);
  });

  test('is not kept open by a job that is no more', async () => {
    await alertJobs(1, { old: 'failure', load: 'success' });
    await alertJobs(2, { load: 'success' });
    expect(openIssues()).toEqual([]);
  });

  test('stays as it is when the run is cancelled, and none is made', async () => {
    expect(await alert(2, 'cancelled')).toMatchObject({ number: null });
    openIssue(1);
    expect(await alert(2, 'cancelled')).toMatchObject({ number: 1 });
    expect(writes()).toEqual([]);
  });

  test('is none for a green run', async () => {
    expect(await alert(2, 'succeeded')).toMatchObject({ number: null });
    expect(writes()).toEqual([]);
  });

  test.each<[string, Parameters<typeof openIssue>[1]]>([
    ['with another label', { labels: ['bug'] }],
    ['of another title', { body: issueMark('Another') }],
    ['that only quotes it', { body: ISSUE }],
    ['that is a pull request', { isPullRequest: true }],
  ])('is no issue %s', async (_what, overrides) => {
    openIssue(1, overrides);
    await alert(2, 'succeeded');
    expect(openIssues()).toEqual([1]);
    await alert(3, 'failed');
    expect(openIssues()).toEqual([1, 2]);
  });

  test('is found behind pages of others', async () => {
    openIssue(1);
    for (let number = 2; number <= 230; number += 1) openIssue(number, { body: 'another' });
    await alert(2, 'succeeded');
    expect(api.issues[0]?.state).toBe('closed');
    expect(openIssues()).toHaveLength(229);
  });

  test('is the older of two that were opened at the same time', async () => {
    api.onRequest = (request) => {
      if (request === 'POST /issues' && api.issues.length === 0) openIssue(1);
    };
    expect(await alert(2, 'failed')).toMatchObject({ number: 1 });
    expect(openIssues()).toEqual([1]);
    expect(api.issues[0]?.body).toContain('/runs/2/attempts/1');
    expect(api.comments).toMatchObject([
      { issue: 2, body: expect.stringContaining('This is told in #1 already.') },
      { issue: 1, body: expect.stringContaining('/runs/2/attempts/1') },
    ]);
  });

  test('takes a label that is there, and one that another run has just made', async () => {
    api.labels.add('red');
    await alert(1, 'failed', 'red');
    expect(writes()).toEqual(['POST /issues']);
    api.reset();
    api.onRequest = (request) => {
      if (request === 'POST /labels') api.labels.add('red');
    };
    await alert(1, 'failed', 'red');
    expect(api.issues).toMatchObject([{ labels: ['red'] }]);
  });
});

describe('when GitHub', () => {
  test.each<[string, Fault]>([
    ['cannot answer', { of: /^GET \/issues$/, status: 503, times: 2 }],
    ['opens an issue and loses the answer', { of: /^POST \/issues$/, status: 502, isDone: true }],
    ['comments and loses the answer', { of: /^POST .*comments$/, status: 502, isDone: true }],
    ['changes the body and loses the answer', { of: /^PATCH/, status: 500, isDone: true }],
    ['wants us to come later', { of: /^GET/, status: 403, headers: { 'retry-after': '1' } }],
    ['has been asked too much', { of: /^GET/, status: 429, headers: { 'retry-after': '0' } }],
  ])('%s, it is asked again and all is told once', async (_what, fault) => {
    api.fail(fault);
    expect(await alert(1, 'failed')).toMatchObject({ number: 1 });
    expect(await alert(2, 'failed')).toMatchObject({ number: 1 });
    expect(openIssues()).toEqual([1]);
    expect(api.comments).toHaveLength(1);
    expect(api.issues[0]?.body).toContain('/runs/2/');
  });

  test.each<[string, Fault, RegExp, number]>([
    [
      'refuses',
      { of: /^POST \/issues$/, status: 403, message: 'Resource not accessible by integration' },
      /The alert issue was not possible[\s\S]*Resource not accessible by integration[\s\S]*`issues: write`/,
      1,
    ],
    [
      'has no issues',
      { of: /^POST \/issues$/, status: 410, message: 'Issues are disabled' },
      /status 410[\s\S]*gh repo edit --enable-issues/,
      1,
    ],
    [
      'wants us to come in an hour',
      { of: /^GET/, status: 403, headers: { 'retry-after': '3600' } },
      /tried once/,
      1,
    ],
    ['can never answer', { of: /^GET/, status: 500, times: 9 }, /It was tried 5 times/, 5],
  ])('%s, it fails and tells so', async (_what, fault, message, times) => {
    api.fail(fault);
    const { kind, what, where, why, done, next } = await failureOf(alert(1, 'failed'));
    expect(kind).toBe('failed-infra');
    expect([what, where, why, done, next].join('\n')).toMatch(message);
    expect(api.requests.filter((request) => fault.of.test(request))).toHaveLength(times);
    expect(pauses).toEqual([1, 2, 4, 8].slice(0, times - 1));
  });

  test('is not there, it fails after five tries', async () => {
    const nowhere = { ...place, github: openGithub(TOKEN, 'http://127.0.0.1:9', nobody) };
    const work = () => tellIssue(nowhere, { title: ISSUE, label: 'red' }, createRun());
    const failure = await failureOf(persist('The alert issue', work, persistence));
    expect(failure).toMatchObject({ where: "GitHub's API", done: expect.stringContaining('5 times') });
  });
});
