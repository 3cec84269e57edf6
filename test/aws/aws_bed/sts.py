"""STS: AssumeRoleWithWebIdentity that looks at the token and at the role's trust policy."""

from __future__ import annotations

import fnmatch
import ipaddress
import json
import time
import urllib.request
from typing import Any
from urllib.parse import urlparse

import jwt
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.models import OpenIDConnectProvider, Role, iam_backends
from moto.sts.responses import TokenResponse

from aws_bed.settings import Settings

ACTION = "sts:AssumeRoleWithWebIdentity"
#: As STS writes it, with HTTP 403; moto would send 400 for a code that is not in STS's model.
DENIED = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
    f"<Code>AccessDenied</Code><Message>Not authorized to perform {ACTION}</Message></Error>"
    "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
)


class StsError(ServiceException):
    """A refusal: StsError(code, message)."""


def invalid(message: str) -> StsError:
    """Return the error for a token that is not to be trusted."""
    return StsError("InvalidIdentityToken", message)


def key_address(issuer: str) -> str:
    """Return the address of the issuer's keys; plain http is for loopback only."""
    parts = urlparse(issuer)
    try:
        is_loopback = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_loopback = False
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise invalid("The issuer of the token must be an https address.")
    try:
        with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5) as answer:
            return json.load(answer)["jwks_uri"]
    except (OSError, ValueError, KeyError):
        return f"{issuer}/.well-known/jwks"


def read_token(token: str, account: str) -> tuple[dict[str, Any], OpenIDConnectProvider]:
    """Return the claims of a token whose issuer, signature, time and audience are right."""
    try:
        issuer = str(jwt.decode(token, options={"verify_signature": False}).get("iss", "")).rstrip("/")
    except jwt.PyJWTError as error:
        raise invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from error
    providers = iam_backends[account]["aws"].open_id_providers.values()
    provider = next((one for one in providers if one.url.rstrip("/") == issuer.split("://")[-1]), None)
    if not provider:
        raise invalid(f"No OpenIDConnect provider found in your account for {issuer}")
    try:
        key = jwt.PyJWKClient(key_address(issuer), cache_keys=False, timeout=5).get_signing_key_from_jwt(token)
    except jwt.PyJWTError as error:
        raise invalid(
            "Couldn't retrieve verification key from your identity provider, please reference"
            " AssumeRoleWithWebIdentity documentation for requirements"
        ) from error
    try:
        required = {"require": ["exp", "iat", "sub", "aud"]}
        claims = jwt.decode(token, key.key, ["RS256"], audience=provider.client_id_list, options=required)
    except jwt.ExpiredSignatureError as error:
        expired = jwt.decode(token, options={"verify_signature": False})["exp"]
        raise StsError(
            "ExpiredTokenException",
            f"Token expired: current date/time {int(time.time())} must be before the expiration date/time {expired}",
        ) from error
    except jwt.InvalidAudienceError as error:
        raise invalid("Incorrect token audience") from error
    except jwt.PyJWTError as error:
        raise invalid(f"The provided token is not valid: {error}") from error
    return claims, provider


def as_list(value: Any) -> list[Any]:
    """Return a list as it is and anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def holds(operator: str, wanted: Any, actual: Any) -> bool:
    """Say whether one line of a Condition holds; an operator that the bed does not know never does."""
    kind = operator.split(":")[-1]
    patterns, values = [str(one) for one in as_list(wanted)], [str(one) for one in as_list(actual)]
    if kind.endswith("IfExists"):
        kind = kind.removesuffix("IfExists")
        if actual is None:
            return True
    if actual is None:
        return kind == "StringNotEquals" or kind == "StringNotLike"
    is_match = {
        "StringEquals": lambda value, pattern: value == pattern,
        # IAM knows * and ? only; fnmatch's [ is an ordinary letter there.
        "StringLike": lambda value, pattern: fnmatch.fnmatchcase(value, pattern.replace("[", "[[]")),
    }.get(kind.replace("Not", ""))
    if not is_match:
        return False
    each = [any(is_match(value, pattern) for pattern in patterns) != ("Not" in kind) for value in values]
    return all(each) if operator.startswith("ForAllValues:") else any(each)


def applies(statement: dict[str, Any], claims: dict[str, Any], provider: OpenIDConnectProvider) -> bool:
    """Say whether a statement of a trust policy speaks of this token."""
    principal = statement.get("Principal", {})
    federated = as_list(principal.get("Federated", [])) if isinstance(principal, dict) else as_list(principal)
    actions = [str(action).lower() for action in as_list(statement.get("Action", []))]
    if not any(fnmatch.fnmatchcase(ACTION.lower(), action) for action in actions):
        return False
    if provider.arn not in federated and "*" not in federated:
        return False
    context = {f"{provider.url}:{name}".lower(): value for name, value in claims.items()}
    return all(
        holds(operator, wanted, context.get(key.lower()))
        for operator, lines in statement.get("Condition", {}).items()
        for key, wanted in lines.items()
    )


def is_trusted(role: Role | None, claims: dict[str, Any], provider: OpenIDConnectProvider) -> bool:
    """Say whether the role's trust policy lets the token in; an unknown role lets nobody in."""
    if not role:
        return False
    document = role.assume_role_policy_document
    statements = as_list((json.loads(document) if isinstance(document, str) else document).get("Statement", []))
    effects = [statement.get("Effect") for statement in statements if applies(statement, claims, provider)]
    return "Allow" in effects and "Deny" not in effects


def install(_settings: Settings) -> None:
    """Put the check before moto's operation."""
    assume_in_moto = TokenResponse.assume_role_with_web_identity

    def assume_role_with_web_identity(response: Any) -> Any:
        role_arn = response._get_param("RoleArn")
        account = role_arn.split(":")[4]
        claims, provider = read_token(response._get_param("WebIdentityToken"), account)
        role = next((one for one in iam_backends[account]["aws"].roles.values() if one.arn == role_arn), None)
        if not is_trusted(role, claims, provider):
            return 403, {"status": 403, "Content-Type": "text/xml"}, DENIED
        if response._get_int_param("DurationSeconds", 3600) > int(role.max_session_duration or 3600):
            raise StsError(
                "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            )
        answer: ActionResult = assume_in_moto(response)
        answer.result["SubjectFromWebIdentityToken"] = claims["sub"]
        answer.result["Audience"] = as_list(claims["aud"])[0]
        answer.result["Provider"] = provider.arn
        return answer

    TokenResponse.assume_role_with_web_identity = assume_role_with_web_identity
