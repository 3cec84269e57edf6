import { z } from 'zod';

// The part of GitHub's REST API that the project calls, in memory: issues, labels and comments, and what
// keeps schedules alive. Forms, statuses and messages are those of docs.github.com/en/rest (version
// 2022-11-28, pages "Issues", "Labels", "Issue comments", "Workflows", "Using pagination in the REST API").

/** GitHub refuses longer texts. Source: its answer, "body is too long (maximum is 65536 characters)". */
const LONGEST_BODY = 65_536;

/** An issue; a pull request is one too. */
export interface StoredIssue {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  state_reason: string | null;
  labels: readonly string[];
  readonly isPullRequest: boolean;
}

/** A comment of an issue or a pull request. */
export interface StoredComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  /** Who wrote it: the token's app, or somebody else. */
  readonly author: 'Bot' | 'User';
}

/** What the repository holds. */
export interface GithubStore {
  readonly issues: StoredIssue[];
  readonly comments: StoredComment[];
  readonly labels: Set<string>;
  /** The workflow files that were switched on. */
  readonly enabledWorkflows: string[];
  /** When somebody pushed last. */
  pushedAt: string;
  /** The runs of workflows, the newest first. */
  readonly runs: WorkflowRun[];
}

/** A run of a workflow. */
export interface WorkflowRun {
  /** The workflow's file. */
  readonly workflow: string;
  readonly status: 'requested' | 'waiting' | 'pending' | 'queued' | 'in_progress' | 'completed';
}

/** The one who asks, and what for. */
export interface Call {
  readonly route: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly address: string;
}

/** What it is answered. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const newIssue = z.object({ title: z.string().min(1), body: z.string(), labels: z.array(z.string()) });
const issueChange = z.object({
  body: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.enum(['completed', 'not_planned', 'reopened', 'duplicate']).optional(),
});
const commentText = z.object({ body: z.string() });
const newLabel = z.object({ name: z.string(), color: z.string().regex(/^[0-9a-f]{6}$/) });

/** The answer to what there is not. */
export const notFound: Answer = { status: 404, body: { message: 'Not Found' } };

/** Answers a request of one who may make it. */
export function answerCall(store: GithubStore, call: Call): Answer {
  return (
    answerIssues(store, call) ??
    answerComments(store, call) ??
    answerLabels(store, call) ??
    answerRepository(store, call) ??
    notFound
  );
}

function answerIssues(store: GithubStore, call: Call): Answer | null {
  const { route, query, body } = call;
  if (route === 'GET /issues') return page(call, listIssues(store, query).map(issueJson));
  if (route === 'POST /issues') {
    const { title, body: text, labels } = newIssue.parse(body);
    if (text.length > LONGEST_BODY) return tooLong;
    const number = Math.max(0, ...store.issues.map((issue) => issue.number)) + 1;
    for (const label of labels) store.labels.add(label);
    const state = { state: 'open', state_reason: null, isPullRequest: false } as const;
    const made: StoredIssue = { number, title, body: text, labels, ...state };
    store.issues.push(made);
    return { status: 201, body: issueJson(made) };
  }
  const [, method, issueNumber] = /^(GET|PATCH) \/issues\/(\d+)$/.exec(route) ?? [];
  const issue = store.issues.find(({ number }) => number === Number(issueNumber));
  if (issue === undefined) return null;
  if (method === 'GET') return { status: 200, body: issueJson(issue) };
  const change = issueChange.parse(body);
  if ((change.body ?? '').length > LONGEST_BODY) return tooLong;
  issue.body = change.body ?? issue.body;
  issue.state = change.state ?? issue.state;
  issue.state_reason = change.state_reason ?? issue.state_reason;
  return { status: 200, body: issueJson(issue) };
}

function answerComments({ issues, comments }: GithubStore, call: Call): Answer | null {
  const { route } = call;
  const [, commentId] = /^PATCH \/issues\/comments\/(\d+)$/.exec(route) ?? [];
  const comment = comments.find(({ id }) => id === Number(commentId));
  const [, method, issueNumber] = /^(GET|POST) \/issues\/(\d+)\/comments$/.exec(route) ?? [];
  const issue = issues.find(({ number }) => number === Number(issueNumber));
  if (method === 'GET' && issue !== undefined) {
    return page(call, comments.filter((one) => one.issue === issue.number).map(commentJson));
  }
  if (comment === undefined && issue === undefined) return null;
  const { body } = commentText.parse(call.body);
  if (body.length > LONGEST_BODY) return tooLong;
  if (comment !== undefined) {
    comment.body = body;
    return { status: 200, body: commentJson(comment) };
  }
  const made = { id: 1000 + comments.length, issue: Number(issueNumber), body, author: 'Bot' } as const;
  comments.push({ ...made });
  return { status: 201, body: commentJson(made) };
}

function answerLabels({ labels }: GithubStore, { route, body }: Call): Answer | null {
  const [, label] = /^GET \/labels\/([^/]+)$/.exec(route) ?? [];
  if (label !== undefined) {
    const name = decodeURIComponent(label);
    return labels.has(name) ? { status: 200, body: { name } } : notFound;
  }
  if (route !== 'POST /labels') return null;
  const { name } = newLabel.parse(body);
  if (labels.has(name)) return invalid([{ resource: 'Label', code: 'already_exists', field: 'name' }]);
  labels.add(name);
  return { status: 201, body: { name } };
}

function answerRepository(store: GithubStore, { route, query }: Call): Answer | null {
  if (route === 'GET ') return { status: 200, body: { pushed_at: store.pushedAt } };
  const [, ofWorkflow] = /^GET \/actions\/workflows\/([^/]+)\/runs$/.exec(route) ?? [];
  if (ofWorkflow !== undefined) {
    const wanted = query.get('status');
    const found = store.runs.filter(
      (run) => run.workflow === ofWorkflow && (wanted === null || run.status === wanted),
    );
    return { status: 200, body: { total_count: found.length, workflow_runs: found } };
  }
  const [, workflow] = /^PUT \/actions\/workflows\/([^/]+)\/enable$/.exec(route) ?? [];
  if (workflow === undefined) return null;
  store.enabledWorkflows.push(decodeURIComponent(workflow));
  return { status: 204 };
}

const tooLong: Answer = invalid(['body is too long (maximum is 65536 characters)']);

function invalid(errors: readonly unknown[]): Answer {
  return { status: 422, body: { message: 'Validation Failed', errors } };
}

/** The newest first, as GitHub lists them unasked. */
function listIssues(store: GithubStore, query: URLSearchParams): readonly StoredIssue[] {
  const state = query.get('state') ?? 'open';
  const labels = (query.get('labels') ?? '').split(',').filter((label) => label !== '');
  return store.issues
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => labels.every((label) => issue.labels.includes(label)))
    .toSorted((one, other) => other.number - one.number);
}

/** One page of a list, with the header that leads to the next. */
function page({ query, address }: Call, list: readonly unknown[]): Answer {
  const size = Math.min(100, Number(query.get('per_page') ?? 30));
  const number = Number(query.get('page') ?? 1);
  const next = new URLSearchParams(query);
  next.set('page', String(number + 1));
  return {
    status: 200,
    body: list.slice((number - 1) * size, number * size),
    headers: number * size < list.length ? { link: `<${address}?${next}>; rel="next"` } : {},
  };
}

function issueJson(issue: StoredIssue): object {
  const { number, title, body, state, state_reason, labels, isPullRequest } = issue;
  return {
    number,
    title,
    body,
    state,
    state_reason,
    labels: labels.map((name) => ({ name })),
    html_url: `https://github.com/octo-org/imdb-titles/issues/${number}`,
    user: { login: 'github-actions[bot]', type: 'Bot' },
    ...(isPullRequest ? { pull_request: {} } : {}),
  };
}

function commentJson({ id, issue, body, author }: StoredComment): object {
  const login = author === 'Bot' ? 'github-actions[bot]' : 'octocat';
  return {
    id,
    body,
    html_url: `https://github.com/octo-org/imdb-titles/issues/${issue}#issuecomment-${id}`,
    user: { login, type: author },
  };
}
