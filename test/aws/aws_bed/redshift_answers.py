"""How redshift-data shows statements, columns and values."""

import csv
import io
from decimal import Decimal

from aws_bed.redshift_session import Session
from aws_bed.redshift_statement import Statement, SubStatement

_SQL_TYPES = {16: "bool", 20: "int8", 21: "int2", 23: "int4", 700: "float4", 701: "float8", 25: "varchar"}
_SQL_TYPES |= {1042: "bpchar", 1043: "varchar", 1082: "date", 1114: "timestamp", 1184: "timestamptz", 1700: "numeric"}


def drop_empty(members: dict) -> dict:
    """Leave out the members that have no value."""
    return {name: value for name, value in members.items() if value is not None}


def outcome_of(part: SubStatement) -> dict:
    """Tell a statement as DescribeStatement does."""
    shown = {
        "Id": part.id,
        "Status": part.status,
        "CreatedAt": part.created,
        "UpdatedAt": part.updated,
        "Duration": part.duration(),
        "HasResultSet": part.columns is not None,
        "QueryString": part.sql or None,
        "ResultRows": part.rows,
        "ResultSize": sum(len(str(value)) for row in part.records for value in row),
        "RedshiftQueryId": part.query_id if part.started else -1,
        "Error": part.error,
    }
    return drop_empty(shown)


def summary_of(statement: Statement) -> dict:
    """Tell a statement as ListStatements does."""
    shown = {
        "Id": statement.id,
        "Status": statement.status,
        "StatementName": statement.name,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "IsBatchStatement": statement.is_batch,
        "QueryParameters": statement.parameters or None,
        "ResultFormat": statement.result_format,
        **session_id_of(statement),
        "QueryString": None if statement.is_batch else statement.sql,
        "QueryStrings": [part.sql for part in statement.parts] if statement.is_batch else None,
    }
    return drop_empty(shown)


def session_id_of(statement: Statement) -> dict:
    """Tell the statement's session, if it has one."""
    return {"SessionId": statement.session.id} if statement.session else {}


def session_of(session: Session) -> dict:
    """Tell a session as ListSessions does."""
    status = session.status()
    shown = {
        "SessionId": session.id,
        "Status": status,
        "CreatedAt": session.created,
        "UpdatedAt": session.updated,
        "SessionAliveSeconds": session.keep_alive,
        "SessionTtl": session.updated + session.keep_alive if status == "AVAILABLE" else None,
        "CurrentStatementId": session.current,
        **{name: session.origin[name] for name in ("Database", "DbUser", "ClusterIdentifier", "WorkgroupName")},
    }
    return drop_empty(shown)


def csv_of(columns: list, records: list[tuple]) -> str:
    """Give the rows as CSV under the columns' names; a null is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in records:
        writer.writerow(["" if value is None else next(iter(field_of(value).values())) for value in row])
    return text.getvalue()


def field_of(value: object) -> dict:
    """Give the value as one of the typed fields; numbers with a scale are text."""
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": format(value, "f") if isinstance(value, Decimal) else str(value)}


def column_of(column: object) -> dict:
    """Describe a column of a result."""
    return {
        "name": column.name,
        "label": column.name,
        "typeName": _SQL_TYPES.get(column.type_code, "varchar"),
        "length": column.display_size or 0,
        "precision": column.precision or column.display_size or 0,
        "scale": column.scale or 0,
        "nullable": 1,
        "isSigned": column.type_code in {20, 21, 23, 700, 701, 1700},
        "isCurrency": False,
        "isCaseSensitive": column.type_code in {25, 1042, 1043},
    }
