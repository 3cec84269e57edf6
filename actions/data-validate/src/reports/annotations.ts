import { CHECK_WORDS } from '../../../shared/src/report/check-counts.ts';
import { describeCheck } from '../../../shared/src/report/check-words.ts';
import { formatCounted, toPlainLine } from '../../../shared/src/report/format.ts';
import type { ReportedCheck, ValidationReport } from '../validation-report.ts';

/** GitHub shows 10 errors and 10 warnings of a step; the step's own failure is one of the errors. */
const MOST = { error: 9, warning: 10 } as const;
/** An annotation's message is cut at 4,096 characters; the report has all of it. */
const LONGEST = 4000;

/** What of @actions/core makes annotations. */
export interface AnnotationCommands {
  error(message: string, properties: AnnotationPlace): void;
  warning(message: string, properties: AnnotationPlace): void;
}

interface AnnotationPlace {
  readonly title: string;
  readonly file: string;
  readonly startLine: number;
}

/**
 * One annotation for each kind of check that did not pass, at the first of them in the checks file. The
 * last one that GitHub shows tells how many kinds are left out.
 */
export function annotate(core: AnnotationCommands, report: ValidationReport): void {
  for (const level of ['error', 'warning'] as const) {
    const groups = [...groupByKind(report.checks.filter((check) => levelOf(check) === level))];
    const shown = groups.slice(0, MOST[level]);
    const hidden = groups.length - shown.length;
    for (const [index, [title, checks]] of shown.entries()) {
      const isLast = index === shown.length - 1 && hidden > 0;
      const rest = isLast ? `; and ${formatCounted(hidden, 'kind')} of checks more, see the report` : '';
      const message = toPlainLine(checks.map(describeCheck).join('; '));
      const startLine = checks.find(({ line }) => line !== null)?.line ?? 1;
      core[level](`${message.slice(0, LONGEST - rest.length)}${rest}`, {
        title: `${report.table}: ${title}`,
        file: report.checks_file,
        startLine,
      });
    }
  }
}

function levelOf({ status, error }: ReportedCheck): 'error' | 'warning' | null {
  if (status === 'pass') return null;
  return status === 'error' || (status === 'not-run' && error !== null) ? 'error' : 'warning';
}

function groupByKind(checks: readonly ReportedCheck[]): ReadonlyMap<string, readonly ReportedCheck[]> {
  const groups = new Map<string, ReportedCheck[]>();
  for (const check of checks) {
    const title = `${check.kind} ${CHECK_WORDS[check.status]}`;
    groups.set(title, [...(groups.get(title) ?? []), check]);
  }
  return groups;
}
