"""Redshift's views of tables and columns, as far as PostgreSQL's catalogue and bed.layout can tell them."""

#: The layout is kept apart, by the table's oid: PostgreSQL has no distribution and no sort keys.
VIEWS = r"""
CREATE TABLE IF NOT EXISTS bed.faults (kind text NOT NULL, pattern text NOT NULL, remaining integer NOT NULL);
CREATE TABLE IF NOT EXISTS bed.layout (relation oid PRIMARY KEY, diststyle text NOT NULL DEFAULT 'AUTO', distkey text,
  sortkeys text[] NOT NULL DEFAULT '{}', is_interleaved boolean NOT NULL DEFAULT false,
  is_auto_sorted boolean NOT NULL DEFAULT true, encodings jsonb NOT NULL DEFAULT '{}');
CREATE OR REPLACE VIEW bed.columns AS SELECT a.attrelid AS relation, n.nspname AS schema_name, c.relname AS table_name,
  c.relkind, a.attname AS column_name, a.attnum, a.attnotnull AS is_required,
  pg_get_expr(d.adbin, d.adrelid) AS default_value,
  format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END,
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END) AS type_name,
  coalesce(b.typname, t.typname) AS base_type,
  col_description(a.attrelid, a.attnum) AS remarks
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')
  AND n.nspname NOT IN ('bed', 'pg_catalog', 'information_schema', 'pg_toast');
CREATE OR REPLACE VIEW bed.svv_tables AS SELECT table_catalog, table_schema, table_name, table_type,
  obj_description(to_regclass(quote_ident(table_schema) || '.' || quote_ident(table_name)), 'pg_class') AS remarks
  FROM information_schema.tables WHERE table_schema <> 'bed';
CREATE OR REPLACE VIEW bed.svv_columns AS SELECT CAST(current_database() AS text) AS table_catalog,
  CAST(schema_name AS text) AS table_schema, CAST(table_name AS text) AS table_name,
  CAST(column_name AS text) AS column_name, CAST(attnum AS integer) AS ordinal_position,
  default_value AS column_default, CASE WHEN is_required THEN 'NO' ELSE 'YES' END AS is_nullable,
  regexp_replace(type_name, '\(.*\)', '') AS data_type,
  CAST(substring(CASE WHEN base_type IN ('varchar', 'bpchar') THEN type_name END from '\((\d+)\)') AS integer)
    AS character_maximum_length,
  CAST(CASE base_type WHEN 'int2' THEN '16' WHEN 'int4' THEN '32' WHEN 'int8' THEN '64' WHEN 'float4' THEN '24'
    WHEN 'float8' THEN '53' WHEN 'numeric' THEN substring(type_name from '\((\d+),') END AS integer)
    AS numeric_precision,
  CAST(CASE base_type WHEN 'int2' THEN '0' WHEN 'int4' THEN '0' WHEN 'int8' THEN '0'
    WHEN 'numeric' THEN substring(type_name from ',(\d+)\)') END AS integer) AS numeric_scale,
  remarks FROM bed.columns;
CREATE OR REPLACE VIEW bed.pg_table_def AS SELECT c.schema_name AS schemaname, c.table_name AS tablename,
  c.column_name AS "column", c.type_name AS type,
  coalesce(l.encodings ->> CAST(c.column_name AS text), CASE
    WHEN c.column_name = ANY (l.sortkeys) THEN 'none'
    WHEN c.base_type IN ('varchar', 'bpchar', 'text') THEN 'lzo'
    WHEN c.base_type IN ('bool', 'float4', 'float8') THEN 'none' ELSE 'az64' END) AS encoding,
  coalesce(c.column_name = l.distkey, false) AS distkey,
  coalesce(array_position(l.sortkeys, CAST(c.column_name AS text))
    * CASE WHEN l.is_interleaved THEN power(-1, array_position(l.sortkeys, CAST(c.column_name AS text)) + 1) ELSE 1 END,
    0)::integer AS sortkey,
  c.is_required AS "notnull"
  FROM bed.columns c LEFT JOIN bed.layout l ON l.relation = c.relation
  WHERE c.relkind = 'r' AND c.schema_name = ANY (current_schemas(false)) ORDER BY c.table_name, c.attnum;
CREATE OR REPLACE VIEW bed.svv_table_info AS SELECT CAST(current_database() AS text) AS database,
  CAST(n.nspname AS text) AS schema, c.oid AS table_id, CAST(c.relname AS text) AS "table",
  CASE WHEN l.encodings IS NULL OR l.encodings = '{}' THEN 'Y, AUTO(ENCODE)' ELSE 'Y' END AS encoded,
  CASE coalesce(l.diststyle, 'AUTO') WHEN 'AUTO' THEN 'AUTO(ALL)' WHEN 'KEY' THEN 'KEY(' || l.distkey || ')'
    ELSE l.diststyle END AS diststyle,
  CASE WHEN l.is_interleaved THEN 'INTERLEAVED' WHEN cardinality(l.sortkeys) > 0 THEN l.sortkeys[1]
    WHEN coalesce(l.is_auto_sorted, true) THEN 'AUTO(SORTKEY)' END AS sortkey1,
  (SELECT CAST(max(character_maximum_length) AS integer) FROM bed.svv_columns v
    WHERE v.table_schema = n.nspname AND v.table_name = c.relname AND v.data_type = 'character varying') AS max_varchar,
  coalesce(cardinality(l.sortkeys), 0) AS sortkey_num, 1::bigint AS size, 0::numeric AS pct_used, 0::bigint AS empty,
  0::numeric AS unsorted, 0::numeric AS stats_off, f.found::numeric AS tbl_rows, 0::numeric AS skew_sortkey1,
  0::numeric AS skew_rows, f.found::numeric AS estimated_visible_rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN bed.layout l ON l.relation = c.oid
  CROSS JOIN LATERAL (SELECT bed.count_rows(c.oid) AS found) f
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('bed', 'pg_catalog', 'information_schema') AND f.found > 0;
"""
