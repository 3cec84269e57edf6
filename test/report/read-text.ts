import { renderReport } from '../../actions/shared/src/report/render-report.tsx';
import type { RunReport } from '../../actions/shared/src/report/run-report.ts';

/** The words of the page in their order, without its style sheet and tags. */
export function readText(report: RunReport): string {
  return renderReport(report)
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** How often a text occurs. */
export function countOccurrences(html: string, part: string): number {
  return html.split(part).length - 1;
}
