"""What a statement says of a table's distribution, sort keys and encodings, which PostgreSQL has not."""

import json
import re
from dataclasses import dataclass, field

import psycopg

from aws_bed.redshift_gate import RedshiftError
from aws_bed.redshift_rewrite import end_of_level, split_arguments

_FLAGS = re.IGNORECASE | re.DOTALL
_NAME = r"(?:[\w$]+|\u27e6\d+\u27e7)(?:\.(?:[\w$]+|\u27e6\d+\u27e7))*"
_CREATE = re.compile(
    rf"^CREATE\s+(?:LOCAL\s+)?(?:TEMP\s+|TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?({_NAME})\s*(\()?", _FLAGS
)
_ALTER = re.compile(
    rf"^ALTER\s+TABLE\s+({_NAME})\s+ALTER\s+((?:DISTKEY|DISTSTYLE|(?:COMPOUND\s+)?SORTKEY|ENCODE)\b.*"
    rf"|COLUMN\s+{_NAME}\s+ENCODE\s+\w+)$",
    _FLAGS,
)


@dataclass
class Layout:
    """A table's layout as declared; names may still be masked. None: not said."""

    table: str
    #: Columns of bed.layout and their new values.
    values: dict = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    #: The table of CREATE TABLE (LIKE ...), which gives its layout.
    like: str | None = None
    is_new: bool = False


def layout_of_create(masked: str) -> Layout | None:
    """Read the layout from CREATE TABLE, without the query after AS."""
    create = _CREATE.match(masked)
    if not create:
        return None
    layout = Layout(create.group(1), is_new=True)
    tail = masked[create.end() :]
    if create.group(2):
        end = end_of_level(masked, create.end())
        for definition in split_arguments(masked[create.end() : end]):
            _read_column(definition, layout)
        tail = masked[end + 1 :]
    _read_table(tail, layout)
    style, key = layout.values.get("diststyle"), layout.values.get("distkey")
    if style == "KEY" and key is None:
        raise RedshiftError("ERROR: DISTSTYLE KEY needs a DISTKEY column")
    if key is not None:
        if style not in {None, "KEY"}:
            raise RedshiftError(f"ERROR: cannot specify DISTKEY with DISTSTYLE {style}")
        layout.values["diststyle"] = "KEY"
    return layout


def layout_of_alter(masked: str) -> Layout | None:
    """Read the layout from ALTER TABLE ... ALTER DISTSTYLE, DISTKEY, SORTKEY or ENCODE."""
    alter = _ALTER.match(masked)
    if not alter:
        return None
    layout = Layout(alter.group(1))
    change = alter.group(2)
    encoded = re.match(rf"COLUMN\s+({_NAME})\s+ENCODE\s+(\w+)", change, _FLAGS)
    key = re.search(rf"\bDISTKEY\s+({_NAME})$", change, _FLAGS)
    if encoded:
        layout.encodings[encoded.group(1)] = encoded.group(2).lower()
    elif key:
        layout.values |= {"diststyle": "KEY", "distkey": key.group(1)}
    elif change.upper().startswith("DISTSTYLE"):
        layout.values |= {"diststyle": change.split()[1].upper(), "distkey": None}
    else:
        _read_table(change, layout)
    return layout


def _read_column(definition: str, layout: Layout) -> None:
    like = re.match(rf"LIKE\s+({_NAME})", definition, _FLAGS)
    if like:
        layout.like = like.group(1)
        return
    name = definition.split()[0] if definition else ""
    if re.search(r"\bDISTKEY\b", definition, _FLAGS):
        layout.values["distkey"] = name
    if re.search(r"\bSORTKEY\b", definition, _FLAGS):
        layout.values |= {"sortkeys": [name], "is_auto_sorted": False}
    encoding = re.search(r"\bENCODE\s+(\w+)", definition, _FLAGS)
    if encoding:
        layout.encodings[name] = {"raw": "none"}.get(encoding.group(1).lower(), encoding.group(1).lower())


def _read_table(text: str, layout: Layout) -> None:
    style = re.search(r"\bDISTSTYLE\s+(AUTO|EVEN|ALL|KEY)\b", text, _FLAGS)
    key = re.search(r"\bDISTKEY\s*\(\s*([^)]*?)\s*\)", text, _FLAGS)
    sort = re.search(r"\b(INTERLEAVED\s+)?SORTKEY\s*(?:\(([^)]*)\)|\s(AUTO|NONE)\b)", text, _FLAGS)
    if style:
        layout.values["diststyle"] = style.group(1).upper()
    if key:
        layout.values["distkey"] = key.group(1)
    if sort:
        layout.values["sortkeys"] = split_arguments(sort.group(2)) if sort.group(2) else []
        layout.values["is_interleaved"] = bool(sort.group(1))
        layout.values["is_auto_sorted"] = (sort.group(3) or "").upper() == "AUTO"


def keep_layout(running: psycopg.Connection, keeping: psycopg.Connection, layout: Layout) -> None:
    """Write the layout down by the table's oid, as `running` sees it, apart from its transaction.

    PostgreSQL would otherwise take it for one more thing that concurrent transactions may conflict over.
    """
    names = [*layout.values.get("sortkeys", []), *layout.encodings]
    names += [layout.values["distkey"]] if layout.values.get("distkey") else []
    oid = running.execute("SELECT CAST(%s::regclass AS oid)", [layout.table]).fetchone()[0]
    known = "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped"
    columns = {name for (name,) in running.execute(known, [oid])}
    for name in names:
        if name not in columns:
            raise RedshiftError(f'ERROR: column "{name}" named in key does not exist')
    keeping.execute("INSERT INTO bed.layout (relation) VALUES (%s) ON CONFLICT DO NOTHING", [oid])
    if layout.like:
        parent = running.execute("SELECT CAST(%s::regclass AS oid)", [layout.like]).fetchone()[0]
        members = "diststyle, distkey, sortkeys, is_interleaved, is_auto_sorted, encodings"
        keeping.execute(
            f"UPDATE bed.layout SET ({members}) = (SELECT {members} FROM bed.layout WHERE relation = %(parent)s)"
            " WHERE relation = %(oid)s AND EXISTS (SELECT FROM bed.layout WHERE relation = %(parent)s)",
            {"parent": parent, "oid": oid},
        )
    for column, value in layout.values.items():
        keeping.execute(f"UPDATE bed.layout SET {column} = %s WHERE relation = %s", [value, oid])
    if layout.encodings:
        added = [json.dumps(layout.encodings), oid]
        keeping.execute("UPDATE bed.layout SET encodings = encodings || %s::jsonb WHERE relation = %s", added)
