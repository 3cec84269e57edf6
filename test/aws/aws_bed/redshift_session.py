"""The Data API's sessions: a connection that lives on between statements, for temporary tables and settings."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

    from aws_bed.redshift_database import Databases


@dataclass
class Session:
    """A session as ListSessions tells it."""

    origin: dict
    keep_alive: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)
    #: The id of the statement that runs; one at a time.
    current: str | None = None
    is_closed: bool = False
    _connection: psycopg.Connection | None = None

    def connect(self, databases: Databases) -> psycopg.Connection:
        """Give the connection, which the first statement opens."""
        if self._connection is None:
            self._connection = databases.connect(self.origin["Database"])
        return self._connection

    def begin(self, statement_id: str, keep_alive: int | None) -> None:
        """Let a statement have the session; it may change how long the session stays."""
        self.current, self.updated = statement_id, time.time()
        if keep_alive is not None:
            self.keep_alive = keep_alive

    def end(self) -> None:
        """Take the session from its statement: from now on its time runs out."""
        self.current, self.updated = None, time.time()

    def status(self) -> str:
        """Give AVAILABLE, BUSY or CLOSED; a session whose time is over is closed here."""
        if self.current is not None:
            return "BUSY"
        if not self.is_closed and time.time() >= self.updated + self.keep_alive:
            self.is_closed = True
            if self._connection is not None:
                self._connection.close()
        return "CLOSED" if self.is_closed else "AVAILABLE"
