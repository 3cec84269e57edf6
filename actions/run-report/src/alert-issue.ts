import { isRed } from './collect-tasks.ts';
import type { Place } from './github.ts';
import {
  closeIssue,
  commentOnce,
  createIssue,
  findIssues,
  type Issue,
  updateIssue,
} from './github-issues.ts';
import { issueMark, redJobsOf, redMark, replaceRedMark, runMark, runMarkOf } from './marks.ts';
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
 * green one closes it with a comment once every job that was red has succeeded, be it in runs of their own;
 * a cancelled one leaves it. It can be done again at any time: what this attempt of the run has told is told
 * once, and of two issues the older one stays.
 */
export async function tellIssue(place: Place, alert: Alert, report: RunReport): Promise<ToldIssue> {
  const { title, label } = alert;
  const open = await findIssues(place, label, issueMark(title));
  const [oldest] = open;
  if (report.outcome === 'cancelled') {
    return { number: oldest?.number ?? null, told: 'the run was cancelled; the issue stays as it is' };
  }
  if (report.outcome === 'succeeded') {
    const red = stillRed(open, report);
    return red.length === 0 ? close(place, open, report) : leave(place, open, red);
  }
  if (oldest !== undefined) return update(place, open, report, issueMark(title));
  const created = await createIssue(place, {
    title,
    label,
    body: bodyOf(report, [issueMark(title), runMark(report), redMark(stillRed([], report))]),
  });
  // A run beside this one may have opened one at the same time.
  const now = await findIssues(place, label, issueMark(title));
  if (now[0] === undefined || now[0].number >= created)
    return { number: created, told: `#${created} opened` };
  return update(place, now, report, issueMark(title));
}

/** The jobs that are red, or were it and have not succeeded since; a job that is no more is none of them. */
function stillRed(open: readonly Issue[], { jobs, isScheduled }: RunReport): readonly string[] {
  const before = new Set(open.flatMap(({ body }) => redJobsOf(body)));
  return jobs
    .filter((job) => isRed(job, isScheduled) || (before.has(job.name) && job.result !== 'success'))
    .map(({ name }) => name);
}

async function leave(place: Place, open: readonly Issue[], red: readonly string[]): Promise<ToldIssue> {
  for (const { number, body } of open) {
    const marked = replaceRedMark(body, redMark(red));
    if (marked !== body) await updateIssue(place, number, marked);
  }
  const number = open[0]?.number ?? null;
  const names = red.join(', ');
  return { number, told: `#${number} stays open: ${names} was red and has not succeeded since` };
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
  const red = redMark(stillRed([oldest, ...younger], report));
  const body = bodyOf(report, [mark, opener ?? '', red]);
  if (body !== oldest.body) await updateIssue(place, number, body);
  const isNew = opener !== mine && (await commentOnce(place, number, mine, commentOf(report)));
  return { number, told: isNew ? `#${number} updated` : `#${number} had told this run` };
}

/** @param marks of the issue, of the run that opened it, and of the jobs that it is open for. */
function bodyOf(report: RunReport, marks: readonly string[]): string {
  const intro =
    'This issue is open while the pipeline is red. It tells the last red run; each run after the first is a comment too. A green run closes it once every job that was red has succeeded.';
  return [...marks, '', intro, '', renderReport(report, LARGEST_BODY_BYTES)].join('\n');
}

function commentOf(report: RunReport): string {
  return renderReport({ ...report, details: [] }, LARGEST_COMMENT_BYTES);
}
