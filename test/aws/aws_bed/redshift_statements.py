"""The threads that run the Data API's statements on PostgreSQL."""

import threading
from collections.abc import Callable

import psycopg

from aws_bed.redshift_copy import LoadError, run_copy
from aws_bed.redshift_database import Databases
from aws_bed.redshift_gate import RedshiftError, check
from aws_bed.redshift_sql import Plan, plan
from aws_bed.redshift_statement import Statement, SubStatement
from aws_bed.settings import Settings

_CONFLICT = (
    "ERROR: 1023\n  Detail: Serializable isolation violation on table - {table}, transactions forming the cycle are:"
    " {first}, {second} (pid:{pid})"
)


class CancelledError(Exception):
    """The statement was cancelled between two steps of the bed's own."""


class Runner:
    """Runs statements, each in a thread and a database session of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.databases = Databases(settings.postgres_uri)

    def start(self, statement: Statement) -> None:
        """Begin to run the statement."""
        threading.Thread(target=self._run, args=[statement], daemon=True).start()

    def _run(self, statement: Statement) -> None:
        try:
            statement.move("PICKED")
            # A single statement commits by itself, as each one of an AUTO_COMMIT batch.
            groups = [[part] for part in statement.parts] if statement.auto_commit else [statement.parts]
            statement.move("STARTED")
            failures = [failure for group in groups if (failure := self._run_group(statement, group))]
            if statement.cancelled and failures:
                statement.move("ABORTED", "Query was cancelled on user's request.")
            elif failures and statement.is_batch:
                statement.move("FAILED", failures[0])
            elif not failures and statement.is_batch:
                last = statement.parts[-1]
                statement.rows = last.rows
                statement.move("FINISHED")
        except Exception as error:  # noqa: BLE001 - a thread's error would be lost
            statement.move("FAILED", f"ERROR: internal error of the bed: {error!r}")
        finally:
            statement.done.set()

    def _run_group(self, statement: Statement, group: list[SubStatement]) -> str | None:
        """Run the parts as one transaction; give the text of the failure, which undid them all."""
        part = group[0]
        number = statement.parts.index(part) + 1
        try:
            with self.databases.connect(statement.database) as connection:
                statement.connection = connection
                statement.pid = connection.info.backend_pid
                for part in group:
                    number = statement.parts.index(part) + 1
                    self._run_part(statement, part, connection)
                    if part is not statement:
                        part.move("FINISHED")
                if self._has_conflict(statement):
                    raise RedshiftError(_conflict(statement.pid))
                connection.commit()
            if not statement.is_batch:
                statement.move("FINISHED")
            return None
        except (psycopg.errors.QueryCanceled, CancelledError):
            self._stop(group, "ABORTED", "Query was cancelled on user's request.")
            return "cancelled"
        except (psycopg.Error, RedshiftError) as error:
            text = _message(error, statement.pid)
            part.move("FAILED", text)
            self._stop([other for other in group if other.status == "SUBMITTED"], "ABORTED", None)
            if isinstance(error, LoadError):
                self._keep_load_error(statement, part, error)
            return f"Query #{number} failed with {text}"
        finally:
            statement.connection = None

    @staticmethod
    def _stop(parts: list[SubStatement], status: str, error: str | None) -> None:
        for part in parts:
            part.move(status, error)

    def _run_part(self, statement: Statement, part: SubStatement, connection: psycopg.Connection) -> None:
        if part is not statement:
            part.move("STARTED")
        values = {parameter["name"]: parameter["value"] for parameter in statement.parameters}

        def check_cancel() -> None:
            if statement.cancelled:
                raise CancelledError

        check_cancel()
        check(part.sql, set(values))
        planned = plan(part.sql, set(values))
        self.databases.ensure_widths(statement.database, planned.widths)
        if planned.kind == "copy":
            part.rows = run_copy(connection, part.sql, self._settings, check_cancel)
            return
        if planned.kind == "nothing":
            return
        in_batch = statement.is_batch and not statement.auto_commit
        run: Callable[[], None] = lambda: _execute(part, connection, planned, values)  # noqa: E731
        if planned.kind in {"append", "outside"} and in_batch:
            command = "ALTER TABLE APPEND" if planned.kind == "append" else planned.sql.split()[0].upper()
            raise RedshiftError(f"ERROR: {command} cannot run inside a transaction block")
        if planned.kind == "append":
            _append(part, connection, planned)
        elif planned.kind == "truncate":
            # TRUNCATE ends the transaction that it is in: what came before it stays, come what may.
            connection.commit()
            run()
            connection.commit()
        elif planned.kind == "outside":
            connection.commit()
            connection.autocommit = True
            run()
            connection.autocommit = False
        else:
            run()

    def _has_conflict(self, statement: Statement) -> bool:
        if "bed-conflict" in (statement.name or ""):
            return True
        text = "\n".join([statement.name or "", *(part.sql for part in statement.parts)])
        return self.databases.take_fault(statement.database, "conflict", text)

    def _keep_load_error(self, statement: Statement, part: SubStatement, error: LoadError) -> None:
        # In a session of its own: the load's transaction is gone, its reasons must stay.
        with self.databases.connect(statement.database, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO bed.load_errors (query_id, file_name, column_name, column_type, error_code, error_message)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [part.query_id, *error.row],
            )


def _execute(part: SubStatement, connection: psycopg.Connection, planned: Plan, values: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(planned.sql, values or None)
        part.rows = cursor.rowcount
        if cursor.description is not None:
            part.columns = list(cursor.description)
            part.records = cursor.fetchall()


def _append(part: SubStatement, connection: psycopg.Connection, planned: Plan) -> None:
    """Move all rows of the source; both tables need the same columns, whatever their order."""
    columns = (
        "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attname"
    )
    target, source = (connection.execute(columns, [table]).fetchall() for table in planned.tables)
    if target != source:
        raise RedshiftError("ERROR: Column attributes mismatch between the source and the target table")
    names = ", ".join('"' + name.replace('"', '""') + '"' for name, _ in target)
    into, source_table = planned.tables
    moved = connection.execute(f"INSERT INTO {into} ({names}) SELECT {names} FROM {source_table}")
    part.rows = moved.rowcount
    connection.execute(f"DELETE FROM {source_table}")


def _conflict(pid: int) -> str:
    return _CONFLICT.format(table=109821, first=7001, second=7002, pid=pid)


def _message(error: Exception, pid: int) -> str:
    if isinstance(error, psycopg.errors.SerializationFailure):
        return _conflict(pid)
    if isinstance(error, psycopg.Error):
        if isinstance(error, psycopg.errors.CheckViolation) and (error.diag.constraint_name or "").startswith(
            "too_long_"
        ):
            return f"ERROR: value too long for type character varying({error.diag.constraint_name[len('too_long_') :]})"
        detail = f"\n  Detail: {error.diag.message_detail}" if error.diag.message_detail else ""
        return f"ERROR: {error.diag.message_primary or error}{detail}"
    return str(error)
