"""Refuse what Redshift refuses: PostgreSQL, which runs the statements, accepts more."""

import contextlib
import functools
import hashlib
import json
import os
import re
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlfluff.core import Linter

#: Literals, quoted names and comments. Redshift reads a backslash in a literal as an escape.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_MASK = re.compile("\u27e6(\\d+)\u27e7")
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")

#: What sqlfluff lets through, as it is PostgreSQL's; the guide names most of it as unsupported.
_DENIED = {
    r"\bCREATE\s+(UNIQUE\s+)?INDEX\b": "CREATE INDEX",
    r"\bDISTINCT\s+ON\s*\(": "SELECT DISTINCT ON",
    r"\bFOR\s+(NO\s+KEY\s+UPDATE|KEY\s+SHARE|UPDATE|SHARE)\b": "FOR UPDATE/SHARE",
    r"\bFILTER\s*\(\s*WHERE\b": "aggregate FILTER",
    r"\bON\s+CONFLICT\b": "ON CONFLICT",
    r"\bRETURNING\b": "RETURNING",
    r"\b(BIG|SMALL)?SERIAL\b": "SERIAL",
    r"\bTABLESAMPLE\b": "TABLESAMPLE",
    r"\bLATERAL\b": "LATERAL",
    r"\b(EXCEPT|INTERSECT)\s+ALL\b": "EXCEPT ALL and INTERSECT ALL",
    r"\bCREATE\s+(CONSTRAINT\s+)?TRIGGER\b": "CREATE TRIGGER",
    r"\bCREATE\s+(EXTENSION|DOMAIN|SEQUENCE|TYPE|RULE)\b": "CREATE EXTENSION/DOMAIN/SEQUENCE/TYPE/RULE",
    r"\bUNLOGGED\b": "UNLOGGED",
    r"\b(JSONB|BYTEA|UUID|MONEY|XML)\b(?!\s*\()": "a PostgreSQL type",
    r"\b(STRING_AGG|ARRAY_AGG)\s*\(": "a PostgreSQL aggregate",
    r"^\s*TRUNCATE\s+(TABLE\s+)?[^\s,;]+\s*,": "TRUNCATE of several tables",
    r"\bCREATE\s+(TEMP\s+|TEMPORARY\s+)?TABLE\s+IF\s+NOT\s+EXISTS\s+\S+\s+AS\b": "CREATE TABLE IF NOT EXISTS ... AS",
    r"\bADD\s+(COLUMN\s+)?IF\s+NOT\s+EXISTS\b": "ADD COLUMN IF NOT EXISTS",
    r"\bAS\s+(NOT\s+)?MATERIALIZED\b": "AS MATERIALIZED",
}

#: Forms that the guide documents and the parser does not read, each with a like one that it does.
_READ_AS = (
    (r"^((?:GRANT|REVOKE)\b.*?\b(?:TO|FROM)\s+(?:ROLE\s+|GROUP\s+)?[^\s,]+)\s*,.*$", r"\1"),
    (r"^(ALTER\s+DEFAULT\s+PRIVILEGES\b.*\b(?:TO|FROM))\s+(?:ROLE|GROUP)\s+", r"\1 "),
    (r"^DROP\s+GROUP\b", "DROP USER"),
    (r"^(DROP\s+ROLE\s+\S+)\s+(?:FORCE|RESTRICT)$", r"\1"),
    (r"^(CREATE\s+ROLE\s+\S+)\s+EXTERNALID\s+\S+$", r"\1"),
    (r"^ALTER\s+TABLE\s+(\S+)\s+ROW\s+LEVEL\s+SECURITY\s+(?:ON|OFF)\b.*$", r"DROP TABLE \1"),
    (r"^SET\s+SESSION\s+AUTHORIZATION\s+\S+$", "SELECT 1"),
)

_KEPT = Path(sys.prefix) / "parsed-statements" / f"sqlfluff-{version('sqlfluff')}"
# sqlfluff does not say that it may be used by several threads at once.
_lock = threading.Lock()


class RedshiftError(Exception):
    """What Redshift would answer; the message is what the Data API shows as Error."""


def mask(sql: str) -> tuple[str, list[str]]:
    """Put marks in place of literals, quoted names and comments, so that rules cannot match inside them."""
    parts: list[str] = []

    def keep(match: re.Match) -> str:
        if match.group().startswith(("--", "/*")):
            return " "
        parts.append(match.group())
        return f"\u27e6{len(parts) - 1}\u27e7"

    return _QUOTED.sub(keep, sql).strip().rstrip(";").strip(), parts


def unmask(masked: str, parts: list[str]) -> str:
    """Put literals and quoted names back. Redshift folds quoted names to lower case too."""

    def part(match: re.Match) -> str:
        text = parts[int(match.group(1))]
        return text.lower() if text.startswith('"') else text

    return _MASK.sub(part, masked)


def parameters_of(sql: str) -> set[str]:
    """Give the names of the `:name` parameters in the statement."""
    return set(_PARAMETER.findall(mask(sql)[0]))


def to_placeholders(masked: str, names: set[str]) -> str:
    """Turn `:name` into psycopg's placeholders; the values are bound, never pasted in."""
    escaped = masked.replace("%", "%%")
    return _PARAMETER.sub(lambda match: f"%({match.group(1)})s" if match.group(1) in names else match.group(), escaped)


def check(sql: str, names: set[str]) -> None:
    """Raise RedshiftError when the text is not one statement of Redshift's SQL."""
    masked, parts = mask(sql)
    for pattern, feature in _DENIED.items():
        if re.search(pattern, masked, re.IGNORECASE):
            raise RedshiftError(f"ERROR: syntax error: {feature} is not supported")
    # A parameter is a value: a literal stands for it. What a literal or a quoted name says decides no grammar.
    plain = ["'x'" if part.startswith("'") else '"x"' for part in parts]
    read = _PARAMETER.sub(lambda match: "'x'" if match.group(1) in names else match.group(), masked)
    for pattern, like in _READ_AS:
        read = re.sub(pattern, like, read, flags=re.IGNORECASE | re.DOTALL)
    problem, statements = _parsed(unmask(read, plain))
    if problem:
        raise RedshiftError(f"ERROR: syntax error: {problem}")
    if ";" in masked or statements == 0:
        raise RedshiftError("ERROR: cannot insert multiple commands into a prepared statement")


@functools.cache
def _parsed(text: str) -> tuple[str | None, int]:
    """Give the parser's first problem with the text, and how many statements it found there.

    Parsing a long statement takes seconds, and the same ones come in every test: what was found is
    kept in the virtual environment, for this version of the parser.
    """
    kept = _KEPT / hashlib.sha256(text.encode()).hexdigest()
    with contextlib.suppress(FileNotFoundError):
        problem, statements = json.loads(kept.read_text(encoding="utf-8"))
        return problem, statements
    with _lock:
        parsed = _linter().parse_string(text + "\n")
    problems = [violation.desc() for violation in parsed.violations]
    statements = len(list(parsed.tree.recursive_crawl("statement"))) if parsed.tree else 0
    found = (problems[0] if problems else None, statements)
    _KEPT.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    partial.write_text(json.dumps(found), encoding="utf-8")
    partial.replace(kept)
    return found


@functools.cache
def _linter() -> "Linter":
    # Imported when it is needed: that alone takes a second.
    from sqlfluff.core import FluffConfig, Linter

    return Linter(config=FluffConfig(overrides={"dialect": "redshift"}))
