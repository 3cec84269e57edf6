import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startGithubApi } from './github-api.ts';

const api = await startGithubApi({ token: 'all', readOnlyToken: 'some' });
afterAll(() => api.stop());
beforeEach(() => api.reset());

/** Asks as curl would; the answer's status, its JSON and the header that leads on. */
async function ask(route: string, body?: unknown, token = 'all') {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(`${api.url}/repos/octo-org/imdb-titles${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, json, link: response.headers.get('link') };
}

describe('the API of GitHub in memory', () => {
  test('keeps issues, and lists the open ones with a label, the newest first', async () => {
    for (const title of ['one', 'two']) {
      expect(await ask('POST /issues', { title, body: 'b', labels: ['alert'] })).toMatchObject({
        status: 201,
      });
    }
    await ask('POST /issues', { title: 'three', body: 'b', labels: [] });
    expect((await ask('GET /issues?labels=alert')).json).toMatchObject([{ number: 2 }, { number: 1 }]);
    expect(await ask('PATCH /issues/2', { state: 'closed', state_reason: 'completed' })).toMatchObject({
      status: 200,
      json: { number: 2, state: 'closed' },
    });
    expect((await ask('GET /issues?labels=alert')).json).toMatchObject([{ number: 1 }]);
    expect((await ask('GET /issues?state=all')).json).toHaveLength(3);
  });

  test('gives lists page by page', async () => {
    await ask('POST /issues', { title: 'one', body: 'b', labels: [] });
    for (const body of ['a', 'b', 'c']) await ask('POST /issues/1/comments', { body });
    const first = await ask('GET /issues/1/comments?per_page=2');
    expect(first.json).toMatchObject([{ body: 'a' }, { body: 'b' }]);
    expect(first.link).toMatch(/\/issues\/1\/comments\?per_page=2&page=2>; rel="next"$/);
    const second = await ask('GET /issues/1/comments?per_page=2&page=2');
    expect(second).toMatchObject({ json: [{ body: 'c' }], link: null });
  });

  test.each([
    ['POST /labels', { name: 'alert', color: 'd93f0b' }, 201],
    ['GET /labels/alert', undefined, 404],
    ['PATCH /issues/9', { body: 'b' }, 404],
    ['PATCH /issues/comments/9', { body: 'b' }, 404],
    ['POST /issues', { title: 'long', body: 'x'.repeat(65_537), labels: [] }, 422],
    ['PUT /actions/workflows/imdb_daily.yml/enable', {}, 204],
    ['GET ', undefined, 200],
    ['DELETE /issues/1', {}, 404],
  ])('answers %s', async (route, body, status) => {
    expect((await ask(route, body)).status).toBe(status);
  });

  test('knows a label once', async () => {
    const label = { name: 'alert', color: 'd93f0b' };
    await ask('POST /labels', label);
    expect(await ask('POST /labels', label)).toMatchObject({
      status: 422,
      json: { errors: [{ code: 'already_exists' }] },
    });
    expect((await ask('GET /labels/alert')).status).toBe(200);
  });

  test('lets only its tokens in, and one of them only read', async () => {
    const issue = { title: 'one', body: 'b', labels: [] };
    expect((await ask('GET /issues', undefined, 'none')).status).toBe(401);
    expect((await ask('GET /issues', undefined, 'some')).status).toBe(200);
    expect((await ask('POST /issues', issue, 'some')).status).toBe(403);
    expect(api.issues).toEqual([]);
  });

  test('fails as it is told, as often, before or after it is done', async () => {
    const issue = { title: 'one', body: 'b', labels: [] };
    api.fail({ of: /^POST \/issues$/, status: 502 });
    expect((await ask('POST /issues', issue)).status).toBe(502);
    expect(api.issues).toHaveLength(0);
    api.fail({ of: /^POST \/issues$/, status: 502, isDone: true });
    expect((await ask('POST /issues', issue)).status).toBe(502);
    expect(api.issues).toHaveLength(1);
    expect((await ask('POST /issues', issue)).status).toBe(201);
  });
});
