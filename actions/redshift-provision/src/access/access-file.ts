import { z } from 'zod';
import type { Contract } from '../../../shared/src/contract/contract.ts';
import { readYaml } from '../../../shared/src/read-yaml.ts';

/** The longest identifier, in bytes (developer guide, Names and identifiers). */
const LONGEST_NAME = 127;

/** `public` is everybody, quoted or not, and `sys:` begins the names of Redshift's own roles. */
const name = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= LONGEST_NAME, `must not be longer than ${LONGEST_NAME} bytes`)
  .refine((text) => !/\p{Cc}/u.test(text), 'must hold no control character')
  .refine((text) => text.toLowerCase() !== 'public', 'must not be public, which is everybody')
  .refine((text) => !text.toLowerCase().startsWith('sys:'), 'must not begin with sys:, as Redshift’s own');

/** Redshift folds names to small letters, quoted or not; a role by two names would be one. */
const smallName = name.refine((text) => text === text.toLowerCase(), 'must be written in small letters');

/** One expression, so that nothing can follow it. */
const expression = z
  .string()
  .min(1)
  .refine((text) => !/;|--|\/\*/.test(text), 'must be one expression, without ; and comments');

const readSchema = z.strictObject({
  relation: smallName.describe('A table or view of the schema in which the contract’s table is.'),
  columns: z.array(smallName).min(1).optional().describe('The columns that may be read; all when not given.'),
  rows: expression
    .optional()
    .describe('A condition in SQL; only rows for which it is true are seen. Of the contract’s table only.'),
  if_present: z
    .boolean()
    .optional()
    .describe('true: the right is given once the relation is there; else a relation that is missing fails.'),
});

const roleSchema = z.strictObject({
  name: smallName,
  description: z.string(),
  members: z
    .array(
      z.strictObject({
        user: name.describe('A database user; IAM:name and IAMR:role are those of IAM identities.'),
        create: z.boolean().optional().describe('true: a user that is missing is made, without a password.'),
      }),
    )
    .optional()
    .describe('Who has the role; nobody else keeps it. Not given: who has it is not looked after here.'),
  inherits: z.array(smallName).optional().describe('Roles of this file whose rights the role has too.'),
  reads: z.array(readSchema).describe('What the role may read, beside what it inherits.'),
});

/** What may stand in an access file, apart from what the contract decides. */
export const accessSchema = z.strictObject({ roles: z.array(roleSchema).min(1) });

/** Who may read what: roles, their members and their rights. */
export type Access = z.infer<typeof accessSchema>;

/** One role of an {@link Access}. */
export type AccessRole = Access['roles'][number];

/**
 * The JSON Schema of an access file, for editors; `access.schema.json` beside the file holds it. Draft 7,
 * which YAML editors know best. What the names stand for is beyond it: {@link readAccess} looks at that.
 */
export function accessJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(accessSchema, { io: 'input', target: 'draft-7' });
  return { ...schema, title: 'Who may read what' };
}

/**
 * Reads an access file, for example `sql/access.yml`.
 *
 * @throws PipelineError `bad-input` with line and column when the file is not one, when it names a column
 *   that the contract's table has not, or a role that the file has not.
 */
export function readAccess(path: string, contract: Contract): Promise<Access> {
  return readYaml(
    path,
    accessSchema.superRefine(({ roles }, context) => {
      for (const { at, message } of [...roleProblems(roles), ...readProblems(roles, contract)]) {
        context.addIssue({ code: 'custom', path: ['roles', ...at], message });
      }
    }),
  );
}

interface Problem {
  readonly at: readonly (string | number)[];
  readonly message: string;
}

function roleProblems(roles: readonly AccessRole[]): Problem[] {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const problems: Problem[] = [];
  roles.forEach(({ name: role, members = [], inherits = [] }, index) => {
    if (roles.findIndex((one) => one.name === role) !== index) {
      problems.push({ at: [index, 'name'], message: `"${role}" stands twice` });
    }
    const users = members.map(({ user }) => user.toLowerCase());
    users.forEach((user, place) => {
      if (users.indexOf(user) !== place) {
        problems.push({ at: [index, 'members', place], message: `"${user}" stands twice` });
      }
    });
    inherits.forEach((inherited, place) => {
      const at = [index, 'inherits', place];
      if (!byName.has(inherited)) problems.push({ at, message: `"${inherited}" is no role of this file` });
      else if (reaches(byName, inherited, role)) {
        problems.push({ at, message: `"${inherited}" inherits "${role}" itself` });
      }
    });
  });
  return problems;
}

/** Whether the role is the other one or inherits it over any number of roles. */
function reaches(
  roles: ReadonlyMap<string, AccessRole>,
  from: string,
  to: string,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  return (roles.get(from)?.inherits ?? []).some((next) => reaches(roles, next, to, new Set([...seen, from])));
}

function readProblems(roles: readonly AccessRole[], contract: Contract): Problem[] {
  const known = new Set(contract.columns.map((column) => column.name));
  return roles.flatMap(({ reads }, index) =>
    reads.flatMap(({ relation, columns = [], rows }, place): Problem[] => {
      const at = [index, 'reads', place];
      const isContract = relation === contract.table;
      return [
        ...(reads.findIndex((read) => read.relation === relation) === place
          ? []
          : [{ at: [...at, 'relation'], message: `"${relation}" stands twice` }]),
        ...columns.flatMap((column, spot) =>
          columns.indexOf(column) !== spot
            ? [{ at: [...at, 'columns', spot], message: `"${column}" stands twice` }]
            : isContract && !known.has(column)
              ? [{ at: [...at, 'columns', spot], message: `"${column}" is no column of ${relation}` }]
              : [],
        ),
        ...(rows === undefined || isContract
          ? []
          : [{ at: [...at, 'rows'], message: `only ${contract.table} can have its rows restricted` }]),
      ];
    }),
  );
}
