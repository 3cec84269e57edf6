import { formatFailure } from '../../../shared/src/errors.ts';
import {
  describeCheck,
  describeMeasured,
  describeThresholds,
} from '../../../shared/src/report/check-words.ts';
import type { ReportedCheck, ValidationReport } from '../validation-report.ts';
import { escapeXml } from './escape-xml.ts';

/**
 * The report as JUnit XML, in the elements and the order that the schema of Jenkins' xUnit plugin has
 * (junit-10.xsd): each check is a test case; one that failed has a `failure`, one that could not run an
 * `error`, for it must not look passed. JUnit knows no warnings: such a check tells it as its output.
 * What kept the step from its end is a case with an `error` too.
 */
export function renderJunit(report: ValidationReport): string {
  const { table, checks, counts, checked_at, seconds, interruption } = report;
  const cases = checks.map((check) => testCase(check.name, `${table}.${check.kind}`, outcomeOf(check)));
  if (interruption !== null) {
    const told = outcome('error', interruption.what, formatFailure(interruption));
    cases.push(testCase('data-validate', table, told));
  }
  const attributes = [
    `name="${escapeXml(table)}"`,
    `tests="${cases.length}"`,
    `failures="${counts.failed}"`,
    `errors="${counts.not_run + (interruption === null ? 0 : 1)}"`,
    'skipped="0"',
    `time="${seconds.toFixed(3)}"`,
    `timestamp="${checked_at.slice(0, 19)}"`,
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${attributes.join(' ')}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(name: string, className: string, content: string): string {
  const tag = `testcase name="${escapeXml(name)}" classname="${escapeXml(className)}" time="0"`;
  return content === '' ? `    <${tag}/>` : `    <${tag}>\n      ${content}\n    </testcase>`;
}

function outcomeOf(check: ReportedCheck): string {
  const told = describeCheck(check);
  if (check.status === 'error') {
    const measure = `${describeMeasured(check)}; ${describeThresholds(check)}`;
    return outcome('failure', measure, `${check.description}\n${told}`, check.kind);
  }
  if (check.status === 'not-run') return outcome('error', told, `${check.description}\n${told}`, check.kind);
  return check.status === 'warn' ? `<system-out>${escapeXml(`warning: ${told}`)}</system-out>` : '';
}

function outcome(tag: 'failure' | 'error', message: string, text: string, type = 'data-validate'): string {
  return `<${tag} message="${escapeXml(message)}" type="${escapeXml(type)}">${escapeXml(text)}</${tag}>`;
}
