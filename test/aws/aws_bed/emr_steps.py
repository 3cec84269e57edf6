"""A step: its states, and what the describing operations say of it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from moto.core.utils import utcnow
from moto.emr.utils import random_step_id

from aws_bed.emr_process import StepRun
from aws_bed.settings import Settings

OPEN = ("PENDING", "RUNNING", "CANCEL_PENDING")
#: The signal of each StepCancellationOption, since emr-5.32.
CANCEL_SIGNALS = {"SEND_INTERRUPT": signal.SIGTERM, "TERMINATE_PROCESS": signal.SIGKILL}


class Step:
    """One step of a cluster. Its cluster's thread moves it from state to state."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.id = random_step_id()
        self.request = request
        self.action_on_failure = request.get("ActionOnFailure", "TERMINATE_CLUSTER")
        self.state = "PENDING"
        self.message: str | None = None
        self.failure: dict[str, str] | None = None
        self.created = utcnow()
        self.started: Any = None
        self.ended: Any = None
        self.run: StepRun | None = None

    @property
    def jar(self) -> dict[str, Any]:
        """The request's HadoopJarStep."""
        return self.request.get("HadoopJarStep", {})

    def start(self, settings: Settings, folder: Path) -> None:
        """Start the process; a jar other than command-runner.jar is a step that fails."""
        self.state = "RUNNING"
        self.started = utcnow()
        is_command = self.jar.get("Jar", "").endswith("command-runner.jar") and self.jar.get("Args")
        args = (
            self.jar["Args"] if is_command else ["bash", "-c", "echo 'Only command-runner.jar runs here' >&2; exit 1"]
        )
        self.run = StepRun(settings, args, folder)
        self.run.start()

    def end(self, state: str, log_uri: str | None, message: str | None = None) -> None:
        """Enter the last state, kill what still runs and have the logs sent."""
        self.state = state
        self.message = message
        self.ended = utcnow()
        if not self.run:
            return
        self.run.signal(signal.SIGKILL)
        if state == "FAILED":
            last = self.run.last_error_line()
            self.failure = {"Reason": "Unknown Error.", "Message": last or f"exitCode {self.run.exit_code}"}
            if log_uri:
                self.failure["LogFile"] = f"{log_uri}/stderr.gz"
        if log_uri:
            self.run.send_logs(log_uri)

    def cancel(self, option: str) -> dict[str, str]:
        """Cancel the step if it is open and return its entry in EMR's list of results."""
        if self.state not in OPEN:
            return {"StepId": self.id, "Status": "FAILED", "Reason": f"Cannot cancel step in state {self.state}."}
        if self.state == "PENDING":
            self.end("CANCELLED", None, "Cancelled by user")
        else:
            self.state = "CANCEL_PENDING"
            self.run.signal(CANCEL_SIGNALS[option])
        return {"StepId": self.id, "Status": "SUBMITTED"}

    def describe(self) -> dict[str, Any]:
        """Return the step as DescribeStep and ListSteps show it."""
        timeline = {"CreationDateTime": self.created, "StartDateTime": self.started, "EndDateTime": self.ended}
        status = {
            "State": self.state,
            "StateChangeReason": {"Code": "NONE", "Message": self.message} if self.message else {},
            "Timeline": {name: time for name, time in timeline.items() if time},
        }
        if self.failure:
            status["FailureDetails"] = self.failure
        properties = {each["Key"]: each.get("Value", "") for each in self.jar.get("Properties", [])}
        config = {"Jar": self.jar.get("Jar"), "Properties": properties, "Args": self.jar.get("Args", [])}
        if self.jar.get("MainClass"):
            config["MainClass"] = self.jar["MainClass"]
        return {
            "Id": self.id,
            "Name": self.request.get("Name"),
            "Config": config,
            "ActionOnFailure": self.action_on_failure,
            "Status": status,
        }
