"""Redshift's views of users, groups, roles and grants; PostgreSQL has roles only, a comment tells of which kind."""

ACCESS_VIEWS = r"""
CREATE OR REPLACE VIEW bed.identities AS SELECT CAST(r.oid AS integer) AS id, CAST(r.rolname AS text) AS name,
  coalesce(shobj_description(r.oid, 'pg_authid'), 'user') AS kind, r.rolsuper, r.rolcreatedb, r.rolconnlimit
  FROM pg_roles r WHERE r.rolname !~ '^pg_' UNION ALL SELECT 0, 'public', 'public', false, false, -1;
CREATE OR REPLACE VIEW bed.svv_user_info AS SELECT name AS user_name, id AS user_id, rolcreatedb AS createdb,
  rolsuper AS superuser, false AS catalog_update,
  CASE WHEN rolconnlimit < 0 THEN 'UNLIMITED' ELSE CAST(rolconnlimit AS text) END AS connection_limit
  FROM bed.identities WHERE kind = 'user';
CREATE OR REPLACE VIEW bed.svv_roles AS SELECT id AS role_id, name AS role_name,
  CAST(current_user AS text) AS role_owner, CAST(NULL AS text) AS external_id FROM bed.identities WHERE kind = 'role';
CREATE OR REPLACE VIEW bed.svv_role_grants AS SELECT m.id AS role_id, m.name AS role_name, g.id AS granted_role_id,
  g.name AS granted_role_name FROM pg_auth_members a JOIN bed.identities m ON m.id = a.member::integer
  JOIN bed.identities g ON g.id = a.roleid::integer WHERE m.kind = 'role' AND g.kind = 'role';
CREATE OR REPLACE VIEW bed.svv_user_grants AS SELECT m.id AS user_id, m.name AS user_name, g.id AS role_id,
  g.name AS role_name, a.admin_option FROM pg_auth_members a JOIN bed.identities m ON m.id = a.member::integer
  JOIN bed.identities g ON g.id = a.roleid::integer WHERE m.kind = 'user' AND g.kind = 'role';
CREATE OR REPLACE VIEW bed.svv_relation_privileges AS SELECT CAST(n.nspname AS text) AS namespace_name,
  CAST(c.relname AS text) AS relation_name, x.privilege_type, i.id AS identity_id, i.name AS identity_name,
  i.kind AS identity_type, x.is_grantable AS admin_option
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) x
  JOIN bed.identities i ON i.id = x.grantee::integer
  WHERE c.relkind IN ('r', 'v') AND x.grantee <> c.relowner
  AND n.nspname NOT IN ('bed', 'pg_catalog', 'information_schema')
  AND x.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'TRUNCATE');
CREATE OR REPLACE VIEW bed.svv_column_privileges AS SELECT CAST(n.nspname AS text) AS namespace_name,
  CAST(c.relname AS text) AS relation_name, CAST(a.attname AS text) AS column_name, x.privilege_type,
  i.id AS identity_id, i.name AS identity_name, i.kind AS identity_type, x.is_grantable AS admin_option
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(a.attacl) x JOIN bed.identities i ON i.id = x.grantee::integer
  WHERE n.nspname NOT IN ('bed', 'pg_catalog', 'information_schema') AND x.grantee <> c.relowner;
CREATE OR REPLACE VIEW bed.svv_schema_privileges AS SELECT CAST(n.nspname AS text) AS namespace_name, x.privilege_type,
  i.id AS identity_id, i.name AS identity_name, i.kind AS identity_type, x.is_grantable AS admin_option
  FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x JOIN bed.identities i ON i.id = x.grantee::integer
  WHERE n.nspname <> 'bed' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND x.grantee <> n.nspowner;
CREATE OR REPLACE VIEW bed.svv_default_privileges AS SELECT CAST(n.nspname AS text) AS schema_name,
  CASE d.defaclobjtype WHEN 'r' THEN 'RELATION' WHEN 'f' THEN 'FUNCTION' END AS object_type, o.id AS owner_id,
  o.name AS owner_name, o.kind AS owner_type, x.privilege_type, i.id AS grantee_id, i.name AS grantee_name,
  i.kind AS grantee_type, x.is_grantable AS admin_option FROM pg_default_acl d
  LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN LATERAL aclexplode(d.defaclacl) x
  JOIN bed.identities i ON i.id = x.grantee::integer JOIN bed.identities o ON o.id = d.defaclrole::integer
  WHERE x.grantee <> d.defaclrole;
CREATE OR REPLACE VIEW bed.svv_rls_policy AS SELECT CAST(NULL AS text) AS poldb, CAST(NULL AS text) AS polname,
  CAST(NULL AS text) AS polalias, CAST(NULL AS text) AS polatts, CAST(NULL AS text) AS polqual, true AS polenabled,
  CAST(NULL AS text) AS polmodifiedby, CAST(NULL AS timestamp) AS polmodifiedtime WHERE false;
CREATE OR REPLACE VIEW bed.svv_rls_attached_policy AS SELECT CAST(NULL AS text) AS relschema,
  CAST(NULL AS text) AS relname, CAST(NULL AS text) AS relkind, CAST(NULL AS text) AS polname,
  CAST(NULL AS text) AS grantor, CAST(NULL AS text) AS grantee, CAST(NULL AS text) AS granteekind,
  true AS is_pol_on, true AS is_rls_on, CAST(NULL AS text) AS rls_conjunction_type WHERE false;
GRANT SELECT ON ALL TABLES IN SCHEMA bed TO PUBLIC;
"""
