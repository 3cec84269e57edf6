import { z } from 'zod';
import { validationReport } from '../actions/data-validate/src/validation-report.ts';
import { accessJsonSchema } from '../actions/redshift-provision/src/access/access-file.ts';
import { checksFileSchema } from '../actions/shared/src/checks/checks-file.ts';

/**
 * The JSON Schema of a checks file as text, for editors and other tools: what stands in the file, not what
 * it is parsed into. Draft 7, which YAML editors know best. That names are unique, ranges have a bound and
 * freshness has no share is beyond it; the reader of the file refuses that.
 */
export function checksSchema(): string {
  const schema = z.toJSONSchema(checksFileSchema, { io: 'input', target: 'draft-7' });
  return asText({ ...schema, title: 'Checks of a table' });
}

/** The JSON Schema of an access file as text. */
export function accessSchema(): string {
  return asText(accessJsonSchema());
}

/** The JSON Schema of the JSON report of data-validate as text. */
export function validationSchema(): string {
  return asText({ ...z.toJSONSchema(validationReport), title: 'Report of data-validate' });
}

const LONGEST_LINE = 110;

/** Lists of words stand in one line where they fit, as the project's formatter writes them. */
function asText(schema: object): string {
  const inLines = JSON.stringify(schema, null, 2).replaceAll(
    /^(.*)\[\s+("[^"\]]*"(?:,\s+"[^"\]]*")*)\s+\](,?)$/gm,
    (list: string, before: string, words: string, comma: string) => {
      const line = `${before}[${words.replaceAll(/,\s+/g, ', ')}]${comma}`;
      return line.length <= LONGEST_LINE ? line : list;
    },
  );
  return `${inLines}\n`;
}
