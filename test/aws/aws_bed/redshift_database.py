"""The PostgreSQL databases behind the warehouse: made on first use, with Redshift's functions and views."""

import threading

import psycopg
from psycopg import sql

from aws_bed.redshift_access_views import ACCESS_VIEWS
from aws_bed.redshift_functions import FUNCTIONS
from aws_bed.redshift_history_views import HISTORY_VIEWS
from aws_bed.redshift_views import VIEWS


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
            for part in (FUNCTIONS, VIEWS, HISTORY_VIEWS, ACCESS_VIEWS):
                connection.execute(part)

    def _open(self, database: str, *, autocommit: bool) -> psycopg.Connection:
        # As in Redshift: a backslash in a literal is an escape, and a transaction sees one snapshot: SNAPSHOT is
        # the default isolation of clusters and workgroups (developer guide, c_serial_isolation).
        options = "-c standard_conforming_strings=off -c escape_string_warning=off -c timezone=UTC"
        if not autocommit:
            options += " -c default_transaction_isolation=repeatable\\ read"
        return psycopg.connect(
            self._uri, dbname=database, autocommit=autocommit, options=options, prepare_threshold=None
        )
