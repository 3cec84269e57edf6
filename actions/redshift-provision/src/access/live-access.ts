import { readSchema } from '../../../shared/src/warehouse/live-columns.ts';
import type { TableTarget } from '../table/table-target.ts';
import type { Right } from './rights.ts';

/** A policy on rows that is attached to somebody. */
export interface LivePolicy {
  readonly name: string;
  readonly relation: string;
  readonly granteeKind: 'role' | 'user' | 'public';
  readonly grantee: string;
  readonly isOn: boolean;
}

/** Who may do what, as the catalogue tells it of the database. */
export interface LiveAccess {
  /** The schema in which the table is. */
  readonly schema: string;
  /** The columns of the schema's relations, by the relation's name. */
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly roles: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  /** The rights of all roles, in every schema. */
  readonly rights: readonly Right[];
  /** The relations of the schema that everybody has a privilege on, and which. */
  readonly publicRights: readonly { readonly relation: string; readonly privilege: string }[];
  /** The privileges that roles get on what is made later: of each role, where and which. */
  readonly futureRights: readonly {
    readonly role: string;
    readonly schema: string;
    readonly privilege: string;
  }[];
  /** The policies of the schema's relations. */
  readonly policies: readonly LivePolicy[];
}

/**
 * Reads from Redshift's views who may do what (developer guide, SVV_ROLES, SVV_USER_GRANTS,
 * SVV_ROLE_GRANTS, SVV_SCHEMA_PRIVILEGES, SVV_RELATION_PRIVILEGES, SVV_COLUMN_PRIVILEGES,
 * SVV_DEFAULT_PRIVILEGES, SVV_RLS_ATTACHED_POLICY). They show all of it to superusers and to users with
 * ACCESS SYSTEM TABLE only.
 */
export async function readLiveAccess(target: TableTarget): Promise<LiveAccess> {
  const schema = await readSchema(target);
  const rowsOf = async (sql: string, parameters: Readonly<Record<string, string>> = {}) =>
    (await target.query({ sql, parameters })).rows.map((row) => row.map((value) => String(value)));

  const columns = await rowsOf(
    'SELECT table_name, column_name FROM svv_columns WHERE table_schema = :schema',
    { schema },
  );
  const relations = new Map<string, Set<string>>();
  for (const [relation = '', column = ''] of columns) {
    const known = relations.get(relation) ?? new Set();
    relations.set(relation, known.add(column));
  }
  const roles = await rowsOf('SELECT role_name FROM svv_roles');
  const users = await rowsOf('SELECT user_name FROM svv_user_info');
  const members = await rowsOf('SELECT role_name, user_name FROM svv_user_grants');
  const inherited = await rowsOf('SELECT role_name, granted_role_name FROM svv_role_grants');
  const schemas = await rowsOf(
    `SELECT identity_name, namespace_name, privilege_type
FROM svv_schema_privileges
WHERE identity_type = 'role'`,
  );
  const privileges = await rowsOf(
    `SELECT identity_type, identity_name, namespace_name, relation_name, privilege_type
FROM svv_relation_privileges
WHERE identity_type IN ('role', 'public')`,
  );
  const onColumns = await rowsOf(
    `SELECT identity_name, namespace_name, relation_name, column_name, privilege_type
FROM svv_column_privileges
WHERE identity_type = 'role'`,
  );
  const future = await rowsOf(
    `SELECT grantee_name, schema_name, privilege_type
FROM svv_default_privileges
WHERE grantee_type = 'role'`,
  );
  const policies = await rowsOf(
    `SELECT polname, relname, granteekind, grantee, is_rls_on
FROM svv_rls_attached_policy
WHERE relschema = :schema`,
    { schema },
  );

  return {
    schema,
    relations,
    roles: new Set(roles.flat()),
    users: new Set(users.flat()),
    rights: [
      ...members.map(([role = '', user = '']): Right => ({ kind: 'member', role, user })),
      ...inherited.map(([role = '', other = '']): Right => ({ kind: 'inherits', role, inherited: other })),
      ...schemas.map(
        ([role = '', space = '', privilege = '']): Right => ({
          kind: 'schema',
          role,
          schema: space,
          privilege,
        }),
      ),
      ...privileges
        .filter(([type]) => type === 'role')
        .map(
          ([, role = '', space = '', relation = '', privilege = '']): Right => ({
            kind: 'relation',
            role,
            schema: space,
            relation,
            privilege,
          }),
        ),
      ...onColumns.map(
        ([role = '', space = '', relation = '', column = '', privilege = '']): Right => ({
          kind: 'column',
          role,
          schema: space,
          relation,
          column,
          privilege,
        }),
      ),
    ],
    publicRights: privileges
      .filter(([type, , space]) => type === 'public' && space === schema)
      .map(([, , , relation = '', privilege = '']) => ({ relation, privilege })),
    futureRights: future.map(([role = '', space = '', privilege = '']) => ({
      role,
      schema: space,
      privilege,
    })),
    policies: policies.map(([name = '', relation = '', kind, grantee = '', isOn]) => ({
      name,
      relation,
      granteeKind: kind === 'role' || kind === 'user' ? kind : 'public',
      grantee,
      isOn: isOn === 'true',
    })),
  };
}
