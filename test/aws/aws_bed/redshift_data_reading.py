"""The Data API's look at what was run: statements, results and sessions."""

import threading

from moto.core.responses import ActionResult

from aws_bed.redshift_answers import (
    column_of,
    csv_of,
    drop_empty,
    field_of,
    outcome_of,
    session_id_of,
    session_of,
    summary_of,
)
from aws_bed.redshift_data_catalog import CatalogResponse
from aws_bed.redshift_data_checks import invalid, missing, page_of
from aws_bed.redshift_session import Session
from aws_bed.redshift_statement import FINAL, Statement, SubStatement
from aws_bed.redshift_statements import Runner

_ROWS_A_PAGE = 1000


class ReadingResponse(CatalogResponse):
    """DescribeStatement, the results and the lists, for one running bed."""

    runner: Runner
    statements: dict[str, Statement] = {}
    sessions: dict[str, Session] = {}
    tokens: dict[str, str] = {}
    lock = threading.Lock()

    def describe_statement(self) -> ActionResult:
        """DescribeStatement; a sub-statement's id is answered with its batch."""
        statement, part = self._find(self._get_param("Id"))
        self._wait(statement)
        shown = outcome_of(part) | {
            "RedshiftPid": statement.pid,
            **drop_empty(statement.origin),
            **session_id_of(statement),
        }
        shown["ResultFormat"] = statement.result_format
        if statement.parameters:
            shown["QueryParameters"] = statement.parameters
        if statement.is_batch and part is statement:
            shown["SubStatements"] = [outcome_of(other) for other in statement.parts]
            shown["HasResultSet"] = any(other.columns is not None for other in statement.parts)
            shown["ExecutionMode"] = "AUTO_COMMIT" if statement.auto_commit else "TRANSACTION"
        return ActionResult(shown)

    def get_statement_result(self) -> ActionResult:
        """GetStatementResult, a page at a time."""
        part, records, more = self._result("JSON")
        return ActionResult(
            {
                "Records": [[field_of(value) for value in row] for row in records],
                "ColumnMetadata": [column_of(column) for column in part.columns],
                "TotalNumRows": len(part.records),
                **more,
            }
        )

    def get_statement_result_v2(self) -> ActionResult:
        """GetStatementResultV2: the rows as CSV, with the columns' names first."""
        part, records, more = self._result("CSV")
        return ActionResult(
            {
                "Records": [{"CSVRecords": csv_of(part.columns, records)}],
                "ColumnMetadata": [column_of(column) for column in part.columns],
                "TotalNumRows": len(part.records),
                "ResultFormat": "CSV",
                **more,
            }
        )

    def _result(self, result_format: str) -> tuple[SubStatement, list[tuple], dict]:
        statement, part = self._find(self._get_param("Id"))
        self._wait(statement)
        if statement.is_batch and part is statement:
            raise invalid("The statement is a batch: ask for the result of a sub-statement by its id")
        if part.status != "FINISHED" or statement.status != "FINISHED" or part.columns is None:
            raise missing("Query does not have result. Please check query status with DescribeStatement.")
        if statement.result_format != result_format:
            raise invalid(f"The result of the statement is in the format {statement.result_format}")
        return part, *page_of(part.records, self._get_param("NextToken"), _ROWS_A_PAGE, part.id)

    def list_statements(self) -> ActionResult:
        """ListStatements: the newest first; finished ones only, when no status is asked for."""
        status = self._get_param("Status") or "FINISHED"
        prefix = self._get_param("StatementName") or ""
        size = self._get_int_param("MaxResults") or 100
        if not 1 <= size <= 100:
            raise invalid("MaxResults must be between 1 and 100")
        with self.lock:
            found = [
                statement for statement in reversed(self.statements.values()) if status in {"ALL", statement.status}
            ]
        for member in ("Database", "ClusterIdentifier", "WorkgroupName"):
            wanted = self._get_param(member)
            found = [statement for statement in found if wanted in (None, statement.origin.get(member))]
        found = [statement for statement in found if (statement.name or "").startswith(prefix)]
        page, more = page_of(found, self._get_param("NextToken"), size, "list")
        return ActionResult({"Statements": [summary_of(statement) for statement in page], **more})

    def list_sessions(self) -> ActionResult:
        """ListSessions: those that are open, when no status is asked for; the newest first."""
        with self.lock:
            found = list(reversed(self.sessions.values()))
            filters = {member: self._get_param(member) for member in ("ClusterIdentifier", "WorkgroupName", "Database")}
            named, status = self._get_param("SessionId"), self._get_param("Status")
            if named:
                if status or any(filters.values()):
                    raise invalid("SessionId does not go with Status, ClusterIdentifier, WorkgroupName or Database")
                shown = [session_of(session) for session in found if session.id == named]
            else:
                wanted = {status} if status else {"AVAILABLE", "BUSY"}
                shown = [
                    session_of(session)
                    for session in found
                    if session.status() in wanted
                    and all(value in (None, session.origin[member]) for member, value in filters.items())
                ]
        page, more = page_of(shown, self._get_param("NextToken"), self._get_int_param("MaxResults") or 100, "sessions")
        return ActionResult({"Sessions": page, **more})

    def _find(self, statement_id: str) -> tuple[Statement, SubStatement]:
        statement = self.statements.get((statement_id or "").split(":")[0])
        for part in [statement, *statement.parts] if statement else []:
            if part.id == statement_id:
                if statement.status in FINAL:
                    # What an end leaves behind is there when the end is told.
                    statement.done.wait()
                return statement, part
        raise missing(f"Query does not exist: {statement_id}")

    def _wait(self, statement: Statement) -> None:
        seconds = self._get_int_param("WaitTimeSeconds")
        if seconds is None:
            return
        if not 1 <= seconds <= 30:
            raise invalid("WaitTimeSeconds must be between 1 and 30")
        statement.done.wait(seconds)
