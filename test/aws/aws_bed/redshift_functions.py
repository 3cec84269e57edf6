"""Functions of Redshift that PostgreSQL lacks."""

#: `bed`, which comes last in the search path, holds what stands for Redshift's own.
FUNCTIONS = r"""
CREATE SCHEMA IF NOT EXISTS bed;
GRANT USAGE ON SCHEMA bed TO PUBLIC;
CREATE OR REPLACE FUNCTION bed.getdate() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT CAST(now() AS timestamp)';
CREATE OR REPLACE FUNCTION bed.len(text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT length($1)';
CREATE OR REPLACE FUNCTION bed.nvl(VARIADIC anycompatiblearray) RETURNS anycompatible LANGUAGE sql IMMUTABLE
  AS 'SELECT value FROM unnest($1) WITH ORDINALITY AS v (value, place) WHERE value IS NOT NULL ORDER BY place LIMIT 1';
CREATE OR REPLACE FUNCTION bed.round(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE
  AS 'SELECT CAST(pg_catalog.round(CAST($1 AS numeric), $2) AS double precision)';
CREATE OR REPLACE FUNCTION bed.dateadd(text, bigint, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS 'SELECT $3 + $2 * CAST(''1 '' || $1 AS interval)';
CREATE OR REPLACE FUNCTION bed.datediff(text, timestamp, timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT CAST(CASE lower($1)
    WHEN ''year'' THEN extract(year FROM $3) - extract(year FROM $2)
    WHEN ''month'' THEN 12 * (extract(year FROM $3) - extract(year FROM $2))
      + extract(month FROM $3) - extract(month FROM $2)
    ELSE extract(epoch FROM date_trunc($1, $3) - date_trunc($1, $2))
      / extract(epoch FROM CAST(''1 '' || $1 AS interval)) END AS bigint)';
CREATE OR REPLACE FUNCTION bed.median_of(double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE
  AS 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) FROM unnest($1) AS v (value)';
CREATE OR REPLACE AGGREGATE bed.median(double precision)
  (SFUNC = array_append, STYPE = double precision[], INITCOND = '{}', FINALFUNC = bed.median_of);
CREATE OR REPLACE FUNCTION bed.sha2(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS
  'SELECT CASE $2 WHEN 224 THEN encode(sha224(convert_to($1, ''UTF8'')), ''hex'')
    WHEN 384 THEN encode(sha384(convert_to($1, ''UTF8'')), ''hex'')
    WHEN 512 THEN encode(sha512(convert_to($1, ''UTF8'')), ''hex'')
    WHEN 0 THEN encode(sha256(convert_to($1, ''UTF8'')), ''hex'')
    WHEN 256 THEN encode(sha256(convert_to($1, ''UTF8'')), ''hex'') ELSE '''' END';
CREATE OR REPLACE FUNCTION bed.count_rows(regclass) RETURNS bigint LANGUAGE plpgsql STABLE AS
  'DECLARE found bigint; BEGIN EXECUTE ''SELECT count(*) FROM '' || $1 INTO found; RETURN found; END';
"""
