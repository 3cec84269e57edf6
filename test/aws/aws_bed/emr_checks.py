"""What EMR refuses, in its words where they are known."""

from __future__ import annotations

import re
from typing import Any

from moto.core.exceptions import ServiceException

MAX_STEPS = 256
MAX_STEP_CHARACTERS = 10_240
RELEASE_LABEL = re.compile(r"^emr-(spark-)?\d+\.\d+\.\d+$")


class InvalidRequestException(ServiceException):
    """A wrong or unknown name in a newer operation."""

    code = "InvalidRequestException"


class ValidationException(ServiceException):
    """A request that an older operation (RunJobFlow, AddJobFlowSteps ...) refuses."""

    code = "ValidationException"


def check_steps(steps: list[dict[str, Any]], open_steps: int, concurrency: int) -> None:
    """Refuse too many or too long steps and failure actions that parallel steps do not allow."""
    if len(steps) + open_steps > MAX_STEPS:
        raise ValidationException(
            "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded."
        )
    for step in steps:
        jar = step.get("HadoopJarStep", {})
        if sum(len(text) for text in (jar.get("Jar", ""), *jar.get("Args", []))) > MAX_STEP_CHARACTERS:
            raise ValidationException(f"The total length of HadoopJarStep exceeds {MAX_STEP_CHARACTERS} characters.")
        if concurrency > 1 and step.get("ActionOnFailure", "TERMINATE_CLUSTER") != "CONTINUE":
            raise ValidationException(
                "Step concurrency is enabled: only ActionOnFailure CONTINUE is supported when the"
                " StepConcurrencyLevel is greater than 1."
            )


def check_policy(policy: dict[str, Any] | None) -> None:
    """Refuse an idle time outside EMR's upper limit; short ones are let through so that tests need not wait."""
    timeout = (policy or {}).get("IdleTimeout")
    if timeout is not None and not 1 <= timeout <= 604_800:
        raise ValidationException("The idle timeout must be between 60 and 604800 seconds.")


def check_run(request: dict[str, Any]) -> None:
    """Refuse a RunJobFlow request that EMR refuses."""
    instances = request.get("Instances", {})
    if not request.get("ServiceRole"):
        raise ValidationException("ServiceRole is required for creating cluster.")
    if not request.get("JobFlowRole"):
        raise ValidationException("JobFlowRole (the EC2 instance profile) is required for creating cluster.")
    label = request.get("ReleaseLabel", "")
    if not RELEASE_LABEL.match(label):
        raise ValidationException(f"The supplied release label is invalid: {label}.")
    ways = ("InstanceGroups", "InstanceFleets", "MasterInstanceType")
    if sum(1 for way in ways if instances.get(way)) != 1:
        raise ValidationException(
            "Please configure instances using one and only one of the following: instance groups; instance fleets;"
            " instance count, master and slave instance type."
        )
    concurrency = request.get("StepConcurrencyLevel", 1)
    if not 1 <= concurrency <= MAX_STEPS:
        raise ValidationException(f"The step concurrency level must be between 1 and {MAX_STEPS}.")
    check_steps(request.get("Steps", []), 0, concurrency)
    check_policy(request.get("AutoTerminationPolicy"))
    log_uri = request.get("LogUri")
    if log_uri and not re.match(r"^s3[an]?://", log_uri):
        raise ValidationException(f"Invalid log URI: {log_uri}.")
