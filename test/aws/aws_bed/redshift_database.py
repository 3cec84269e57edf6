"""The PostgreSQL databases behind the warehouse: made on first use, with Redshift's functions and views."""

import threading

import psycopg
from psycopg import sql

#: Functions of Redshift that PostgreSQL lacks, and views that loads read. `bed` comes last in the search path.
_SETUP = r"""
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
CREATE TABLE IF NOT EXISTS bed.load_errors (query_id bigint, file_name text, column_name text, column_type text,
  error_code integer, error_message text, start_time timestamp DEFAULT now());
CREATE TABLE IF NOT EXISTS bed.faults (kind text NOT NULL, pattern text NOT NULL, remaining integer NOT NULL);
CREATE OR REPLACE VIEW bed.sys_load_error_detail AS SELECT 100 AS user_id, query_id, 0::bigint AS transaction_id,
  0 AS session_id, current_database() AS database_name, 0 AS table_id, start_time, file_name, 0::bigint AS line_number,
  column_name, column_type, ''::text AS column_length, 0 AS position, error_code, error_message FROM bed.load_errors;
CREATE OR REPLACE VIEW bed.stl_load_errors AS SELECT 100 AS userid, 0 AS slice, 0 AS tbl, start_time AS starttime,
  0 AS session, query_id AS query, file_name AS filename, 0::bigint AS line_number, column_name AS colname,
  column_type AS type, ''::text AS col_length, 0 AS position, ''::text AS raw_line, ''::text AS raw_field_value,
  error_code AS err_code, error_message AS err_reason FROM bed.load_errors;
CREATE OR REPLACE VIEW bed.svv_tables AS SELECT table_catalog, table_schema, table_name, table_type, ''::text AS remarks
  FROM information_schema.tables WHERE table_schema <> 'bed';
CREATE OR REPLACE VIEW bed.svv_columns AS SELECT * FROM information_schema.columns WHERE table_schema <> 'bed';
CREATE OR REPLACE VIEW bed.svv_table_info AS SELECT current_database() AS database, n.nspname AS schema,
  c.oid AS table_id, c.relname AS "table", 'AUTO(ALL)'::text AS diststyle, 'AUTO(SORTKEY)'::text AS sortkey1,
  1::bigint AS size, greatest(c.reltuples, 0)::numeric AS tbl_rows, 0::numeric AS unsorted, 0::numeric AS stats_off
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('bed', 'pg_catalog', 'information_schema');
"""


class Databases:
    """The databases of one PostgreSQL server."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._ready: set[str] = set()
        self._widths: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def connect(self, database: str, *, autocommit: bool = False) -> psycopg.Connection:
        """Open a session of the database, which is made when it is not there yet."""
        with self._lock:
            if database not in self._ready:
                self._create(database)
                self._ready.add(database)
        return self._open(database, autocommit=autocommit)

    def ensure_widths(self, database: str, widths: set[int]) -> None:
        """Make the domains of VARCHARs that count bytes, apart from any transaction of the statements'."""
        with self._lock:
            missing = {width for width in widths if (database, width) not in self._widths}
            if not missing:
                return
            with self._open(database, autocommit=True) as connection:
                for width in missing:
                    if connection.execute("SELECT to_regtype(%s)", [f"bed.varchar_{width}"]).fetchone()[0] is None:
                        connection.execute(
                            f"CREATE DOMAIN bed.varchar_{width} AS varchar({width})"
                            f" CONSTRAINT too_long_{width} CHECK (octet_length(value) <= {width})"
                        )
                    self._widths.add((database, width))

    def take_fault(self, database: str, kind: str, text: str) -> bool:
        """Say whether a fault of this kind was ordered in bed.faults for a text like this, and count it."""
        with self.connect(database, autocommit=True) as connection:
            row = connection.execute(
                "UPDATE bed.faults SET remaining = remaining - 1 WHERE ctid = (SELECT ctid FROM bed.faults"
                " WHERE kind = %s AND remaining > 0 AND %s LIKE pattern LIMIT 1) RETURNING kind",
                [kind, text],
            ).fetchone()
        return row is not None

    def _create(self, database: str) -> None:
        with self._open("postgres", autocommit=True) as server:
            known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if not known:
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            path = sql.SQL('ALTER DATABASE {} SET search_path = "$user", public, bed')
            server.execute(path.format(sql.Identifier(database)))
        with self._open(database, autocommit=True) as connection:
            connection.execute("SET standard_conforming_strings = on")
            connection.execute(_SETUP)

    def _open(self, database: str, *, autocommit: bool) -> psycopg.Connection:
        # As in Redshift: a backslash in a literal is an escape, and transactions are serializable.
        options = "-c standard_conforming_strings=off -c escape_string_warning=off -c timezone=UTC"
        if not autocommit:
            options += " -c default_transaction_isolation=serializable"
        return psycopg.connect(
            self._uri, dbname=database, autocommit=autocommit, options=options, prepare_threshold=None
        )
