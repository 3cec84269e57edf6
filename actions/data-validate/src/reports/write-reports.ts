import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../../shared/src/files.ts';
import type { ValidationReport } from '../validation-report.ts';
import { badgeEndpoint, badgeOf, badgeSvg } from './badge.ts';
import { renderJunit } from './junit.ts';
import { renderPage } from './page.tsx';
import { renderSarif } from './sarif.ts';

/** The files of the reports, by the names of the action's outputs. */
export interface ReportPaths extends Readonly<Record<string, string>> {
  readonly json: string;
  readonly junit: string;
  readonly sarif: string;
  readonly html: string;
  readonly badge: string;
}

/** Writes the report in every form into the folder, which is made where there is none. */
export async function writeReports(report: ValidationReport, folder: string): Promise<ReportPaths> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeWhole(path, content);
    return path;
  };
  const badge = badgeOf(report);
  await write('badge.json', badgeEndpoint(badge));
  return {
    json: await write('validation.json', `${JSON.stringify(report, null, 2)}\n`),
    junit: await write('junit.xml', renderJunit(report)),
    sarif: await write('checks.sarif', renderSarif(report)),
    html: await write('validation.html', renderPage(report)),
    badge: await write('badge.svg', badgeSvg(badge)),
  };
}
