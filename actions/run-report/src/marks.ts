import { createHash } from 'node:crypto';
import type { RunContext } from './run-context.ts';

// Marks are HTML comments: GitHub shows none of them, and what others write is escaped so that it holds none.

/** Marks the alert issue of this title, so that each title has one issue of its own. */
export function issueMark(title: string): string {
  const digest = createHash('sha256').update(title).digest('hex').slice(0, 16);
  return `<!-- run-report issue ${digest} -->`;
}

/** Marks the comment of this name. */
export function commentMark(name: string): string {
  return `<!-- run-report comment ${name} -->`;
}

/** Marks what one attempt of one run told, so that it tells it once. */
export function runMark({ runId, runAttempt }: Pick<RunContext, 'runId' | 'runAttempt'>): string {
  return `<!-- run-report run ${runId} attempt ${runAttempt} -->`;
}

/** Marks the jobs that an alert issue is open for. */
export function redMark(jobs: readonly string[]): string {
  // Two hyphens could be read as the end of the comment.
  const names = jobs.map((name) => encodeURIComponent(name).replaceAll('--', '%2D%2D'));
  return ['<!-- run-report red', ...names, '-->'].join(' ');
}

/** The jobs that a text's mark names; none when it bears none. */
export function redJobsOf(text: string): readonly string[] {
  const names = RED_MARK.exec(text)?.groups?.names ?? '';
  return names.split(' ').flatMap((name) => (name === '' ? [] : [decodeURIComponent(name)]));
}

/** The text with this mark of jobs instead of its own. */
export function replaceRedMark(text: string, mark: string): string {
  return text.replace(RED_MARK, () => mark);
}

const RED_MARK = /^<!-- run-report red (?<names>(?:[\w.!~*'()%-]+ )*)-->$/m;

/** The mark of the first run that a text bears; null when it bears none. */
export function runMarkOf(text: string): string | null {
  return /<!-- run-report run \d+ attempt \d+ -->/.exec(text)?.[0] ?? null;
}
