"""Rewrite expressions and clauses that PostgreSQL lacks; all of it works on masked text."""

import re
from collections.abc import Callable

from aws_bed.redshift_gate import RedshiftError

_FLAGS = re.IGNORECASE | re.DOTALL
_TOP = re.compile(r"\bSELECT\s+(?:ALL\s+)?TOP\s+(\d+)\s", _FLAGS)
_LISTAGG = re.compile(r"\s*WITHIN\s+GROUP\s*\(", _FLAGS)
_MERGE = re.compile(
    r"^MERGE\s+INTO\s+(\S+)\s+USING\s+(\S+)(?:\s+(?:AS\s+)?(\w+))?\s+ON\s+(.+?)\s+REMOVE\s+DUPLICATES$", _FLAGS
)


def rewrite(masked: str) -> str:
    """Give the statement in PostgreSQL's words, or raise RedshiftError for what the bed lacks."""
    if re.search(r"\bQUALIFY\b", masked, _FLAGS):
        raise RedshiftError("ERROR: the bed lacks QUALIFY: filter the window function in an outer SELECT")
    masked = _limit(masked)
    masked = _calls(masked, "LISTAGG", _listagg)
    masked = _calls(masked, "DECODE", _decode)
    masked = _calls(masked, "NVL2", _nvl2)
    return _merge(masked)


def end_of_level(text: str, start: int) -> int:
    """Give the place of the bracket that closes the level at `start`, or the text's end."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth < 0:
            return place
    return len(text)


def split_arguments(text: str) -> list[str]:
    """Cut at the commas that are in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _limit(masked: str) -> str:
    """SELECT TOP n: a LIMIT at the end of the same query."""
    while top := _TOP.search(masked):
        end = end_of_level(masked, top.end())
        query = masked[top.end() : end]
        if re.search(r"\b(UNION|EXCEPT|INTERSECT|MINUS|LIMIT)\b", query, _FLAGS):
            raise RedshiftError("ERROR: the bed lacks TOP together with LIMIT or another query's rows: use LIMIT")
        masked = f"{masked[: top.start()]}SELECT {query.rstrip()} LIMIT {top.group(1)}{masked[end:]}"
    return masked


def _calls(masked: str, name: str, replace: Callable[[list[str], str], tuple[str, str]]) -> str:
    """Replace each call of the function, the inner ones later; `replace` also gets, and gives, what follows it."""
    pattern = re.compile(rf"(?<![.\w]){name}\s*\(", _FLAGS)
    while call := pattern.search(masked):
        end = end_of_level(masked, call.end())
        replaced, rest = replace(split_arguments(masked[call.end() : end]), masked[end + 1 :])
        masked = masked[: call.start()] + replaced + rest
    return masked


def _listagg(arguments: list[str], rest: str) -> tuple[str, str]:
    value, separator = [*arguments, "''"][:2]
    order, within = "", _LISTAGG.match(rest)
    if within:
        end = end_of_level(rest, within.end())
        order, rest = f" {rest[within.end() : end].strip()}", rest[end + 1 :]
    if re.match(r"\s*OVER\b", rest, _FLAGS):
        raise RedshiftError("ERROR: the bed lacks LISTAGG as a window function")
    distinct = re.match(r"DISTINCT\s+", value, _FLAGS)
    if distinct and order and order.split()[2:] != value[distinct.end() :].split():
        raise RedshiftError("ERROR: the bed lacks LISTAGG(DISTINCT ...) in another order than its own")
    word, value = ("DISTINCT ", value[distinct.end() :]) if distinct else ("", value)
    if distinct and order:
        order = f" ORDER BY CAST({value} AS text)"
    return f"STRING_AGG({word}CAST({value} AS text), {separator}{order})", rest


def _decode(arguments: list[str], rest: str) -> tuple[str, str]:
    """DECODE compares as IS NOT DISTINCT FROM does: a null equals a null."""
    if len(arguments) < 3:
        raise RedshiftError("ERROR: syntax error: DECODE takes an expression, a value and a result at least")
    value, others = arguments[0], arguments[1:]
    default = f" ELSE {others.pop()}" if len(others) % 2 else ""
    pairs = zip(others[::2], others[1::2])
    cases = "".join(f" WHEN ({value}) IS NOT DISTINCT FROM ({search}) THEN {result}" for search, result in pairs)
    return f"CASE{cases}{default} END", rest


def _nvl2(arguments: list[str], rest: str) -> tuple[str, str]:
    if len(arguments) != 3:
        raise RedshiftError("ERROR: syntax error: NVL2 takes three arguments")
    value, present, absent = arguments
    return f"CASE WHEN ({value}) IS NOT NULL THEN {present} ELSE {absent} END", rest


def _merge(masked: str) -> str:
    """MERGE ... REMOVE DUPLICATES: the source's rows take the place of those that match."""
    merge = _MERGE.match(masked)
    if not merge:
        return masked
    target, source, alias, condition = merge.groups()
    using = f"{source} {alias or ''}".strip()
    return (
        f"WITH removed AS (DELETE FROM {target} USING {using} WHERE {condition}) INSERT INTO {target}"
        f" SELECT * FROM {source}"
    )
