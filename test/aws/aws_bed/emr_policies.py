"""EMR's policies: automatic termination and managed scaling, kept and given back."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from aws_bed.emr_checks import check_policy
from aws_bed.emr_store import find, request_of


def operations_of(policy: str, attribute: str) -> dict[str, Any]:
    """Return the put, get and remove operations of one kind of policy."""

    def put(response: Any) -> ActionResult:
        request = request_of(response)
        check_policy(request.get(policy))
        setattr(find(response, request["ClusterId"]), attribute, request.get(policy))
        return EmptyResult()

    def get(response: Any) -> ActionResult:
        kept = getattr(find(response, request_of(response)["ClusterId"]), attribute)
        return ActionResult({policy: kept} if kept else {})

    def remove(response: Any) -> ActionResult:
        setattr(find(response, request_of(response)["ClusterId"]), attribute, None)
        return EmptyResult()

    return {f"put_{attribute}_policy": put, f"get_{attribute}_policy": get, f"remove_{attribute}_policy": remove}


OPERATIONS = {
    **operations_of("AutoTerminationPolicy", "auto_termination"),
    **operations_of("ManagedScalingPolicy", "managed_scaling"),
}
