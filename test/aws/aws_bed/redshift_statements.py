"""The threads that run the Data API's statements on PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from aws_bed.redshift_database import Databases
from aws_bed.redshift_gate import RedshiftError
from aws_bed.redshift_history import keep_queries
from aws_bed.redshift_statement import Statement, SubStatement
from aws_bed.redshift_work import CancelledError, run_part
from aws_bed.settings import Settings

_CONFLICT = (
    "ERROR: 1023\n  Detail: Serializable isolation violation on table - {table}, transactions forming the cycle are:"
    " {first}, {second} (pid:{pid})"
)


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
            self._end(statement)

    def _end(self, statement: Statement) -> None:
        """Write the statement down and let its session go, before anybody may see that it has ended."""
        try:
            keep_queries(self.databases, statement)
        finally:
            if statement.session is not None:
                statement.session.end()
            statement.done.set()

    def _run_group(self, statement: Statement, group: list[SubStatement]) -> str | None:
        """Run the parts as one transaction; give the text of the failure, which undid them all."""
        part = group[0]
        number = statement.parts.index(part) + 1
        try:
            with self._connection(statement) as connection:
                statement.connection = connection
                statement.pid = connection.info.backend_pid
                for part in group:
                    number = statement.parts.index(part) + 1
                    if part is not statement:
                        part.move("STARTED")
                    run_part(statement, part, connection, self.databases, self._settings)
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
            return f"Query #{number} failed with {text}"
        finally:
            statement.connection = None

    @contextmanager
    def _connection(self, statement: Statement) -> Iterator[psycopg.Connection]:
        """Give the session's connection, or one for this statement alone."""
        if statement.session is None:
            with self.databases.connect(statement.database) as connection:
                yield connection
            return
        connection = statement.session.connect(self.databases)
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise

    @staticmethod
    def _stop(parts: list[SubStatement], status: str, error: str | None) -> None:
        for part in parts:
            part.move(status, error)

    def _has_conflict(self, statement: Statement) -> bool:
        if "bed-conflict" in (statement.name or ""):
            return True
        text = "\n".join([statement.name or "", *(part.sql for part in statement.parts)])
        return self.databases.take_fault(statement.database, "conflict", text)


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
