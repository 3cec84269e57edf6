"""Instance fleets: what was asked for is provisioned in full, with the first of each fleet's instance types."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.emr.responses import ElasticMapReduceResponse
from moto.emr.utils import random_instance_group_id

from aws_bed.emr_checks import InvalidRequestException
from aws_bed.emr_clusters import FINAL, Cluster
from aws_bed.emr_store import find, page, request_of

#: The members of a fleet that ModifyInstanceFleet may change.
CHANGEABLE = ("TargetOnDemandCapacity", "TargetSpotCapacity", "InstanceTypeConfigs", "ResizeSpecifications")
#: Market of an instance -> the member that holds the capacity asked for.
TARGETS = {"ON_DEMAND": "TargetOnDemandCapacity", "SPOT": "TargetSpotCapacity"}
INSTANCE_STATES = {"STARTING": "PROVISIONING", "BOOTSTRAPPING": "BOOTSTRAPPING"}
list_instances_in_moto = ElasticMapReduceResponse.list_instances


def fleets_of(cluster: Cluster) -> list[dict[str, Any]]:
    """Return the fleets as the request gave them, each with its `Id`."""
    return cluster.request["Instances"].get("InstanceFleets", [])


def give_id(fleet: dict[str, Any]) -> None:
    """Give a fleet its id."""
    fleet["Id"] = random_instance_group_id().replace("i-", "if-")


def open_cluster(response: Any) -> Cluster:
    """Return the request's cluster, which must have fleets and be alive to change them."""
    cluster = find(response, request_of(response)["ClusterId"])
    if cluster.state in ("TERMINATING", *FINAL):
        raise InvalidRequestException(f"Cluster {cluster.moto.id} is terminating or terminated.")
    if not fleets_of(cluster):
        raise InvalidRequestException("Instance fleets and instance groups are mutually exclusive.")
    return cluster


def list_instance_fleets(response: Any) -> ActionResult:
    """ListInstanceFleets: provisioned in full as soon as the cluster has started."""
    cluster = find(response, request_of(response)["ClusterId"])
    states = {"STARTING": "PROVISIONING", "WAITING": "RUNNING", "TERMINATED_WITH_ERRORS": "TERMINATED"}
    fleets = []
    with cluster.lock:
        for fleet in fleets_of(cluster):
            demand, spot = fleet.get("TargetOnDemandCapacity", 0), fleet.get("TargetSpotCapacity", 0)
            is_up = cluster.state not in ("STARTING", *FINAL)
            fleets.append(
                {
                    "Id": fleet["Id"],
                    "Name": fleet.get("Name"),
                    "InstanceFleetType": fleet["InstanceFleetType"],
                    "TargetOnDemandCapacity": demand,
                    "TargetSpotCapacity": spot,
                    "ProvisionedOnDemandCapacity": demand if is_up else 0,
                    "ProvisionedSpotCapacity": spot if is_up else 0,
                    "InstanceTypeSpecifications": fleet.get("InstanceTypeConfigs", []),
                    "LaunchSpecifications": fleet.get("LaunchSpecifications"),
                    "Status": {
                        "State": states.get(cluster.state, cluster.state),
                        "StateChangeReason": {"Message": ""},
                        "Timeline": {"CreationDateTime": cluster.created},
                    },
                }
            )
    return ActionResult({"InstanceFleets": fleets})


def add_instance_fleet(response: Any) -> ActionResult:
    """AddInstanceFleet: one fleet of each kind is the most."""
    cluster, fleet = open_cluster(response), request_of(response)["InstanceFleet"]
    with cluster.lock:
        kind = fleet["InstanceFleetType"]
        if any(one["InstanceFleetType"] == kind for one in fleets_of(cluster)):
            raise InvalidRequestException(f"The cluster already has a {kind} instance fleet.")
        give_id(fleet)
        fleets_of(cluster).append(fleet)
    return ActionResult({"ClusterId": cluster.moto.id, "InstanceFleetId": fleet["Id"], "ClusterArn": cluster.moto.arn})


def modify_instance_fleet(response: Any) -> ActionResult:
    """ModifyInstanceFleet: what the request does not name stays."""
    cluster, change = open_cluster(response), request_of(response)["InstanceFleet"]
    with cluster.lock:
        found = [fleet for fleet in fleets_of(cluster) if fleet["Id"] == change["InstanceFleetId"]]
        if not found:
            raise InvalidRequestException(f"Instance fleet id '{change['InstanceFleetId']}' is not valid.")
        found[0].update({name: change[name] for name in CHANGEABLE if name in change})
    return EmptyResult()


def list_instances(response: Any) -> ActionResult:
    """ListInstances: of fleets the bed's own, of groups moto's."""
    request = request_of(response)
    cluster = find(response, request["ClusterId"])
    if not fleets_of(cluster):
        return list_instances_in_moto(response)
    with cluster.lock:
        found = [
            instance
            for fleet in fleets_of(cluster)
            if fleet["Id"] == request.get("InstanceFleetId", fleet["Id"])
            and fleet["InstanceFleetType"] == request.get("InstanceFleetType", fleet["InstanceFleetType"])
            for instance in instances_of(cluster, fleet)
            if instance["Status"]["State"] in (request.get("InstanceStates") or [instance["Status"]["State"]])
        ]
    shown, marker = page(found, request.get("Marker"))
    return ActionResult({"Instances": shown, **marker})


def instances_of(cluster: Cluster, fleet: dict[str, Any]) -> list[dict[str, Any]]:
    """Return as many instances of the fleet's first type as fill its capacity."""
    state = "TERMINATED" if cluster.state in FINAL else INSTANCE_STATES.get(cluster.state, "RUNNING")
    kind = (fleet.get("InstanceTypeConfigs") or [{"InstanceType": "m5.xlarge"}])[0]
    found = []
    for market, target in TARGETS.items():
        for number in range(-(-fleet.get(target, 0) // kind.get("WeightedCapacity", 1))):
            # The same instance has the same ids in every answer.
            digest = hashlib.sha256(f"{fleet['Id']} {market} {number}".encode()).hexdigest()
            found.append(
                {
                    "Id": f"ci-{digest[:20].upper()}",
                    "Ec2InstanceId": f"i-{digest[20:37]}",
                    "InstanceFleetId": fleet["Id"],
                    "Market": market,
                    "InstanceType": kind["InstanceType"],
                    "Status": {"State": state, "Timeline": {"CreationDateTime": cluster.created}},
                }
            )
    return found


OPERATIONS = {
    operation.__name__: operation
    for operation in (list_instance_fleets, add_instance_fleet, modify_instance_fleet, list_instances)
}
