"""Users, groups, roles and grants in PostgreSQL's words; it knows roles only, a comment keeps the kind."""

import re

from aws_bed.redshift_gate import RedshiftError

_FLAGS = re.IGNORECASE | re.DOTALL
_NAME = r"[\w$]+|\u27e6\d+\u27e7"
_RECIPIENTS = re.compile(
    r"^((?:GRANT|REVOKE|ALTER\s+DEFAULT\s+PRIVILEGES)\b.*\b(?:TO|FROM))\s+(.+?)"
    r"(\s+WITH\s+(?:GRANT|ADMIN)\s+OPTION|\s+(?:CASCADE|RESTRICT))?$",
    _FLAGS,
)
#: Privileges on tables that PostgreSQL has not.
_LACKING = re.compile(
    r"^(GRANT|REVOKE)\s+(?:GRANT\s+OPTION\s+FOR\s+)?(?:[\w\s]+,\s*)?(ALTER|DROP)\s*(,[\w\s,]+)?\s+ON\b", _FLAGS
)
_ROW_LEVEL = re.compile(
    r"^((CREATE|ALTER|DROP|ATTACH|DETACH)\s+RLS\s+POLICY|ALTER\s+TABLE\s.*\sROW\s+LEVEL\s+SECURITY)\b", _FLAGS
)


def as_roles(masked: str) -> str:
    """Give the statement with PostgreSQL's roles; what is none of users, groups, roles and grants stays."""
    if _ROW_LEVEL.match(masked):
        raise RedshiftError("ERROR: the bed lacks row-level security")
    if re.match(
        r"(CREATE|ALTER|DROP|ATTACH|DETACH)\s+(MASKING\s+POLICY|DATASHARE|IDENTITY\s+PROVIDER)", masked, _FLAGS
    ):
        raise RedshiftError("ERROR: the bed lacks masking policies, data shares and identity providers")
    if _LACKING.match(masked):
        raise RedshiftError("ERROR: the bed lacks the privileges ALTER and DROP")
    made = re.match(rf"CREATE\s+(GROUP|ROLE)\s+({_NAME})\s*(.*)$", masked, _FLAGS)
    if made:
        kind, name, rest = made.groups()
        rest = re.sub(r"^EXTERNALID\s+\S+", "", rest, flags=_FLAGS)
        return f"CREATE {kind} {name} {rest}; COMMENT ON ROLE {name} IS '{kind.lower()}'"
    if re.match(r"CREATE\s+USER\b|ALTER\s+USER\b", masked, _FLAGS):
        masked = re.sub(r"\bPASSWORD\s+DISABLE\b", "PASSWORD NULL", masked, flags=_FLAGS)
        masked = re.sub(r"\b(SYSLOG\s+ACCESS\s+\w+|SESSION\s+TIMEOUT\s+\d+)", "", masked, flags=_FLAGS)
        return re.sub(r"\b(NO)?CREATEUSER\b", r"\1SUPERUSER", masked, flags=_FLAGS)
    dropped = re.match(rf"DROP\s+ROLE\s+({_NAME})(\s+FORCE|\s+RESTRICT)?$", masked, _FLAGS)
    if dropped:
        return _drop_role(dropped.group(1), is_forced=(dropped.group(2) or "").strip().upper() == "FORCE")
    return _grant(masked)


def _drop_role(name: str, *, is_forced: bool) -> str:
    """A role that somebody holds is dropped by FORCE only."""
    if is_forced:
        return f"DROP OWNED BY {name}; DROP ROLE {name}"
    refuse = f"RAISE EXCEPTION 'cannot drop role % because it is granted', '{name}'"
    return (
        f"DO $bed$ BEGIN IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = to_regrole('{name}'))"
        f" THEN {refuse}; END IF; END $bed$; DROP ROLE {name}"
    )


def _grant(masked: str) -> str:
    match = _RECIPIENTS.match(masked)
    if not match:
        return masked
    head, recipients, option = match.groups()
    names = [re.sub(r"^(ROLE|USER|GROUP)\s+", "", name.strip(), flags=_FLAGS) for name in recipients.split(",")]
    if not re.search(r"\bON\b", head, _FLAGS):
        # Membership: GRANT ROLE a, ROLE b TO ... has no object.
        head = re.sub(r"\bROLE\s+", "", head, flags=_FLAGS)
    return f"{head} {', '.join(names)}{option or ''}"
