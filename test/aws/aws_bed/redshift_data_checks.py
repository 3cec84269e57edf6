"""What the Data API asks of a request, and how it refuses one."""

import re

from moto.core.exceptions import ServiceException

from aws_bed.redshift_gate import parameters_of

_MAX_STATEMENT_BYTES = 100_000
_DAY = 86_400


class DataApiError(ServiceException):
    """One of the service's errors: code and message."""


def invalid(message: str) -> DataApiError:
    """Give the error for a request that is not right."""
    return DataApiError("ValidationException", message)


def missing(message: str) -> DataApiError:
    """Give the error for a statement, session or result that is not there."""
    return DataApiError("ResourceNotFoundException", message)


def page_of(found: list, token: str | None, size: int, owner: str) -> tuple[list, dict]:
    """Give a page of what was found, and the member NextToken when there is more."""
    begin = 0
    if token:
        name, _, offset = token.rpartition("@")
        if name != owner or not offset.isdigit():
            raise invalid("NextToken is not one of this request's")
        begin = int(offset)
    end = begin + size
    return found[begin:end], {"NextToken": f"{owner}@{end}"} if end < len(found) else {}


def check_request(
    sqls: list[str], parameters: list[dict], origin: dict, token: str | None, keep_alive: int | None
) -> None:
    """Raise ValidationException for a request to run statements that the service would not take."""
    cluster, workgroup = origin["ClusterIdentifier"], origin["WorkgroupName"]
    if bool(cluster) == bool(workgroup):
        raise invalid("Exactly one of ClusterIdentifier and WorkgroupName must be given")
    if not origin["Database"]:
        raise invalid("Database is a required parameter")
    if workgroup and origin["DbUser"]:
        raise invalid("DbUser does not go with WorkgroupName")
    if origin["DbUser"] and origin["SecretArn"]:
        raise invalid("Only one of DbUser and SecretArn may be given")
    if keep_alive is not None and not 0 <= keep_alive <= _DAY:
        raise invalid(f"SessionKeepAliveSeconds must be between 0 and {_DAY}")
    if token is not None and not 1 <= len(token) <= 64:
        raise invalid("ClientToken must have length between 1 and 64")
    for text in sqls:
        if not text.strip():
            raise invalid("Sql must not be empty")
        if len(text.encode()) > _MAX_STATEMENT_BYTES:
            raise invalid("Cannot process query larger than 100kB")
    names = [parameter.get("name") or "" for parameter in parameters]
    if len(set(names)) < len(names) or not all(re.fullmatch(r"\w+", name) for name in names):
        raise invalid("Parameter names must be unique words")
    if any(not isinstance(value := parameter.get("value"), str) or not value for parameter in parameters):
        raise invalid("Parameter values must be texts of length 1 and more")
    used = set().union(*(parameters_of(text) for text in sqls))
    if set(names) - used:
        raise invalid(f"Parameters that no statement uses: {', '.join(sorted(set(names) - used))}")
    if parameters and used - set(names):
        raise invalid(f"Parameters without a value: {', '.join(sorted(used - set(names)))}")
