"""Where the operations find their clusters, and how they read requests and cut pages."""

from __future__ import annotations

from typing import Any

from aws_bed.emr_checks import InvalidRequestException, ValidationException
from aws_bed.emr_clusters import Cluster

PAGE = 50
CLUSTERS: dict[str, Cluster] = {}


def request_of(response: Any) -> dict[str, Any]:
    """Return the request with AWS's own names."""
    params = response.params
    return params.original_dict() if hasattr(params, "original_dict") else dict(params)


def find(response: Any, id: str) -> Cluster:
    """Return a cluster of this account and region, as the newer operations look for it."""
    # moto forgets its clusters when it is reset; the bed follows.
    if id not in response.backend.clusters or id not in CLUSTERS:
        raise InvalidRequestException(f"Cluster id '{id}' is not valid.")
    return CLUSTERS[id]


def job_flow(response: Any, id: str) -> Cluster:
    """Return the same as `find`; the older operations speak of job flows and refuse in other words."""
    if id not in response.backend.clusters or id not in CLUSTERS:
        raise ValidationException("Specified job flow ID does not exist.")
    return CLUSTERS[id]


def page(items: list[Any], marker: str | None) -> tuple[list[Any], dict[str, str]]:
    """Return one page and the marker of the next one; EMR's pages hold 50."""
    begin = int(marker) if marker and marker.isdigit() else 0
    if marker and not marker.isdigit():
        raise InvalidRequestException("Invalid marker.")
    end = begin + PAGE
    return items[begin:end], ({"Marker": str(end)} if end < len(items) else {})
