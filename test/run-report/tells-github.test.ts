import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { startGithubApi } from '../github/github-api.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import {
  LOAD,
  openIssueOf,
  READ_ONLY_TOKEN,
  RED_LOAD,
  type ReportStep,
  reportRun,
  startReport,
  TOKEN,
} from './open-report.ts';

const folder = await temporaryFolder();
const api = await startGithubApi({ token: TOKEN, readOnlyToken: READ_ONLY_TOKEN });
afterAll(() => api.stop());
beforeEach(() => api.reset());

const ISSUE = 'The IMDb pipeline is red';
const EVENT = { 'event.json': '{"pull_request":{"number":7}}' };

/** One run of the built action that tells in the alert issue. */
function alert(runId: number, needs: ReportStep['needs']) {
  const environment = { GITHUB_RUN_ID: String(runId) };
  return reportRun(folder, { needs, with: { issue: ISSUE }, environment }, api);
}

test('the alert issue is opened red, told anew by each red run, and closed green', async () => {
  const opened = await alert(1, RED_LOAD);
  expect(opened).toMatchObject({ exitCode: 0, outputs: { outcome: 'failed', 'issue-number': '1' } });
  expect(api.issues).toMatchObject([{ number: 1, title: ISSUE, labels: ['pipeline-alert'], state: 'open' }]);
  expect(api.labels).toEqual(new Set(['pipeline-alert']));
  expect(api.issues[0]?.body).toContain('## ❌ IMDb each morning: failed');
  expect(api.issues[0]?.body).toContain('/actions/runs/1/attempts/1');
  expect(api.comments).toEqual([]);

  await alert(2, RED_LOAD);
  expect(api.issues).toHaveLength(1);
  expect(api.issues[0]?.body).toContain('/actions/runs/2/attempts/1');
  expect(api.comments).toMatchObject([{ issue: 1, body: expect.stringContaining('/runs/2/attempts/1') }]);

  const closed = await alert(3, LOAD);
  expect(closed).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded', 'issue-number': '1' } });
  expect(api.issues).toMatchObject([{ state: 'closed', state_reason: 'completed' }]);
  expect(api.comments[1]?.body).toContain(
    '✅ Green again with [run 3](https://github.com/octo-org/imdb-titles/actions/runs/3/attempts/1).',
  );
  expect(api.comments).toHaveLength(2);
});

test('a scheduled run whose job ran out of time opens the alert issue', async () => {
  const needs = { ...LOAD, publish_imdb_titles: { result: 'cancelled', outputs: {} } };
  const environment = { GITHUB_EVENT_NAME: 'schedule' };
  const told = await reportRun(folder, { needs, with: { issue: ISSUE }, environment }, api);
  expect(told).toMatchObject({ exitCode: 0, outputs: { outcome: 'failed', 'issue-number': '1' } });
  expect(api.issues[0]?.body).toContain('> **publish_imdb_titles** 🚫 cancelled');
});

test('an issue that is refused fails the step when all the rest is told, the comment too', async () => {
  openIssueOf(api, 7, { isPullRequest: true, body: 'Change', labels: [] });
  api.fail({ of: /^POST \/issues$/, status: 403, message: 'Resource not accessible by integration' });
  const step = { needs: RED_LOAD, with: { issue: ISSUE, comment: 'dry-run' }, files: EVENT };
  const told = await reportRun(folder, step, api);
  expect(told).toMatchObject({
    exitCode: 3,
    outputs: {
      outcome: 'failed',
      'comment-url': 'https://github.com/octo-org/imdb-titles/issues/7#issuecomment-1000',
    },
  });
  expect(told.summary).toContain('IMDb each morning: failed');
  expect(told.annotations).toMatchObject([
    { level: 'error', message: expect.stringContaining('Resource not accessible by integration') },
  ]);
  expect(told.log).not.toContain(TOKEN);
});

test('an answer that is late is waited for', async () => {
  api.fail({ of: /^GET/, status: 503 });
  expect(await alert(1, RED_LOAD)).toMatchObject({ exitCode: 0, outputs: { 'issue-number': '1' } });
});

test.each([
  ['someone/imdb-titles', 'notice', 'fork'],
  ['octo-org/imdb-titles', 'warning', '`permissions`'],
])('a run from %s that may not write leaves its comment out, with a %s', async (from, level, why) => {
  openIssueOf(api, 7, { isPullRequest: true, body: 'Change', labels: [] });
  const given = { comment: 'dry-run', 'github-token': READ_ONLY_TOKEN };
  const event = { pull_request: { number: 7, head: { repo: { full_name: from } } } };
  const files = { 'event.json': JSON.stringify(event) };
  const told = await reportRun(folder, { needs: LOAD, with: given, files }, api);
  expect(told).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded', 'comment-url': '' } });
  expect(told.annotations).toMatchObject([{ level, message: expect.stringContaining(why) }]);
  expect(told.summary).toContain('IMDb each morning: succeeded');
});

test('a run for no pull request leaves its comment out, with a notice', async () => {
  const files = { 'event.json': '{"schedule":"7 5 * * *"}' };
  const told = await reportRun(folder, { needs: LOAD, with: { comment: 'dry-run' }, files }, api);
  expect(told).toMatchObject({ exitCode: 0, annotations: [{ level: 'notice' }] });
  expect(api.requests).toEqual([]);
});

test('a cancelled step stops asking and tells so', async () => {
  api.fail({ of: /^GET/, status: 503, headers: { 'retry-after': '10' } });
  const waiting = await startReport(folder, { needs: RED_LOAD, with: { issue: ISSUE } }, api);
  // GitHub would be asked again after ten seconds; the runner kills after 7.5.
  expect(await waiting.logged('again in 10 s')).toBe(true);
  const told = await waiting.cancel();
  expect(told).toMatchObject({ exitCode: 130, signal: null, outputs: { outcome: 'failed' } });
  expect(told.annotations).toMatchObject([{ level: 'error', title: 'The step was cancelled' }]);
});
