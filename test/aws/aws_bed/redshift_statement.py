"""What is known of each of the Data API's statements."""

import threading
import time
import uuid
from dataclasses import dataclass, field
from itertools import count

import psycopg

from aws_bed.redshift_endpoints import Endpoint
from aws_bed.redshift_session import Session

FINAL = {"FINISHED", "FAILED", "ABORTED"}
_query_ids = count(1000)


@dataclass
class SubStatement:
    """One SQL text and what came of it."""

    id: str
    sql: str
    status: str = "SUBMITTED"
    error: str | None = None
    rows: int = -1
    columns: list | None = None
    records: list[tuple] = field(default_factory=list)
    created: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)
    started: float | None = None
    query_id: int = field(default_factory=lambda: next(_query_ids))

    def move(self, status: str, error: str | None = None) -> None:
        """Go to a state; the first one after the start sets the clock of Duration."""
        self.updated = time.time()
        if status == "STARTED":
            self.started = self.updated
        self.error = error
        self.status = status

    def duration(self) -> int:
        """Nanoseconds from the start to the last change."""
        return int((self.updated - self.started) * 1e9) if self.started else 0


@dataclass
class Statement(SubStatement):
    """What one call of ExecuteStatement or BatchExecuteStatement asked for."""

    database: str = ""
    name: str | None = None
    parameters: list[dict] = field(default_factory=list)
    #: The request's members that DescribeStatement repeats.
    origin: dict = field(default_factory=dict)
    parts: list[SubStatement] = field(default_factory=list)
    is_batch: bool = False
    auto_commit: bool = False
    pid: int = 0
    connection: psycopg.Connection | None = None
    cancelled: bool = False
    endpoint: Endpoint = field(default_factory=lambda: Endpoint("available"))
    session: Session | None = None
    result_format: str = "JSON"
    done: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def create(cls, sqls: list[str], *, is_batch: bool, **others: object) -> "Statement":
        """Give the statement and, for a batch, its sub-statements their ids."""
        statement_id = str(uuid.uuid4())
        statement = cls(statement_id, "" if is_batch else sqls[0], is_batch=is_batch, **others)
        parts = [SubStatement(f"{statement_id}:{n}", text) for n, text in enumerate(sqls, 1)]
        statement.parts = parts if is_batch else [statement]
        return statement

    def cancel(self) -> None:
        """Ask the database to end what it does for this statement."""
        self.cancelled = True
        connection = self.connection
        if connection is not None and not connection.closed:
            connection.cancel_safe(timeout=5)
