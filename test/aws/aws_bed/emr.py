"""EMR: moto's operations, with clusters that live and die and steps that run."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.emr.responses import ElasticMapReduceResponse

from aws_bed import emr_fleets, emr_policies, emr_step_operations
from aws_bed.emr_checks import ValidationException, check_run
from aws_bed.emr_clusters import FINAL, Cluster
from aws_bed.emr_process import end_with_server
from aws_bed.emr_store import CLUSTERS, find, job_flow, page, request_of
from aws_bed.settings import Settings

#: What moto's record of an instance group has no place for.
UNKNOWN_TO_MOTO = ("configurations", "custom_ami_id")


def describe_cluster(response: Any) -> ActionResult:
    """DescribeCluster."""
    cluster = find(response, request_of(response)["ClusterId"])
    request, moto = cluster.request, cluster.moto
    with cluster.lock:
        shown = {
            **summary(cluster),
            "InstanceCollectionType": (
                "INSTANCE_FLEET" if request["Instances"].get("InstanceFleets") else "INSTANCE_GROUP"
            ),
            "Ec2InstanceAttributes": moto.ec2_instance_attributes,
            "AutoTerminate": moto.auto_terminate,
            "TerminationProtected": moto.termination_protected,
            "VisibleToAllUsers": moto.visible_to_all_users,
            "Applications": request.get("Applications", []),
            "Tags": moto.tags,
            "Configurations": request.get("Configurations", []),
            "StepConcurrencyLevel": moto.step_concurrency_level,
        }
    if cluster.ready:
        shown["MasterPublicDnsName"] = moto.master_public_dns_name
    kept = ("ReleaseLabel", "ServiceRole", "SecurityConfiguration", "AutoScalingRole", "ScaleDownBehavior")
    shown |= {name: request[name] for name in (*kept, "EbsRootVolumeSize", "CustomAmiId") if name in request}
    if request.get("LogUri"):
        # EMR gives the address back in its older form.
        shown["LogUri"] = "s3n://" + request["LogUri"].split("://", 1)[1]
    return ActionResult({"Cluster": shown})


def summary(cluster: Cluster) -> dict[str, Any]:
    """Return the members that DescribeCluster and ListClusters share."""
    times = {"CreationDateTime": cluster.created, "ReadyDateTime": cluster.ready, "EndDateTime": cluster.ended}
    status: dict[str, Any] = {
        "State": cluster.state,
        "StateChangeReason": cluster.reason,
        "Timeline": {name: time for name, time in times.items() if time},
    }
    if cluster.state == "TERMINATED_WITH_ERRORS":
        reason = cluster.reason
        status["ErrorDetails"] = [{"ErrorCode": reason["Code"], "ErrorMessage": reason["Message"], "ErrorData": []}]
    return {
        "Id": cluster.moto.id,
        "Name": cluster.request.get("Name"),
        "Status": status,
        "NormalizedInstanceHours": cluster.normalized_instance_hours(),
        "ClusterArn": cluster.moto.arn,
    }


def list_clusters(response: Any) -> ActionResult:
    """ListClusters: the newest first."""
    request = request_of(response)
    after, before = request.get("CreatedAfter"), request.get("CreatedBefore")
    found = [
        cluster
        for key in response.backend.clusters
        if (cluster := CLUSTERS.get(key))
        and cluster.state in (request.get("ClusterStates") or [cluster.state])
        and (not after or seconds(cluster.created) > seconds(after))
        and (not before or seconds(cluster.created) < seconds(before))
    ]
    # moto keeps them in the order of their making.
    shown, marker = page(found[::-1], request.get("Marker"))
    return ActionResult({"Clusters": [summary(cluster) for cluster in shown], **marker})


def seconds(moment: datetime) -> float:
    """Return a time as seconds; moto's times carry no zone and mean UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def terminate_job_flows(response: Any) -> ActionResult:
    """TerminateJobFlows: the unprotected ones end, even when another one is protected."""
    clusters = [job_flow(response, key) for key in request_of(response)["JobFlowIds"]]
    protected = [cluster for cluster in clusters if cluster.moto.termination_protected and cluster.state not in FINAL]
    for cluster in clusters:
        if cluster not in protected:
            with cluster.lock:
                cluster.end("USER_REQUEST", "Terminated by user request")
    if protected:
        raise ValidationException("Could not shut down one or more job flows since they are termination protected.")
    return EmptyResult()


def set_keep_job_flow_alive_when_no_steps(response: Any) -> ActionResult:
    """SetKeepJobFlowAliveWhenNoSteps."""
    request = request_of(response)
    for key in request["JobFlowIds"]:
        job_flow(response, key).moto.keep_job_flow_alive_when_no_steps = request["KeepJobFlowAliveWhenNoSteps"]
    return EmptyResult()


def install(settings: Settings) -> None:
    """Put the operations into moto's EMR."""
    run_in_moto = ElasticMapReduceResponse.run_job_flow

    def run_job_flow(response: Any) -> ActionResult:
        """RunJobFlow: moto keeps the record, the bed gives it a life."""
        request = request_of(response)
        check_run(request)
        for fleet in request["Instances"].get("InstanceFleets", []):
            emr_fleets.give_id(fleet)
        for group in response._get_param("Instances.InstanceGroups", []):
            for name in UNKNOWN_TO_MOTO:
                group.pop(name, None)
        result = run_in_moto(response)
        moto = response.backend.clusters[result.result["JobFlowId"]]
        moto.set_visibility(request.get("VisibleToAllUsers", True))
        CLUSTERS[moto.id] = Cluster(moto, request, settings)
        return result

    def checked(name: str, parameter: str) -> Any:
        in_moto = getattr(ElasticMapReduceResponse, name)

        def operation(response: Any) -> ActionResult:
            ids = request_of(response)[parameter]
            for key in ids if isinstance(ids, list) else [ids]:
                (job_flow if parameter.startswith("JobFlow") else find)(response, key)
            return in_moto(response)

        return operation

    operations = {
        **{one.__name__: one for one in (run_job_flow, describe_cluster, list_clusters, terminate_job_flows)},
        "set_keep_job_flow_alive_when_no_steps": set_keep_job_flow_alive_when_no_steps,
        **emr_fleets.OPERATIONS,
        **emr_policies.OPERATIONS,
        **emr_step_operations.OPERATIONS,
        # moto answers an unknown cluster with an HTTP 500 here.
        **{name: checked(name, "ClusterId") for name in ("list_instance_groups", "modify_cluster")},
        "list_bootstrap_actions": checked("list_bootstrap_actions", "ClusterId"),
        "set_termination_protection": checked("set_termination_protection", "JobFlowIds"),
        "set_visible_to_all_users": checked("set_visible_to_all_users", "JobFlowIds"),
    }
    for name, operation in operations.items():
        setattr(ElasticMapReduceResponse, name, operation)
    # moto takes EMR's region from the host name only; behind one endpoint the signature tells it.
    ElasticMapReduceResponse.get_region_from_url = BaseResponse.get_region_from_url
    end_with_server()
