"""EMR's operations on steps."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from aws_bed.emr_checks import InvalidRequestException, ValidationException, check_steps
from aws_bed.emr_clusters import FINAL, Cluster
from aws_bed.emr_steps import CANCEL_SIGNALS, Step
from aws_bed.emr_store import find, job_flow, page, request_of

MAX_STEP_IDS = 10


def add_job_flow_steps(response: Any) -> ActionResult:
    """AddJobFlowSteps."""
    request = request_of(response)
    cluster = job_flow(response, request["JobFlowId"])
    with cluster.lock:
        if cluster.state in ("TERMINATING", *FINAL):
            raise ValidationException("A job flow that is shutting down, terminating, or finished may not be modified.")
        check_steps(request["Steps"], len(cluster.open_steps()), cluster.moto.step_concurrency_level)
        steps = [Step(step) for step in request["Steps"]]
        cluster.steps += steps
    return ActionResult({"StepIds": [step.id for step in steps]})


def find_step(cluster: Cluster, id: str) -> Step:
    """Return a step of the cluster."""
    for step in cluster.steps:
        if step.id == id:
            return step
    raise InvalidRequestException(f"Step id '{id}' is not valid.")


def describe_step(response: Any) -> ActionResult:
    """DescribeStep."""
    request = request_of(response)
    cluster = find(response, request["ClusterId"])
    with cluster.lock:
        return ActionResult({"Step": find_step(cluster, request["StepId"]).describe()})


def list_steps(response: Any) -> ActionResult:
    """ListSteps: in reverse order, unless ids or states are asked for."""
    request = request_of(response)
    cluster = find(response, request["ClusterId"])
    ids, states = request.get("StepIds"), request.get("StepStates")
    if ids and len(ids) > MAX_STEP_IDS:
        raise InvalidRequestException(f"At most {MAX_STEP_IDS} step ids can be given.")
    with cluster.lock:
        steps = [find_step(cluster, key) for key in ids] if ids else list(cluster.steps)
        if states:
            steps = [step for step in steps if step.state in states]
        elif not ids:
            steps.reverse()
        shown, marker = page(steps, request.get("Marker"))
        return ActionResult({"Steps": [step.describe() for step in shown], **marker})


def cancel_steps(response: Any) -> ActionResult:
    """CancelSteps: one result for each step; ActionOnFailure is not triggered."""
    request = request_of(response)
    cluster = find(response, request["ClusterId"])
    option = request.get("StepCancellationOption", "SEND_INTERRUPT")
    if option not in CANCEL_SIGNALS:
        raise InvalidRequestException(f"Invalid step cancellation option: {option}.")
    with cluster.lock:
        steps = [find_step(cluster, key) for key in request["StepIds"]]
        return ActionResult({"CancelStepsInfoList": [step.cancel(option) for step in steps]})


OPERATIONS = {
    operation.__name__: operation for operation in (add_job_flow_steps, describe_step, list_steps, cancel_steps)
}
