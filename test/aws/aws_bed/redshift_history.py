"""Write down what was run and loaded, for Redshift's views of the past."""

import re
from datetime import UTC, datetime

from aws_bed.redshift_copy import Load
from aws_bed.redshift_copy_source import LoadError
from aws_bed.redshift_database import Databases
from aws_bed.redshift_statement import Statement, SubStatement

_TYPES = {"SELECT": "SELECT", "WITH": "SELECT", "INSERT": "INSERT", "UPDATE": "UPDATE", "DELETE": "DELETE"}
_TYPES |= {"MERGE": "MERGE", "COPY": "COPY", "CREATE": "DDL", "ALTER": "DDL", "DROP": "DDL", "TRUNCATE": "DDL"}
_TYPES |= {"GRANT": "DDL", "REVOKE": "DDL", "COMMENT": "DDL"}
_STATUS = {"FINISHED": "success", "FAILED": "failed", "ABORTED": "canceled"}


def keep_queries(databases: Databases, statement: Statement) -> None:
    """Write down the parts that were started."""
    started = [part for part in statement.parts if part.started]
    with databases.connect(statement.database, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bed.queries VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    part.query_id,
                    statement.name or "default",
                    statement.pid,
                    _type_of(part.sql),
                    _STATUS[part.status],
                    _timestamp(part.started),
                    _timestamp(part.updated),
                    part.error or "",
                    len(part.records),
                    part.sql,
                )
                for part in started
            ],
        )


def keep_load(databases: Databases, statement: Statement, part: SubStatement, load: Load, *, is_failed: bool) -> None:
    """Write down a COPY, in a session of its own: when it failed its transaction is gone."""
    with databases.connect(statement.database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO bed.loads VALUES (%s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', %s, %s, %s, %s, %s)",
            [
                part.query_id,
                statement.pid,
                "aborted" if is_failed else "completed",
                load.table.rsplit(".", 1)[-1].strip('"'),
                _timestamp(part.started),
                load.source,
                load.rows,
                load.files,
                load.bytes,
                int(is_failed),
            ],
        )


def keep_load_error(databases: Databases, statement: Statement, part: SubStatement, error: LoadError) -> None:
    """Write down why a file could not be loaded."""
    with databases.connect(statement.database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO bed.load_errors (query_id, session_id, table_id, file_name, line_number, column_name,"
            " column_type, column_length, error_code, error_message) VALUES (%s, %s,"
            " coalesce(CAST(CAST(to_regclass(%s) AS oid) AS integer), 0), %s, %s, %s, %s, %s, %s, %s)",
            [part.query_id, statement.pid, error.table, *error.row],
        )


def _type_of(text: str) -> str:
    word = re.match(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w*)", text, re.DOTALL).group(1).upper()
    if word == "CREATE" and re.search(r"\bAS\s*\(?\s*(SELECT|WITH)\b", text, re.IGNORECASE):
        return "CTAS" if re.search(r"\bTABLE\b", text, re.IGNORECASE) else "DDL"
    return _TYPES.get(word, "UTILITY")


def _timestamp(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
