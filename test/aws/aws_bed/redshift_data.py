"""redshift-data for moto: statements that really run, on PostgreSQL."""

import re
import threading

import moto.redshiftdata.urls
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from aws_bed.redshift_answers import column_of, drop_empty, field_of, outcome_of, summary_of
from aws_bed.redshift_endpoints import state_of
from aws_bed.redshift_gate import parameters_of
from aws_bed.redshift_statement import FINAL, Statement, SubStatement
from aws_bed.redshift_statements import Runner
from aws_bed.settings import Settings

_MAX_STATEMENT_BYTES = 100_000
_MAX_BATCH = 40
_ROWS_A_PAGE = 1000
_ORIGIN = ("ClusterIdentifier", "WorkgroupName", "DbUser", "SecretArn", "Database")


class DataApiError(ServiceException):
    """One of the service's errors: code and message."""


class RedshiftDataResponse(BaseResponse):
    """The Data API's operations, for one running bed."""

    runner: Runner
    statements: dict[str, Statement] = {}
    tokens: dict[str, str] = {}
    lock = threading.Lock()

    def __init__(self) -> None:
        super().__init__(service_name="redshift-data")
        self.automated_parameter_parsing = True

    def execute_statement(self) -> ActionResult:
        """ExecuteStatement."""
        return self._submit([self._get_param("Sql") or ""], is_batch=False)

    def batch_execute_statement(self) -> ActionResult:
        """BatchExecuteStatement: one transaction, or with AUTO_COMMIT one for each statement."""
        sqls = self._get_param("Sqls") or []
        if not 1 <= len(sqls) <= _MAX_BATCH:
            raise _invalid(f"Sqls must have length between 1 and {_MAX_BATCH}")
        return self._submit(sqls, is_batch=True)

    def describe_statement(self) -> ActionResult:
        """DescribeStatement; a sub-statement's id is answered with its batch."""
        statement, part = self._find(self._get_param("Id"))
        self._wait(statement)
        shown = outcome_of(part) | {"RedshiftPid": statement.pid, **drop_empty(statement.origin)}
        if statement.parameters:
            shown["QueryParameters"] = statement.parameters
        if statement.is_batch and part is statement:
            shown["SubStatements"] = [outcome_of(other) for other in statement.parts]
            shown["HasResultSet"] = any(other.columns is not None for other in statement.parts)
            shown["ExecutionMode"] = "AUTO_COMMIT" if statement.auto_commit else "TRANSACTION"
        return ActionResult(shown)

    def get_statement_result(self) -> ActionResult:
        """GetStatementResult, a page at a time."""
        statement, part = self._find(self._get_param("Id"))
        self._wait(statement)
        if statement.is_batch and part is statement:
            raise _invalid("The statement is a batch: ask for the result of a sub-statement by its id")
        if part.status != "FINISHED" or statement.status != "FINISHED" or part.columns is None:
            raise _missing("Query does not have result. Please check query status with DescribeStatement.")
        begin = _offset(self._get_param("NextToken"), part.id)
        end = begin + _ROWS_A_PAGE
        page = {
            "Records": [[field_of(value) for value in row] for row in part.records[begin:end]],
            "ColumnMetadata": [column_of(column) for column in part.columns],
            "TotalNumRows": len(part.records),
        }
        if end < len(part.records):
            page["NextToken"] = f"{part.id}@{end}"
        return ActionResult(page)

    def list_statements(self) -> ActionResult:
        """ListStatements: the newest first; finished ones only, when no status is asked for."""
        status = self._get_param("Status") or "FINISHED"
        prefix = self._get_param("StatementName") or ""
        size = self._get_int_param("MaxResults") or 100
        if not 1 <= size <= 100:
            raise _invalid("MaxResults must be between 1 and 100")
        with self.lock:
            found = [
                statement for statement in reversed(self.statements.values()) if status in {"ALL", statement.status}
            ]
        for member in ("Database", "ClusterIdentifier", "WorkgroupName"):
            wanted = self._get_param(member)
            found = [statement for statement in found if wanted in (None, statement.origin.get(member))]
        found = [statement for statement in found if (statement.name or "").startswith(prefix)]
        begin = _offset(self._get_param("NextToken"), "list")
        page: dict = {"Statements": [summary_of(statement) for statement in found[begin : begin + size]]}
        if begin + size < len(found):
            page["NextToken"] = f"list@{begin + size}"
        return ActionResult(page)

    def cancel_statement(self) -> ActionResult:
        """CancelStatement: the database's own work is cancelled."""
        statement, _ = self._find(self._get_param("Id"))
        if statement.status in FINAL:
            raise _invalid(
                f"Could not cancel a query that is already in {statement.status} state with ID: {statement.id}"
            )
        statement.cancel()
        return ActionResult({"Status": True})

    def _submit(self, sqls: list[str], *, is_batch: bool) -> ActionResult:
        parameters = self._get_param("Parameters") or []
        origin = {member: self._get_param(member) for member in _ORIGIN}
        token = self._get_param("ClientToken")
        self._check(sqls, parameters, origin, token)
        with self.lock:
            known = self.tokens.get(token) if token else None
            if known is None:
                text = "\n".join([self._get_param("StatementName") or "", *sqls])
                if self.runner.databases.take_fault(origin["Database"], "active", text):
                    raise DataApiError(
                        "ActiveStatementsExceededException", "Active statements exceeded the allowed quota (500)."
                    )
                statement = Statement.create(
                    sqls,
                    is_batch=is_batch,
                    database=origin["Database"],
                    name=self._get_param("StatementName"),
                    parameters=parameters,
                    origin=origin,
                    auto_commit=self._get_param("ExecutionMode") == "AUTO_COMMIT",
                )
                self.statements[statement.id] = statement
                if token:
                    self.tokens[token] = statement.id
            else:
                statement = self.statements[known]
        if known is None:
            self.runner.start(statement)
        answer = {"Id": statement.id, "CreatedAt": statement.created, **drop_empty(origin)}
        if self._get_int_param("WaitTimeSeconds") is not None:
            self._wait(statement)
            answer |= {"Status": statement.status, "HasResultSet": statement.columns is not None}
        return ActionResult(answer)

    def _check(self, sqls: list[str], parameters: list[dict], origin: dict, token: str | None) -> None:
        cluster, workgroup = origin["ClusterIdentifier"], origin["WorkgroupName"]
        if bool(cluster) == bool(workgroup):
            raise _invalid("Exactly one of ClusterIdentifier and WorkgroupName must be given")
        if not origin["Database"]:
            raise _invalid("Database is a required parameter")
        if workgroup and origin["DbUser"]:
            raise _invalid("DbUser does not go with WorkgroupName")
        if origin["DbUser"] and origin["SecretArn"]:
            raise _invalid("Only one of DbUser and SecretArn may be given")
        if self._get_param("SessionId") or self._get_param("SessionKeepAliveSeconds"):
            raise _invalid("the bed knows no sessions")
        if token is not None and not 1 <= len(token) <= 64:
            raise _invalid("ClientToken must have length between 1 and 64")
        for text in sqls:
            if not text.strip():
                raise _invalid("Sql must not be empty")
            if len(text.encode()) > _MAX_STATEMENT_BYTES:
                raise _invalid("Cannot process query larger than 100kB")
        names = [parameter.get("name") or "" for parameter in parameters]
        if len(set(names)) < len(names) or not all(re.fullmatch(r"\w+", name) for name in names):
            raise _invalid("Parameter names must be unique words")
        if any(not isinstance(value := parameter.get("value"), str) or not value for parameter in parameters):
            raise _invalid("Parameter values must be texts of length 1 and more")
        used = set().union(*(parameters_of(text) for text in sqls))
        if set(names) - used:
            raise _invalid(f"Parameters that no statement uses: {', '.join(sorted(set(names) - used))}")
        if parameters and used - set(names):
            raise _invalid(f"Parameters without a value: {', '.join(sorted(used - set(names)))}")
        state = state_of(self.current_account, self.region, cluster, workgroup)
        if state is None:
            raise _invalid(f"Redshift endpoint doesn't exist in this region: {cluster or workgroup}")
        if state.lower() not in {"available", "modifying"}:
            raise _invalid(f"Redshift endpoint {cluster or workgroup} is not available: {state}")

    def _find(self, statement_id: str) -> tuple[Statement, SubStatement]:
        statement = self.statements.get((statement_id or "").split(":")[0])
        for part in [statement, *statement.parts] if statement else []:
            if part.id == statement_id:
                return statement, part
        raise _missing(f"Query does not exist: {statement_id}")

    def _wait(self, statement: Statement) -> None:
        seconds = self._get_int_param("WaitTimeSeconds")
        if seconds is None:
            return
        if not 1 <= seconds <= 30:
            raise _invalid("WaitTimeSeconds must be between 1 and 30")
        statement.done.wait(seconds)


def _invalid(message: str) -> DataApiError:
    return DataApiError("ValidationException", message)


def _missing(message: str) -> DataApiError:
    return DataApiError("ResourceNotFoundException", message)


def _offset(token: str | None, owner: str) -> int:
    if not token:
        return 0
    name, _, offset = token.rpartition("@")
    if name != owner or not offset.isdigit():
        raise _invalid("NextToken is not one of this request's")
    return int(offset)


def install(settings: Settings) -> None:
    """Put the service in place of moto's."""
    RedshiftDataResponse.runner = Runner(settings)
    moto.redshiftdata.urls.url_paths["{0}/$"] = RedshiftDataResponse.dispatch
