"""Redshift for moto: the states that take time, the refusals, and the operations that moto lacks."""

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from moto.core.responses import ActionResult
from moto.redshift.models import Cluster, RedshiftBackend
from moto.redshift.responses import RedshiftResponse
from moto.secretsmanager import secretsmanager_backends

from aws_bed import redshift_limits
from aws_bed.redshift_limits import RedshiftRefusedError, find_cluster
from aws_bed.settings import Settings

_NODE_TYPES = {"ra3.large", "ra3.xlplus", "ra3.4xlarge", "ra3.16xlarge"}
_BUSY = "There is an operation running on the Cluster. Please try to perform it at a later time."


def _get_status(cluster: Cluster) -> str:
    status, until, following = cluster.bed_status
    return status if time.monotonic() < until else following


def _set_status(cluster: Cluster, status: str) -> None:
    cluster.bed_status = (status, 0.0, status)


def _pass_through(cluster: Cluster, status: str, following: str, seconds: float) -> None:
    cluster.bed_status = (status, time.monotonic() + seconds, following)


def _need(cluster: Cluster, status: str) -> None:
    if cluster.status != status:
        raise RedshiftRefusedError(
            "InvalidClusterState", f"{_BUSY} Cluster {cluster.cluster_identifier} is {cluster.status}."
        )


def _describe_clusters(original: Callable) -> Callable:
    def describe(
        backend: RedshiftBackend, cluster_identifier: str | None = None, tag_keys: list | None = None
    ) -> list[Cluster]:
        for name in [name for name, cluster in backend.clusters.items() if cluster.status == "gone"]:
            del backend.clusters[name]
        return original(backend, cluster_identifier, tag_keys)

    return describe


def _describe(response: RedshiftResponse) -> ActionResult:
    """DescribeClusters: of the keys and the values any combination matches."""
    keys, values = response._get_param("TagKeys") or [], response._get_param("TagValues") or []
    clusters = response.redshift_backend.describe_clusters(response._get_param("ClusterIdentifier"))
    if keys or values:
        clusters = [
            cluster
            for cluster in clusters
            if any(
                (not keys or tag["Key"] in keys) and (not values or tag.get("Value") in values) for tag in cluster.tags
            )
        ]
    return ActionResult({"Clusters": clusters})


def _create(original: Callable, settings: Settings) -> Callable:
    def create(response: RedshiftResponse) -> ActionResult:
        """CreateCluster: encrypted and private unless said otherwise, and not at once available."""
        if response._get_param("NodeType") not in _NODE_TYPES:
            raise RedshiftRefusedError("InvalidParameterValue", f"Invalid node type: {response._get_param('NodeType')}")
        if response._get_param("Encrypted") is False:
            raise RedshiftRefusedError("InvalidParameterValue", "Clusters cannot be created unencrypted.")
        managed, password = response._get_param("ManageMasterPassword"), response._get_param("MasterUserPassword")
        if bool(managed) == bool(password):
            raise RedshiftRefusedError(
                "InvalidParameterCombination", "Give one of MasterUserPassword and ManageMasterPassword."
            )
        is_multi = response._get_param("ClusterType", "multi-node") == "multi-node"
        if is_multi and (response._get_param("NumberOfNodes") or 1) < 2:
            raise RedshiftRefusedError(
                "InvalidParameterCombination",
                "A multi-node cluster has 2 nodes or more.",
            )
        response.params["Encrypted"] = True
        # What was deleted long enough ago gives its name free.
        response.redshift_backend.describe_clusters()
        result = original(response)
        cluster = find_cluster(response)
        cluster.default_iam_role_arn = response._get_param("DefaultIamRoleArn")
        _pass_through(cluster, "creating", "available", settings.state_seconds)
        if managed:
            secret = secretsmanager_backends[response.current_account][response.region].create_managed_secret(
                "redshift",
                f"redshift!{cluster.cluster_identifier}-{cluster.master_username}",
                secret_string=json.dumps({"username": cluster.master_username, "password": uuid.uuid4().hex}),
            )
            cluster.master_password_secret_arn = secret.arn
        return result

    return create


def _change(needed: str, passing: str, following: str, settings: Settings) -> Callable:
    def change(response: RedshiftResponse) -> ActionResult:
        cluster = find_cluster(response)
        _need(cluster, needed)
        _pass_through(cluster, passing, following, settings.state_seconds)
        return ActionResult({"Cluster": cluster})

    return change


def _delete(original: Callable, settings: Settings) -> Callable:
    def delete(response: RedshiftResponse) -> ActionResult:
        """DeleteCluster: a final snapshot or the word that there shall be none."""
        skip = response._get_param("SkipFinalClusterSnapshot") or False
        if skip == bool(response._get_param("FinalClusterSnapshotIdentifier")):
            raise RedshiftRefusedError(
                "InvalidParameterCombination",
                "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified, not both.",
            )
        cluster = find_cluster(response)
        if cluster.status not in {"available", "paused"}:
            raise RedshiftRefusedError("InvalidClusterState", _BUSY)
        response.params["SkipFinalClusterSnapshot"] = skip
        result = original(response)
        _pass_through(cluster, "deleting", "gone", settings.state_seconds)
        response.redshift_backend.clusters[cluster.cluster_identifier] = cluster
        return result

    return delete


def _modify_iam_roles(response: RedshiftResponse) -> ActionResult:
    """ModifyClusterIamRoles."""
    cluster = find_cluster(response)
    _need(cluster, "available")
    removed = response._get_param("RemoveIamRoles") or []
    added = response._get_param("AddIamRoles") or []
    default = response._get_param("DefaultIamRoleArn")
    cluster.iam_roles_arn = [role for role in cluster.iam_roles_arn if role not in {*removed, *added}] + added
    if default:
        if default not in cluster.iam_roles_arn:
            raise RedshiftRefusedError("InvalidParameterValue", f"{default} is not one of the cluster's roles")
        cluster.default_iam_role_arn = default
    return ActionResult({"Cluster": cluster})


def _get_credentials(response: RedshiftResponse) -> ActionResult:
    """GetClusterCredentialsWithIAM: a database user named for the caller, and a password of 15 to 60 minutes."""
    find_cluster(response)
    seconds = response._get_param("DurationSeconds") or 900
    if not 900 <= seconds <= 3600:
        raise RedshiftRefusedError("InvalidParameterValue", "Token duration must be between 900 and 3600 seconds")
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    credentials = {"DbUser": "IAM:bed", "DbPassword": uuid.uuid4().hex}
    return ActionResult(credentials | {"Expiration": until, "NextRefreshTime": until})


def install(settings: Settings) -> None:
    """Put the bed's rules over moto's Redshift."""
    Cluster.status = property(_get_status, _set_status)
    Cluster.master_password_secret_arn = None
    Cluster.default_iam_role_arn = None
    RedshiftBackend.describe_clusters = _describe_clusters(RedshiftBackend.describe_clusters)
    RedshiftResponse.create_cluster = _create(RedshiftResponse.create_cluster, settings)
    RedshiftResponse.delete_cluster = _delete(RedshiftResponse.delete_cluster, settings)
    RedshiftResponse.describe_clusters = _describe
    RedshiftResponse.pause_cluster = _change("available", "pausing", "paused", settings)
    RedshiftResponse.resume_cluster = _change("paused", "resuming", "available", settings)
    RedshiftResponse.modify_cluster_iam_roles = _modify_iam_roles
    RedshiftResponse.get_cluster_credentials_with_iam = _get_credentials
    RedshiftResponse.create_usage_limit = redshift_limits.create_usage_limit
    RedshiftResponse.describe_usage_limits = redshift_limits.describe_usage_limits
    RedshiftResponse.modify_usage_limit = redshift_limits.modify_usage_limit
    RedshiftResponse.delete_usage_limit = redshift_limits.delete_usage_limit
