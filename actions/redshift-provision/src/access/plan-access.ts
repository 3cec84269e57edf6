import type { Drift, OnDrift } from '../drift.ts';
import type { Access, AccessRole } from './access-file.ts';
import type { LiveAccess } from './live-access.ts';
import { keyOf, type Right, rightLines } from './rights.ts';

/** The privileges that REVOKE takes back on tables and views, and on schemas (developer guide, REVOKE). */
const REVOCABLE = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'DROP', 'TRUNCATE', 'ALTER'];
const REVOCABLE_ON_SCHEMAS = ['USAGE', 'CREATE'];

/** What is to be done so that the roles have the rights of the file and no others. */
export interface AccessPlan {
  readonly granted: readonly Right[];
  readonly revoked: readonly Right[];
  /** Rights to be given again because a REVOKE takes them along; they count as unchanged. */
  readonly restored: readonly Right[];
  readonly unchanged: number;
  /** What weakens the file and is not the file's to take back. */
  readonly drift: readonly Drift[];
}

/**
 * Compares the file with what is. Only roles of the file are touched.
 *
 * @param onDrift with `apply` the roles lose what they have in other schemas too; else that is told, for it
 *   may be somebody else's.
 */
export function planAccess({ roles }: Access, live: LiveAccess, onDrift: OnDrift): AccessPlan {
  const wanted = roles.flatMap((role) => wantedRights(role, live));
  const wantedKeys = new Set(wanted.map(keyOf));
  const foundKeys = new Set(live.rights.map(keyOf));
  const byName = new Map(roles.map((role) => [role.name, role]));
  const surplus = live.rights.filter((right) => {
    const role = byName.get(right.role);
    return role !== undefined && !wantedKeys.has(keyOf(right)) && isManaged(right, role);
  });
  const schema = onDrift === 'apply' ? null : live.schema;
  const revoked = surplus.filter((right) => isRevocable(right, schema));
  const kept = wanted.filter((right) => foundKeys.has(keyOf(right)));
  return {
    granted: wanted.filter((right) => !foundKeys.has(keyOf(right))),
    revoked,
    restored: kept.filter((right) => revoked.some((taken) => takesAlong(taken, right))),
    unchanged: kept.length,
    drift: [
      ...rightLines(surplus.filter((right) => !isRevocable(right, schema))).map((line) => ({
        subject: `access: ${line}`,
        wanted: 'not granted',
        found: 'granted, not by this file',
      })),
      ...strangers(byName, live),
      ...openDoors(roles, live),
    ],
  };
}

function wantedRights(
  { name: role, members = [], inherits = [], reads }: AccessRole,
  live: LiveAccess,
): Right[] {
  const { schema } = live;
  return [
    ...members.map(({ user }): Right => ({ kind: 'member', role, user: knownUser(user, live) })),
    ...inherits.map((inherited): Right => ({ kind: 'inherits', role, inherited })),
    ...(reads.length > 0 ? [{ kind: 'schema', role, schema, privilege: 'USAGE' } as const] : []),
    ...reads
      .filter(({ relation, if_present: isOptional }) => isOptional !== true || live.relations.has(relation))
      .flatMap(({ relation, columns }): Right[] => {
        const right = { role, schema, relation, privilege: 'SELECT' };
        if (columns === undefined) return [{ kind: 'relation', ...right }];
        return columns.map((column) => ({ kind: 'column', ...right, column }));
      }),
  ];
}

/** The user's name as the catalogue has it: Redshift tells no capital letters apart unless it is set to. */
export function knownUser(user: string, { users }: Pick<LiveAccess, 'users'>): string {
  if (users.has(user)) return user;
  return [...users].find((known) => known.toLowerCase() === user.toLowerCase()) ?? user;
}

/** Whether the file says who has such rights: members are looked after only where it names them. */
function isManaged(right: Right, role: AccessRole): boolean {
  return right.kind !== 'member' || role.members !== undefined;
}

/** @param schema the one that counts; null for every schema. */
function isRevocable(right: Right, schema: string | null): boolean {
  if (right.kind === 'member' || right.kind === 'inherits') return true;
  const privileges = right.kind === 'schema' ? REVOCABLE_ON_SCHEMAS : REVOCABLE;
  return (schema === null || right.schema === schema) && privileges.includes(right.privilege);
}

/** REVOKE on a relation takes the same privilege on its columns along. */
function takesAlong(taken: Right, right: Right): boolean {
  return (
    taken.kind === 'relation' &&
    right.kind === 'column' &&
    keyOf(taken) === keyOf({ ...rightOnRelation(right), kind: 'relation' })
  );
}

function rightOnRelation({ column: _, ...right }: Extract<Right, { readonly kind: 'column' }>) {
  return right;
}

/** Roles that the file does not name and that have one of its roles, whose members it names. */
function strangers(byName: ReadonlyMap<string, AccessRole>, { rights }: LiveAccess): Drift[] {
  return rights.flatMap((right) =>
    right.kind === 'inherits' && !byName.has(right.role) && byName.get(right.inherited)?.members !== undefined
      ? [
          {
            subject: `access: role ${right.inherited}`,
            wanted: 'only the members that the file names',
            found: `role ${right.role} has it too`,
          },
        ]
      : [],
  );
}

/** What everybody may do with the relations of the file, and what its roles may do with tables to come. */
function openDoors(roles: readonly AccessRole[], live: LiveAccess): Drift[] {
  const relations = new Set(roles.flatMap(({ reads }) => reads.map(({ relation }) => relation)));
  const names = new Set(roles.map(({ name }) => name));
  return [
    ...live.publicRights
      .filter(({ relation }) => relations.has(relation))
      .map(({ relation, privilege }) => ({
        subject: `access: relation ${relation}`,
        wanted: 'only the rights of the file',
        found: `everybody (PUBLIC) has ${privilege}`,
      })),
    ...live.futureRights
      .filter(({ role }) => names.has(role))
      .map(({ role, schema, privilege }) => ({
        subject: `access: role ${role}`,
        wanted: 'no rights on tables to come',
        found: `default privileges give ${privilege} in schema ${schema}`,
      })),
  ];
}
