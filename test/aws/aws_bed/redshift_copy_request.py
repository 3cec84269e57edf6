"""Read COPY's text: what is loaded from where, with which options and by which role."""

import re
from dataclasses import dataclass

from aws_bed.redshift_endpoints import Endpoint
from aws_bed.redshift_gate import RedshiftError, mask, unmask

_COPY = re.compile(r"^COPY\s+([^\s(]+)\s*(?:\(([^)]*)\))?\s+FROM\s+(\S+)\s*(.*)$", re.IGNORECASE | re.DOTALL)
_ALLOWED = (
    r"(?P<role>IAM_ROLE\s+(?:DEFAULT|\u27e6\d+\u27e7))",
    r"(?P<credentials>(?:WITH\s+)?CREDENTIALS\s+(?:AS\s+)?\u27e6\d+\u27e7)",
    r"(?P<format>FORMAT\s+(?:AS\s+)?PARQUET)",
    r"(?P<manifest>MANIFEST)",
    r"(?P<statupdate>STATUPDATE(?:\s+(?:ON|OFF|TRUE|FALSE))?)",
    r"(?P<fillrecord>FILLRECORD)",
    r"(?P<others>ACCEPTINVCHARS(?:\s+AS\s+\u27e6\d+\u27e7)?|EXPLICIT_IDS)",
)
#: As Redshift tells a role that is not attached, or that it may not assume.
_NOT_AUTHORIZED = (
    "ERROR: exception name : UnauthorizedException, error type : 138, message: Not authorized to get credentials of"
    " role {role}, should retry : 0\n  Detail: \n  -----------------------------------------------\n"
    "  error:  exception name : UnauthorizedException, error type : 138, message: Not authorized to get credentials of"
    " role {role}, should retry : 0\n  code:      30000\n  context:   \n"
    "  -----------------------------------------------"
)


@dataclass
class Request:
    """A COPY as it is asked for."""

    table: str
    columns: list[str]
    source: str
    options: set[str]


def read_copy(text: str, endpoint: Endpoint) -> Request:
    """Read the statement, or raise RedshiftError for what it may not hold."""
    masked, parts = mask(text)
    match = _COPY.match(masked)
    if not match:
        raise RedshiftError("ERROR: syntax error in COPY")
    table, columns, source, rest = match.groups()
    options: set[str] = set()
    while rest := rest.strip():
        option = re.match("|".join(_ALLOWED), rest, re.IGNORECASE)
        if not option:
            name = rest.split()[0].upper()
            raise RedshiftError(f"ERROR: {name} argument is not supported for PARQUET based COPY")
        options.add(option.lastgroup)
        rest = rest[option.end() :]
    if "format" not in options:
        raise RedshiftError("ERROR: the bed loads FORMAT AS PARQUET only")
    if not options & {"role", "credentials"}:
        raise RedshiftError("ERROR: syntax error: COPY from S3 needs IAM_ROLE or CREDENTIALS")
    role = re.search(r"IAM_ROLE\s+(DEFAULT|\u27e6\d+\u27e7)", masked, re.IGNORECASE)
    if role:
        _check_role(unmask(role.group(1), parts), endpoint)
    address = unmask(source, parts)[1:-1]
    if not re.fullmatch(r"s3://[^/]+/.+", address):
        raise RedshiftError("ERROR: Invalid S3 path: the source is not s3://bucket/prefix")
    named = [unmask(name.strip(), parts).strip('"').lower() for name in columns.split(",")] if columns else []
    return Request(unmask(table, parts), named, address, options)


def _check_role(text: str, endpoint: Endpoint) -> None:
    """A role must be attached; of a chain the first one, which assumes the others."""
    if text.upper() == "DEFAULT":
        if endpoint.default_role is None:
            raise RedshiftError("ERROR: The default IAM role is not set for the cluster or namespace")
        return
    if not re.fullmatch(r"'arn:aws[\w-]*:iam::\d{12}:role/[^,']+(,arn:aws[\w-]*:iam::\d{12}:role/[^,']+)*'", text):
        raise RedshiftError("ERROR: Invalid IAM_ROLE: it is not the ARN of a role")
    first = text.strip("'").split(",")[0]
    if first not in endpoint.roles:
        raise RedshiftError(_NOT_AUTHORIZED.format(role=first))
