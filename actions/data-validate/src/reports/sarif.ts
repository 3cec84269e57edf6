import { formatFailure } from '../../../shared/src/errors.ts';
import { describeCheck } from '../../../shared/src/report/check-words.ts';
import type { ReportedCheck, ValidationReport } from '../validation-report.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * The report as SARIF 2.1.0: each check is a rule, each that did not pass a result at the line of the
 * checks file where it begins. A check of the action's own stands at the file's first line. The run has no
 * `automationDetails`: its id would take the place of the upload's `category`, by which GitHub knows which
 * alerts an upload renews.
 */
export function renderSarif(report: ValidationReport): string {
  const { checks, checks_file, interruption, checked_at, counts } = report;
  const found = checks.filter(({ status }) => status !== 'pass');
  const notification =
    interruption === null
      ? {}
      : {
          toolExecutionNotifications: [
            { level: 'error', message: { text: plain(formatFailure(interruption)) } },
          ],
        };
  const run = {
    tool: { driver: { name: 'data-validate', rules: checks.map(ruleOf) } },
    invocations: [
      {
        executionSuccessful: interruption === null && counts.not_run === 0,
        endTimeUtc: checked_at,
        ...notification,
      },
    ],
    results: found.map((check) => resultOf(check, checks.indexOf(check), checks_file)),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

function ruleOf({ name, kind, description }: ReportedCheck) {
  return {
    id: name,
    shortDescription: { text: plain(description) },
    properties: { tags: ['data', kind] },
  };
}

function resultOf(check: ReportedCheck, ruleIndex: number, file: string) {
  const { name, status, error, line, description } = check;
  const isError = status === 'error' || (status === 'not-run' && error !== null);
  return {
    ruleId: name,
    ruleIndex,
    level: isError ? 'error' : 'warning',
    message: { text: plain(`${description} ${describeCheck(check)}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
          region: { startLine: line ?? 1 },
        },
      },
    ],
    partialFingerprints: { 'check/v1': name },
  };
}

/**
 * A text as a plain text message. A brace may begin a placeholder and is written twice (section 3.11.5); a
 * square bracket may begin a link, which somebody's data must not make, and is escaped (section 3.11.6).
 */
function plain(text: string): string {
  return text
    .replaceAll(/[{}]/g, (brace) => brace + brace)
    .replaceAll(/[[\]]/g, (character) => `\\${character}`);
}

/** A path of the workspace as a URI reference, which takes no other characters. */
function uriOf(path: string): string {
  return path.split(/[\\/]/).map(encode).join('/');
}

/** Half of a pair is no character and cannot be encoded; it becomes U+FFFD on the way through UTF-8. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
