"""A cluster's life: the states, the reasons and the times; one thread moves each cluster along."""

from __future__ import annotations

import re
import sys
import threading
import time
import traceback
from typing import Any

from moto.core.utils import utcnow
from moto.emr.models import Cluster as MotoCluster

from aws_bed.emr_steps import OPEN, Step
from aws_bed.settings import Settings

TICK_SECONDS = 0.02
FINAL = ("TERMINATED", "TERMINATED_WITH_ERRORS")
#: Every other reason is an error.
GOOD_REASONS = ("USER_REQUEST", "ALL_STEPS_COMPLETED")
FAULT_TAG = "bed:fault"
#: Value of the tag -> the state in which it strikes, the reason's code and message. capacity:m7g strikes where
#: a group or a fleet has no instance type but those that begin so.
FAULTS = {
    "capacity": ("STARTING", "INSTANCE_FLEET_TIMEOUT", "Provisioning timed out: insufficient capacity."),
    "validation": ("STARTING", "VALIDATION_ERROR", "The requested instance type is not supported."),
    "bootstrap": ("BOOTSTRAPPING", "BOOTSTRAP_FAILURE", "On the master instance, bootstrap action 1{action} failed."),
    "dies-in-step": ("RUNNING", "INSTANCE_FAILURE", "The master node was terminated."),
    "interrupts-step": ("RUNNING", "INSTANCE_FAILURE", "The master node was terminated."),
}
UNITS = {"small": 1, "medium": 2, "large": 4, "xlarge": 8}


class Cluster:
    """What the bed knows of a cluster beyond moto's own record of it (`moto`: tags, groups, protection)."""

    def __init__(self, moto: MotoCluster, request: dict[str, Any], settings: Settings) -> None:
        self.moto = moto
        self.request = request
        self.settings = settings
        self.lock = threading.RLock()
        self.state = "STARTING"
        self.reason: dict[str, str] = {}
        self.steps = [Step(step) for step in request.get("Steps", [])]
        self.created = utcnow()
        self.ready: Any = None
        self.ended: Any = None
        self.managed_scaling = request.get("ManagedScalingPolicy")
        self.auto_termination = request.get("AutoTerminationPolicy")
        self._since = time.monotonic()
        moto.state = self.state
        threading.Thread(target=self._live, daemon=True).start()

    @property
    def fault(self) -> tuple[str, str, str] | None:
        """The fault that the cluster's tag asks for."""
        name, _, lacking = self.moto._tags.get(FAULT_TAG, "").partition(":")
        if name not in FAULTS or (lacking and not self._has_only(lacking)):
            return None
        state, code, message = FAULTS[name]
        actions = [f" ({action['Name']})" for action in self.request.get("BootstrapActions", [])]
        return state, code, message.format(action=(actions or [""])[0])

    def _has_only(self, prefix: str) -> bool:
        instances = self.request["Instances"]
        choices = [[group["InstanceType"]] for group in instances.get("InstanceGroups", [])]
        for fleet in instances.get("InstanceFleets", []):
            choices.append([kind["InstanceType"] for kind in fleet.get("InstanceTypeConfigs", [])])
        return any(kinds and all(kind.startswith(prefix) for kind in kinds) for kinds in choices)

    @property
    def log_uri(self) -> str | None:
        """The request's LogUri without a slash at its end."""
        return self.request["LogUri"].rstrip("/") if self.request.get("LogUri") else None

    def open_steps(self) -> list[Step]:
        """Return the steps that are neither ended nor cancelled."""
        return [step for step in self.steps if step.state in OPEN]

    def end(self, code: str, message: str) -> None:
        """Begin to terminate: open steps are cancelled and their processes killed."""
        if self.state in ("TERMINATING", *FINAL):
            return
        self._enter("TERMINATING", code, message)
        for step in self.open_steps():
            interrupted = step.state != "PENDING" and self.moto._tags.get(FAULT_TAG) == "interrupts-step"
            self._end_step(step, "INTERRUPTED" if interrupted else "CANCELLED", "Job terminated")

    def normalized_instance_hours(self) -> int:
        """Return the hours so far, in hours of the smallest instance; each begun hour counts."""
        if not self.ready:
            return 0
        hours = int(((self.ended or utcnow()) - self.ready).total_seconds() // 3600) + 1
        instances = self.request["Instances"]
        machines = [(group["InstanceType"], group["InstanceCount"]) for group in instances.get("InstanceGroups", [])]
        for fleet in instances.get("InstanceFleets", []):
            kind = (fleet.get("InstanceTypeConfigs") or [{"InstanceType": "m5.xlarge"}])[0]
            capacity = fleet.get("TargetOnDemandCapacity", 0) + fleet.get("TargetSpotCapacity", 0)
            machines.append((kind["InstanceType"], -(-capacity // kind.get("WeightedCapacity", 1))))
        if instances.get("MasterInstanceType"):
            machines.append((instances["MasterInstanceType"], 1))
            machines.append((instances.get("SlaveInstanceType", ""), instances.get("InstanceCount", 1) - 1))
        return hours * sum(units_of(kind) * count for kind, count in machines)

    def _live(self) -> None:
        while self.state not in FINAL:
            try:
                with self.lock:
                    self._tick(time.monotonic() - self._since)
            except Exception:  # noqa: BLE001 - a cluster that stood still without a word could not be explained
                traceback.print_exc(file=sys.stderr)
            time.sleep(TICK_SECONDS)

    def _enter(self, state: str, code: str = "", message: str = "") -> None:
        self.state = self.moto.state = state
        self.reason = {name: text for name, text in (("Code", code), ("Message", message)) if text}
        self._since = time.monotonic()

    def _tick(self, elapsed: float) -> None:
        is_due = elapsed >= self.settings.state_seconds
        fault = self.fault
        if fault and fault[0] == self.state and is_due and (self.state != "RUNNING" or self._running()):
            self.end(fault[1], fault[2])
        elif self.state == "STARTING" and is_due:
            self._enter("BOOTSTRAPPING")
        elif self.state == "BOOTSTRAPPING" and is_due:
            self.ready = utcnow()
            self._enter("RUNNING", message="Running step" if self.steps else "")
        elif self.state == "RUNNING":
            self._run_steps()
            if self.state == "RUNNING" and is_due and not self.open_steps():
                self._rest()
        elif self.state == "WAITING":
            timeout = (self.auto_termination or {}).get("IdleTimeout")
            if self.open_steps():
                self._enter("RUNNING", message="Running step")
            elif not self.moto.keep_job_flow_alive_when_no_steps:
                self._rest()
            elif timeout and not self.moto.termination_protected and elapsed >= timeout:
                self.end("ALL_STEPS_COMPLETED", "Terminated by the auto-termination policy: idle for too long")
        elif self.state == "TERMINATING" and is_due:
            self.ended = utcnow()
            reason = self.reason
            good = reason.get("Code") in GOOD_REASONS
            self._enter("TERMINATED" if good else "TERMINATED_WITH_ERRORS")
            self.reason = reason

    def _rest(self) -> None:
        failed = any(step.state == "FAILED" for step in self.steps)
        if not self.moto.keep_job_flow_alive_when_no_steps:
            self.end("ALL_STEPS_COMPLETED", "Steps completed with errors" if failed else "Steps completed")
        elif not self.steps:
            self._enter("WAITING", message="Cluster ready to run steps.")
        else:
            last = {"FAILED": "failed", "CANCELLED": "cancelled"}.get(self.steps[-1].state, "completed")
            self._enter("WAITING", message=f"Cluster ready after last step {last}.")

    def _running(self) -> list[Step]:
        return [step for step in self.steps if step.state in ("RUNNING", "CANCEL_PENDING")]

    def _run_steps(self) -> None:
        for step in self._running():
            if step.run.exit_code is not None:
                self._exited(step, step.run.exit_code)
        for step in self.steps:
            if self.state != "RUNNING" or len(self._running()) >= self.moto.step_concurrency_level:
                return
            if step.state == "PENDING":
                step.start(self.settings, self.settings.work / "emr" / self.moto.id / step.id)

    def _exited(self, step: Step, code: int) -> None:
        # A cancelled process may still end well: CancelSteps promises nothing.
        if code == 0:
            self._end_step(step, "COMPLETED")
        elif step.state == "CANCEL_PENDING":
            self._end_step(step, "CANCELLED", "Cancelled by user")
        else:
            self._end_step(step, "FAILED")
            self._act_on_failure(step.action_on_failure)

    def _act_on_failure(self, action: str) -> None:
        if action in ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW") and not self.moto.termination_protected:
            self.end("STEP_FAILURE", "Shut down as step failed")
        elif action != "CONTINUE":
            for step in self.open_steps():
                self._end_step(step, "CANCELLED", "Job terminated")

    def _end_step(self, step: Step, state: str, message: str | None = None) -> None:
        step.end(state, self.log_uri and f"{self.log_uri}/{self.moto.id}/steps/{step.id}", message)


def units_of(instance_type: str) -> int:
    """Return the normalised units of an instance type, for example 16 for m5.2xlarge."""
    found = re.match(r"^[^.]+\.(\d*)(small|medium|large|xlarge)$", instance_type)
    return int(found[1] or 1) * UNITS[found[2]] if found else 0
