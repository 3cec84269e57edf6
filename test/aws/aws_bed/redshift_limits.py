"""Redshift's usage limits, which moto lacks."""

import uuid

from moto.core.responses import ActionResult, EmptyResult
from moto.redshift.exceptions import RedshiftClientError
from moto.redshift.models import Cluster
from moto.redshift.responses import RedshiftResponse

_FEATURES = {"spectrum": "data-scanned", "concurrency-scaling": "time", "cross-region-datasharing": "data-scanned"}
_limits: dict[str, dict] = {}


class RedshiftRefusedError(RedshiftClientError):
    """One of Redshift's errors: code and message."""


def find_cluster(response: RedshiftResponse) -> Cluster:
    """Give the cluster that the request names, or raise ClusterNotFound."""
    return response.redshift_backend.describe_clusters(response._get_param("ClusterIdentifier"))[0]


def create_usage_limit(response: RedshiftResponse) -> ActionResult:
    """CreateUsageLimit: one for each cluster, feature and period."""
    cluster = find_cluster(response)
    limit = {
        "UsageLimitId": str(uuid.uuid4()),
        "ClusterIdentifier": cluster.cluster_identifier,
        "FeatureType": response._get_param("FeatureType"),
        "LimitType": response._get_param("LimitType"),
        "Amount": response._get_param("Amount"),
        "Period": response._get_param("Period") or "monthly",
        "BreachAction": response._get_param("BreachAction") or "log",
        "Tags": response._get_param("Tags") or [],
    }
    if _FEATURES.get(limit["FeatureType"]) != limit["LimitType"]:
        raise RedshiftRefusedError("InvalidUsageLimit", "The limit type does not go with the feature.")
    _check_limit(limit)
    same = ("ClusterIdentifier", "FeatureType", "Period")
    if any(all(other[name] == limit[name] for name in same) for other in _limits.values()):
        raise RedshiftRefusedError("UsageLimitAlreadyExists", "The usage limit already exists.")
    _limits[limit["UsageLimitId"]] = limit
    return ActionResult(limit)


def _check_limit(limit: dict) -> None:
    if limit["Amount"] is None or limit["Amount"] <= 0:
        raise RedshiftRefusedError("InvalidUsageLimit", "The amount must be a positive number.")
    if limit["BreachAction"] not in {"log", "emit-metric", "disable"}:
        raise RedshiftRefusedError("InvalidUsageLimit", "The breach action is unknown.")


def describe_usage_limits(response: RedshiftResponse) -> ActionResult:
    """DescribeUsageLimits by id, cluster and feature."""
    found = list(_limits.values())
    for name in ("UsageLimitId", "ClusterIdentifier", "FeatureType"):
        wanted = response._get_param(name)
        found = [limit for limit in found if wanted in (None, limit[name])]
    return ActionResult({"UsageLimits": found})


def _limit(response: RedshiftResponse) -> dict:
    limit = _limits.get(response._get_param("UsageLimitId"))
    if limit is None:
        raise RedshiftRefusedError("UsageLimitNotFound", "The usage limit identifier can't be found.")
    return limit


def modify_usage_limit(response: RedshiftResponse) -> ActionResult:
    """ModifyUsageLimit."""
    limit = _limit(response)
    changes = {name: response._get_param(name) for name in ("Amount", "BreachAction")}
    changed = limit | {name: value for name, value in changes.items() if value is not None}
    _check_limit(changed)
    limit.update(changed)
    return ActionResult(limit)


def delete_usage_limit(response: RedshiftResponse) -> ActionResult:
    """DeleteUsageLimit."""
    del _limits[_limit(response)["UsageLimitId"]]
    return EmptyResult()
