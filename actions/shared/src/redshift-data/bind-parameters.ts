import type { SqlParameter } from '@aws-sdk/client-redshift-data';
import type { Statement } from '../warehouse/warehouse.ts';

/** Literals, quoted names and comments, in which nothing is a parameter, or a parameter: a name after one colon. */
const TOKEN = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(?<![:\w]):([A-Za-z_]\w*)/g;

/** Statements as a request of the Data API takes them. */
export interface BoundStatements {
  readonly sqls: readonly string[];
  readonly parameters: readonly SqlParameter[];
}

/**
 * Brings the statements' own parameters together, for a batch has one list that all of its statements
 * share: where two give one name different values, the later one is renamed. An empty text stands in the
 * SQL as a literal, for a parameter has at least one character (API reference, SqlParameter).
 *
 * @throws TypeError when a statement names a parameter that it does not give, or gives one it does not name.
 */
export function bindParameters(statements: readonly Statement[]): BoundStatements {
  const bound = new Map<string, string>();
  const sqls = statements.map(({ sql, parameters = {} }) => {
    const unused = new Set(Object.keys(parameters));
    const text = sql.replaceAll(TOKEN, (token, name: string | undefined) => {
      if (name === undefined) return token;
      const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      if (value === undefined) throw new TypeError(`no value for the parameter :${name}`);
      unused.delete(name);
      return value === '' ? "''" : `:${placeIn(bound, name, value)}`;
    });
    if (unused.size > 0)
      throw new TypeError(`parameters that the SQL does not name: ${[...unused].join(', ')}`);
    return text;
  });
  return { sqls, parameters: [...bound].map(([name, value]) => ({ name, value })) };
}

/** The name under which the value is in the list, put there if need be. */
function placeIn(bound: Map<string, string>, name: string, value: string): string {
  for (let number = 1; ; number++) {
    const place = number === 1 ? name : `${name}_${number}`;
    const known = bound.get(place);
    if (known === undefined) bound.set(place, value);
    if (known === undefined || known === value) return place;
  }
}
