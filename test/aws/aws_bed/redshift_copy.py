"""COPY ... FORMAT AS PARQUET: DuckDB reads the files from S3, PostgreSQL's COPY takes the rows."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import duckdb_extension_httpfs
import psycopg
from psycopg import sql

from aws_bed.redshift_copy_request import Request
from aws_bed.redshift_copy_source import LoadError, find_files
from aws_bed.redshift_gate import RedshiftError
from aws_bed.settings import Settings

#: What the file must hold, physically, for a column of PostgreSQL's base type.
_PHYSICAL = {"int2": "INT32", "int4": "INT32", "int8": "INT64", "float4": "FLOAT", "float8": "DOUBLE"}
_PHYSICAL |= {"bool": "BOOLEAN", "varchar": "BYTE_ARRAY", "bpchar": "BYTE_ARRAY"}
_FILE_TYPES = {"INT32": "int32", "INT64": "int64", "FLOAT": "float", "DOUBLE": "double", "BOOLEAN": "boolean"}


@dataclass
class _Column:
    name: str
    type: str
    width: int


@dataclass
class Load:
    """How far a COPY came; for the views of loads, also when it failed."""

    table: str = ""
    source: str = ""
    rows: int = 0
    files: int = 0
    bytes: int = 0
    #: Each file that was sent, with its number of rows.
    sent: list[tuple[str, int]] = field(default_factory=list)


def run_copy(
    connection: psycopg.Connection, request: Request, settings: Settings, load: Load, check: Callable[[], None]
) -> None:
    """Load the files inside the connection's transaction and tell it in `load`; `check` may raise in between."""
    load.table, load.source = request.table, request.source
    columns = _columns(connection, request)
    files = find_files(request.source, settings, is_manifest="manifest" in request.options)
    load.files, load.bytes = len(files), sum(size for _, size in files)
    with duckdb.connect() as reader:
        _connect_to_s3(reader, settings)
        for file, _ in files:
            check()
            _compare(reader, file, columns, request)
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.SQL(request.table), names)
        try:
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for file, _ in files:
                    rows = reader.execute("SELECT * FROM read_parquet(?, hive_partitioning = false)", [file])
                    load.sent.append((file, 0))
                    while batch := rows.fetchmany(5000):
                        check()
                        load.sent[-1] = (file, load.sent[-1][1] + len(batch))
                        for row in batch:
                            copy.write_row(row + (None,) * (len(columns) - len(row)))
        except psycopg.errors.NotNullViolation as error:
            raise _missing_value(error, load, columns) from error
    load.rows = sum(rows for _, rows in load.sent)


def _missing_value(error: psycopg.errors.NotNullViolation, load: Load, columns: list[_Column]) -> LoadError:
    """Tell in which file's which row a null stood where none may; error 1213 of the load error reference."""
    name = error.diag.column_name or ""
    column = next((column for column in columns if column.name == name), None)
    line = int((re.search(r"line (\d+)", error.diag.context or "") or [0, 0])[1])
    place = 0
    while place < len(load.sent) - 1 and line > load.sent[place][1]:
        line -= load.sent[place][1]
        place += 1
    file = load.sent[place][0]
    column_type = _redshift_type(column) if column else ""
    missing = LoadError(1213, "Missing data for not-null field", file, name, column_type, line)
    missing.args = (f"ERROR: {error.diag.message_primary}",)
    return missing


def _columns(connection: psycopg.Connection, request: Request) -> list[_Column]:
    rows = connection.execute(
        "SELECT a.attname, b.typname, CASE WHEN b.typname IN ('varchar', 'bpchar')"
        " THEN coalesce(nullif(t.typtypmod, -1), a.atttypmod) - 4 ELSE 0 END"
        " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " JOIN pg_type b ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        [request.table],
    ).fetchall()
    columns = {name: _Column(name, type_name, width) for name, type_name, width in rows}
    unknown = [name for name in request.columns if name not in columns]
    if unknown:
        raise RedshiftError(f'ERROR: column "{unknown[0]}" of relation "{request.table}" does not exist')
    return [columns[name] for name in request.columns] or list(columns.values())


def _connect_to_s3(reader: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    package = Path(duckdb_extension_httpfs.__file__).parent
    extension = next(package.glob("extensions/*/httpfs.duckdb_extension"))
    reader.execute(f"LOAD '{extension}'")
    scheme, endpoint = settings.s3_endpoint.split("://")
    reader.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID '{settings.access_key_id}', SECRET '{settings.secret_access_key}',"
        f" REGION '{settings.region}', ENDPOINT '{endpoint}', URL_STYLE 'path',"
        f" USE_SSL {'true' if scheme == 'https' else 'false'})"
    )


def _compare(reader: duckdb.DuckDBPyConnection, file: str, columns: list[_Column], request: Request) -> None:
    """Columns count by their order, not by name, and nothing is converted; see copy-usage_notes-copy-from-columnar."""
    try:
        found = reader.execute(
            "SELECT name, type, coalesce(converted_type, ''), coalesce(CAST(logical_type AS VARCHAR), '')"
            " FROM parquet_schema(?) WHERE num_children IS NULL",
            [file],
        ).fetchall()
    except duckdb.Error as error:
        raise LoadError(15001, f"Invalid Parquet file {file}: {str(error).splitlines()[0]}", file) from error
    short = len(found) < len(columns) and "fillrecord" in request.options
    if len(found) != len(columns) and not short:
        raise LoadError(
            15007,
            f"Unmatched number of columns between table and file. Table columns: {len(columns)},"
            f" Data columns: {len(found)}, File name: {file}",
            file,
        )
    for column, (name, physical, converted, logical) in zip(columns, found):
        wanted = _PHYSICAL.get(column.type)
        text = physical == "BYTE_ARRAY" and converted not in {"UTF8", "ENUM"} and "String" not in logical
        temporal = physical in {"INT32", "INT64"} and converted not in {"", f"INT_{physical[3:]}"}
        if wanted is not None and (wanted != physical or text or temporal):
            raise LoadError(
                15007,
                f"File '{file}' has an incompatible Parquet schema for column '{file}.{column.name}'."
                f" Column type: {_redshift_type(column)}, Parquet schema:\noptional"
                f" {_FILE_TYPES.get(physical, physical.lower())} {name} {converted}".rstrip(),
                file,
                column.name,
                _redshift_type(column),
            )
    relation = "read_parquet(?, hive_partitioning = false)"
    for column, (name, *_) in zip(columns, found):
        if column.width <= 0:
            continue
        quoted = name.replace('"', '""')
        longest = reader.execute(f'SELECT max(strlen("{quoted}")) FROM {relation}', [file]).fetchone()[0] or 0
        if longest > column.width:
            raise LoadError(
                15001,
                f"The length of the data column {column.name} is longer than the length defined in the table."
                f" Table: {column.width}, Data: {longest}, File name: {file}",
                file,
                column.name,
                _redshift_type(column),
            )


def _redshift_type(column: _Column) -> str:
    names = {"int2": "SMALLINT", "int4": "INT", "int8": "BIGINT", "float8": "DOUBLE", "bool": "BOOLEAN"}
    return f"VARCHAR({column.width})" if column.type == "varchar" else names.get(column.type, column.type.upper())
