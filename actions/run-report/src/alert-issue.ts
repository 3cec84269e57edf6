import type { Place } from './github.ts';
import {
  closeIssue,
  commentOnce,
  createIssue,
  findIssues,
  type Issue,
  updateIssue,
} from './github-issues.ts';
import { issueMark, runMark, runMarkOf } from './marks.ts';
import { linkRun, type RunReport, renderReport } from './render/report.ts';

/** GitHub takes 65,536 characters; the marks and the first line need some of them. */
const LARGEST_BODY_BYTES = 60_000;
const LARGEST_COMMENT_BYTES = 30_000;

/** The one issue that is open while a pipeline is red. */
export interface Alert {
  readonly title: string;
  readonly label: string;
}

/** What became of the issue. */
export interface ToldIssue {
  /** Null when there is none. */
  readonly number: number | null;
  /** One line, for the log. */
  readonly told: string;
}

/**
 * Tells a run in its alert issue. A red run opens it, or brings its body up to date and adds a comment; a
 * green one closes it with a comment; a cancelled one leaves it. It can be done again at any time: what this
 * attempt of the run has told is told once, and of two issues the older one stays.
 */
export async function tellIssue(place: Place, alert: Alert, report: RunReport): Promise<ToldIssue> {
  const { title, label } = alert;
  const open = await findIssues(place, label, issueMark(title));
  const [oldest] = open;
  if (report.outcome === 'cancelled') {
    return { number: oldest?.number ?? null, told: 'the run was cancelled; the issue stays as it is' };
  }
  if (report.outcome === 'succeeded') return close(place, open, report);
  if (oldest !== undefined) return update(place, open, report, issueMark(title));
  const created = await createIssue(place, {
    title,
    label,
    body: bodyOf(report, issueMark(title), runMark(report)),
  });
  // A run beside this one may have opened one at the same time.
  const now = await findIssues(place, label, issueMark(title));
  if (now[0] === undefined || now[0].number >= created)
    return { number: created, told: `#${created} opened` };
  return update(place, now, report, issueMark(title));
}

async function close(place: Place, open: readonly Issue[], report: RunReport): Promise<ToldIssue> {
  const text = `✅ Green again with ${linkRun(report)}.`;
  for (const { number } of open) {
    await commentOnce(place, number, runMark(report), text);
    await closeIssue(place, number);
  }
  const [oldest] = open;
  if (oldest === undefined) return { number: null, told: 'none is open' };
  return { number: oldest.number, told: `#${oldest.number} closed` };
}

async function update(
  place: Place,
  [oldest, ...younger]: readonly Issue[],
  report: RunReport,
  mark: string,
): Promise<ToldIssue> {
  if (oldest === undefined) throw new Error('there is no issue to update');
  const { number } = oldest;
  for (const { number: twin } of younger) {
    await commentOnce(place, twin, runMark(report), `This is told in #${number} already.`);
    await closeIssue(place, twin);
  }
  // The run that opened it is told by the body alone and has no comment.
  const opener = runMarkOf(oldest.body);
  const mine = runMark(report);
  const body = bodyOf(report, mark, opener ?? '');
  if (body !== oldest.body) await updateIssue(place, number, body);
  const isNew = opener !== mine && (await commentOnce(place, number, mine, commentOf(report)));
  return { number, told: isNew ? `#${number} updated` : `#${number} had told this run` };
}

/** @param opener the mark of the run that opened the issue. */
function bodyOf(report: RunReport, mark: string, opener: string): string {
  const intro =
    'This issue is open while the pipeline is red. It tells the last red run; each run after the first is a comment too. A green run closes it.';
  return [mark, opener, '', intro, '', renderReport(report, LARGEST_BODY_BYTES)].join('\n');
}

function commentOf(report: RunReport): string {
  return renderReport({ ...report, details: [] }, LARGEST_COMMENT_BYTES);
}
