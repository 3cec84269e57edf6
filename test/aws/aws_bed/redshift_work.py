"""Run one SQL text on PostgreSQL, by the plan that redshift_sql makes of it."""

import psycopg

from aws_bed.redshift_copy import Load, LoadError, run_copy
from aws_bed.redshift_copy_request import read_copy
from aws_bed.redshift_database import Databases
from aws_bed.redshift_gate import RedshiftError, check
from aws_bed.redshift_history import keep_load, keep_load_error
from aws_bed.redshift_layout import keep_layout
from aws_bed.redshift_sql import Plan, plan
from aws_bed.redshift_statement import Statement, SubStatement
from aws_bed.settings import Settings


class CancelledError(Exception):
    """The statement was cancelled between two steps of the bed's own."""


def run_part(
    statement: Statement, part: SubStatement, connection: psycopg.Connection, databases: Databases, settings: Settings
) -> None:
    """Run the text and keep its result in `part`; RedshiftError and psycopg's errors are its failures."""
    values = {parameter["name"]: parameter["value"] for parameter in statement.parameters}
    _check_cancel(statement)
    check(part.sql, set(values))
    planned = plan(part.sql, set(values))
    databases.ensure_widths(statement.database, planned.widths)
    in_batch = statement.is_batch and not statement.auto_commit
    if planned.kind in {"append", "outside"} and in_batch:
        raise RedshiftError(f"ERROR: {planned.command} cannot run inside a transaction block")
    if planned.kind == "copy":
        _copy(statement, part, connection, databases, settings)
    elif planned.kind == "append":
        _append(part, connection, planned)
    elif planned.kind == "truncate":
        # TRUNCATE ends the transaction that it is in: what came before it stays, come what may.
        connection.commit()
        _execute(part, connection, planned, values)
        connection.commit()
    elif planned.kind == "outside":
        connection.commit()
        connection.autocommit = True
        try:
            _execute(part, connection, planned, values)
        finally:
            connection.autocommit = False
    else:
        _run_plain(statement, part, connection, databases, planned, values)


def _check_cancel(statement: Statement) -> None:
    if statement.cancelled:
        raise CancelledError


def _run_plain(
    statement: Statement,
    part: SubStatement,
    connection: psycopg.Connection,
    databases: Databases,
    planned: Plan,
    values: dict[str, str],
) -> None:
    layout = planned.layout
    # CREATE TABLE IF NOT EXISTS leaves a table that is there, and its layout, as they are.
    is_kept = (
        layout is not None
        and layout.is_new
        and connection.execute("SELECT to_regclass(%s)", [layout.table]).fetchone()[0] is not None
    )
    if planned.kind != "nothing":
        _execute(part, connection, planned, values)
    if layout is not None and not is_kept:
        with databases.connect(statement.database, autocommit=True) as keeping:
            keep_layout(connection, keeping, layout)


def _copy(
    statement: Statement, part: SubStatement, connection: psycopg.Connection, databases: Databases, settings: Settings
) -> None:
    request = read_copy(part.sql, statement.endpoint)
    load = Load()
    try:
        run_copy(connection, request, settings, load, lambda: _check_cancel(statement))
    except (RedshiftError, psycopg.Error, CancelledError) as error:
        keep_load(databases, statement, part, load, is_failed=True)
        if isinstance(error, LoadError):
            error.table = load.table
            keep_load_error(databases, statement, part, error)
        raise
    keep_load(databases, statement, part, load, is_failed=False)
    part.rows = load.rows


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
