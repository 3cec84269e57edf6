import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { validationReport } from '../../data-validate/src/validation-report.ts';
import { readContract } from '../../shared/src/contract/contract.ts';
import { messageOf, PipelineError, type PipelineFailure } from '../../shared/src/errors.ts';
import { errorCode } from '../../shared/src/files.ts';
import { capBytes, escapeMarkdown, tameMarkdown } from '../../shared/src/report/markdown.ts';
import { compareContracts, renderContractChanges } from './contract-difference.ts';
import { parseJson, unusable } from './jobs.ts';
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
              'the two contracts',
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
      sections.push(`⚠️ ${escapeMarkdown(where)} is not usable: ${escapeMarkdown(why)}`);
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
    if (errorCode(error) !== 'ENOENT') throw unusable(name, messageOf(error), error);
    return `${escapeMarkdown(name)} is not there: the task that writes it did not come to it.`;
  }
  const rest = `the file ${escapeMarkdown(basename(name))}`;
  return kind === '.json'
    ? capBytes(renderValidation(parseJson(text, name, validationReport)), LARGEST_DETAIL_BYTES, rest)
    : tameMarkdown(capBytes(text, LARGEST_DETAIL_BYTES, rest));
}
