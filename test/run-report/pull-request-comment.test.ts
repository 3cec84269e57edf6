import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openGithub } from '../../actions/run-report/src/github.ts';
import { tellComment } from '../../actions/run-report/src/pull-request-comment.ts';
import { startGithubApi } from '../github/github-api.ts';
import { createRun, createTask, openIssueOf, READ_ONLY_TOKEN, TOKEN } from './open-report.ts';

const api = await startGithubApi({ token: TOKEN, readOnlyToken: READ_ONLY_TOKEN });
afterAll(() => api.stop());
beforeEach(() => {
  api.reset();
  openIssueOf(api, 7, { isPullRequest: true, body: 'Change', labels: [] });
});

/** A run told in the comment of a pull request. */
function comment(report = createRun(), { name = 'dry-run', token = TOKEN, isFromFork = false } = {}) {
  const { signal } = new AbortController();
  const place = { github: openGithub(token, api.url, signal), owner: 'octo-org', repository: 'imdb-titles' };
  return tellComment(place, { number: 7, isFromFork }, name, report);
}
const writes = () => api.requests.filter((request) => !request.startsWith('GET'));

describe('the comment of a pull request', () => {
  test('is made once and brought up to date in its place', async () => {
    const url = 'https://github.com/octo-org/imdb-titles/issues/7#issuecomment-1000';
    expect(await comment(createRun({ outcome: 'failed' }))).toEqual({ url, told: 'made', isAmiss: false });
    for (let index = 0; index < 120; index += 1) {
      api.comments.push({ id: 2000 + index, issue: 7, body: 'well', author: 'User' });
    }
    expect(await comment()).toEqual({ url, told: 'brought up to date', isAmiss: false });
    expect(await comment()).toMatchObject({ url });
    expect(api.comments).toHaveLength(121);
    expect(api.comments[0]?.body).toMatch(/^<!-- run-report comment dry-run -->\n## ✅ IMDb each morning/);
    expect(writes()).toEqual(['POST /issues/7/comments', 'PATCH /issues/comments/1000']);
  });

  test('is not another’s, of another name or of a person who writes the mark', async () => {
    const body = '<!-- run-report comment dry-run -->\nmine';
    api.comments.push({ id: 1, issue: 7, body, author: 'User' });
    await comment();
    await comment(createRun(), { name: 'dry' });
    expect(api.comments).toHaveLength(3);
    expect(api.comments[0]?.body).toBe(body);
  });

  test.each([
    [true, 'fork'],
    [false, '`permissions` must have `pull-requests: write`'],
  ])('is left out when the token may not write, from a fork %s', async (isFromFork, why) => {
    expect(await comment(createRun(), { token: READ_ONLY_TOKEN, isFromFork })).toEqual({
      url: null,
      told: expect.stringContaining(why),
      isAmiss: !isFromFork,
    });
  });

  test.each([
    ['another status', { of: /^POST/, status: 422 }, 422],
    ['a 403 for too many requests', { of: /^POST/, status: 403, headers: { 'retry-after': '1' } }, 403],
    ['a token that is none', { of: /^GET/, status: 401 }, 401],
  ])('is not left out for %s', async (_what, fault, status) => {
    api.fail(fault);
    await expect(comment()).rejects.toMatchObject({ status });
  });

  test('is within what GitHub takes, however many tasks there are', async () => {
    const tasks = Array.from({ length: 900 }, (_, index) => createTask({ task: `task_${index}` }));
    await comment(createRun({ tasks }));
    expect(api.comments[0]?.body.length).toBeGreaterThan(50_000);
  });
});
