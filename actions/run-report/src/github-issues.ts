import { type Place, refusalOf } from './github.ts';

const PAGE = 100;
/** Orange, in hexadecimal digits. */
const LABEL_COLOUR = 'd93f0b';

/** An issue as far as it matters. */
export interface Issue {
  readonly number: number;
  readonly body: string;
}

/** The open issues with the label whose body bears the mark, the oldest first; pull requests are none. */
export async function findIssues(place: Place, label: string, mark: string): Promise<readonly Issue[]> {
  const { github } = place;
  const issues = await github.paginate(github.rest.issues.listForRepo, {
    ...namesOf(place),
    state: 'open',
    labels: label,
    per_page: PAGE,
  });
  return issues
    .filter(({ pull_request, body }) => pull_request === undefined && body?.includes(mark) === true)
    .map(({ number, body }) => ({ number, body: body ?? '' }))
    .toSorted((one, other) => one.number - other.number);
}

/** Opens an issue, with its label, which is made when it is not there, and tells its number. */
export async function createIssue(
  place: Place,
  { title, label, body }: { readonly title: string; readonly label: string; readonly body: string },
): Promise<number> {
  await ensureLabel(place, label);
  const { data } = await place.github.rest.issues.create({
    ...namesOf(place),
    title,
    body,
    labels: [label],
  });
  return data.number;
}

async function ensureLabel(place: Place, name: string): Promise<void> {
  try {
    await place.github.rest.issues.getLabel({ ...namesOf(place), name });
    return;
  } catch (error) {
    if (refusalOf(error).status !== 404) throw error;
  }
  try {
    await place.github.rest.issues.createLabel({
      ...namesOf(place),
      name,
      color: LABEL_COLOUR,
      description: 'A pipeline is red',
    });
  } catch (error) {
    // A run beside this one was quicker.
    if (refusalOf(error).status !== 422) throw error;
  }
}

/** Changes an issue's body. */
export async function updateIssue(place: Place, number: number, body: string): Promise<void> {
  await place.github.rest.issues.update({ ...namesOf(place), issue_number: number, body });
}

/** Closes an issue as done. */
export async function closeIssue(place: Place, number: number): Promise<void> {
  await place.github.rest.issues.update({
    ...namesOf(place),
    issue_number: number,
    state: 'closed',
    state_reason: 'completed',
  });
}

/** A comment as far as it matters. */
export interface Comment {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  /** Whether a GitHub App wrote it, as a workflow's own token does, and not a person. */
  readonly isByApp: boolean;
}

/** The comments of an issue or a pull request, the oldest first. */
export async function listComments(place: Place, number: number): Promise<readonly Comment[]> {
  const { github } = place;
  const comments = await github.paginate(github.rest.issues.listComments, {
    ...namesOf(place),
    issue_number: number,
    per_page: PAGE,
  });
  return comments.map(({ id, html_url, body, user }) => ({
    id,
    url: html_url,
    body: body ?? '',
    isByApp: user?.type === 'Bot',
  }));
}

/** Adds a comment, unless one bears the mark already; tells whether it did. */
export async function commentOnce(
  place: Place,
  number: number,
  mark: string,
  text: string,
): Promise<boolean> {
  const comments = await listComments(place, number);
  if (comments.some(({ body }) => body.startsWith(mark))) return false;
  await createComment(place, number, `${mark}\n${text}`);
  return true;
}

/** Adds a comment and tells its address. */
export async function createComment(place: Place, number: number, body: string): Promise<string> {
  const { data } = await place.github.rest.issues.createComment({
    ...namesOf(place),
    issue_number: number,
    body,
  });
  return data.html_url;
}

/** Changes a comment's text. */
export async function updateComment(place: Place, id: number, body: string): Promise<void> {
  await place.github.rest.issues.updateComment({ ...namesOf(place), comment_id: id, body });
}

function namesOf({ owner, repository }: Place): { readonly owner: string; readonly repo: string } {
  return { owner, repo: repository };
}
