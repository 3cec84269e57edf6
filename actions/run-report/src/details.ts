import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { validationReport } from '../../data-validate/src/validation-report.ts';
import { capBytes } from '../../shared/src/action/job-summary.ts';
import { readContract } from '../../shared/src/contract/contract.ts';
import { PipelineError, type PipelineFailure } from '../../shared/src/errors.ts';
import { errorCode } from '../../shared/src/files.ts';
import { compareContracts, renderContractChanges } from './contract-difference.ts';
import { parseJson, unusable } from './jobs.ts';
import { escapeText } from './render/table.ts';
import { renderValidation } from './render/validation.ts';

/** A file's part of the report: three of them fit into one comment of GitHub. */
const LARGEST_DETAIL_BYTES = 16 * 1024;

/** The sections that files make, and what was not usable of them. */
export interface Details {
  readonly sections: readonly string[];
  readonly failures: readonly PipelineFailure[];
}

/**
 * Reads what is to be told besides the tasks. A file that cannot be used is told in its place, so that the
 * rest of the report is not lost for it, and is among the failures.
 *
 * @param paths Markdown files, and reports of data-validate as JSON.
 * @param contracts the table's contract as it was, and as it is; none for no comparison.
 * @param resolve the path in the workspace.
 */
export async function readDetails(
  paths: readonly string[],
  contracts: readonly string[],
  resolve: (path: string) => string,
): Promise<Details> {
  const [before, now] = contracts;
  const works = [
    ...paths.map((path) => () => readDetail(path, resolve(path))),
    ...(before === undefined || now === undefined
      ? []
      : [
          async () =>
            capBytes(
              renderContractChanges(
                compareContracts(await readContract(resolve(before)), await readContract(resolve(now))),
              ),
              LARGEST_DETAIL_BYTES,
            ),
        ]),
  ];
  const sections: string[] = [];
  const failures: PipelineFailure[] = [];
  for (const work of works) {
    try {
      sections.push(await work());
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const { where, why } = error.failure;
      failures.push(error.failure);
      sections.push(`⚠️ ${escapeText(where)} is not usable: ${escapeText(why)}`);
    }
  }
  return { sections, failures };
}

async function readDetail(name: string, path: string): Promise<string> {
  const kind = extname(path);
  if (kind !== '.md' && kind !== '.json') throw unusable(name, 'it must be a .md or a .json file');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return `${escapeText(name)} is not there: the task that writes it did not come to it.`;
  }
  return kind === '.json'
    ? capBytes(renderValidation(parseJson(text, name, validationReport)), LARGEST_DETAIL_BYTES)
    : tameMarkdown(capBytes(text, LARGEST_DETAIL_BYTES));
}

/**
 * Markdown of a workflow, which may hold what a pull request's author wrote: as it is, but it calls nobody,
 * its HTML is shown and not obeyed, and it leaves no block of code open.
 */
export function tameMarkdown(text: string): string {
  // A space without width shows nothing, also in code, where an escape would be shown as it is.
  const tamed = text
    .trim()
    .replaceAll(/@(?=\w)/g, '@\u200b')
    .replaceAll(/<(?=[a-z/!?])/gi, '<\u200b');
  const fence = openFence(tamed);
  return fence === null ? tamed : `${tamed}\n${fence}`;
}

/** The fence of a block of code that has no end; only as long a one of its kind ends it. */
function openFence(text: string): string | null {
  let open: string | null = null;
  for (const [, fence = '', rest = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    if (open === null) open = fence;
    else if (fence.startsWith(open) && rest.trim() === '') open = null;
  }
  return open;
}
