import { type Place, refusalOf } from './github.ts';
import { createComment, listComments, updateComment } from './github-issues.ts';
import { commentMark } from './marks.ts';
import { type RunReport, renderReport } from './render/report.ts';
import type { PullRequest } from './run-context.ts';

/** GitHub takes 65,536 characters. */
const LARGEST_COMMENT_BYTES = 60_000;

/** What became of the comment. */
export interface ToldComment {
  /** Null when there is none. */
  readonly url: string | null;
  /** One line, for the log. */
  readonly told: string;
  /** Whether there is none though there could be one. */
  readonly isAmiss: boolean;
}

/**
 * Tells a run in the one comment of this name at the pull request, which is made or brought up to date. The
 * token of a fork's run may only read. That is told and is no failure, and neither is a token that may only
 * read for want of a permission, but that is amiss.
 */
export async function tellComment(
  place: Place,
  { number, isFromFork }: PullRequest,
  name: string,
  report: RunReport,
): Promise<ToldComment> {
  const mark = commentMark(name);
  // Anybody may write a comment that begins with the mark; it would be theirs to change after us.
  const comments = await listComments(place, number);
  const mine = comments.find(({ body, isByApp }) => isByApp && body.startsWith(mark));
  const body = `${mark}\n${renderReport(report, LARGEST_COMMENT_BYTES)}`;
  try {
    if (mine === undefined) {
      return { url: await createComment(place, number, body), told: 'made', isAmiss: false };
    }
    if (mine.body !== body) await updateComment(place, mine.id, body);
    return { url: mine.url, told: 'brought up to date', isAmiss: false };
  } catch (error) {
    const { status, isTransient } = refusalOf(error);
    if (status !== 403 || isTransient) throw error;
    const why = isFromFork
      ? "the token of a fork's run may not write"
      : "the token may not write; the job's `permissions` must have `pull-requests: write`";
    return { url: null, told: `${why}. The summary tells all the same`, isAmiss: !isFromFork };
  }
}
