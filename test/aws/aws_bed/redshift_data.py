"""redshift-data for moto: statements that really run, on PostgreSQL."""

import moto.redshiftdata.urls
from moto.core.responses import ActionResult

from aws_bed.redshift_answers import drop_empty, session_id_of
from aws_bed.redshift_data_checks import DataApiError, check_request, invalid, missing
from aws_bed.redshift_data_reading import ReadingResponse
from aws_bed.redshift_endpoints import Endpoint, endpoint_of
from aws_bed.redshift_session import Session
from aws_bed.redshift_statement import FINAL, Statement
from aws_bed.redshift_statements import Runner
from aws_bed.settings import Settings

_MAX_BATCH = 40
_ORIGIN = ("ClusterIdentifier", "WorkgroupName", "DbUser", "SecretArn", "Database")


class RedshiftDataResponse(ReadingResponse):
    """The Data API's operations that run and cancel."""

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
            raise invalid(f"Sqls must have length between 1 and {_MAX_BATCH}")
        return self._submit(sqls, is_batch=True)

    def cancel_statement(self) -> ActionResult:
        """CancelStatement: the database's own work is cancelled."""
        statement, _ = self._find(self._get_param("Id"))
        if statement.status in FINAL:
            raise invalid(
                f"Could not cancel a query that is already in {statement.status} state with ID: {statement.id}"
            )
        statement.cancel()
        return ActionResult({"Status": True})

    def _submit(self, sqls: list[str], *, is_batch: bool) -> ActionResult:
        session = self._session()
        keep_alive = self._get_int_param("SessionKeepAliveSeconds")
        origin = dict(session.origin) if session else {member: self._get_param(member) for member in _ORIGIN}
        parameters = self._get_param("Parameters") or []
        token = self._get_param("ClientToken")
        check_request(sqls, parameters, origin, token, keep_alive)
        endpoint = self._endpoint(origin)
        with self.lock:
            known = self.tokens.get(token) if token else None
            if known is not None:
                statement = self.statements[known]
            else:
                self._check_quota(origin["Database"], "\n".join([self._get_param("StatementName") or "", *sqls]))
                if session is None and keep_alive is not None:
                    session = Session(origin, keep_alive)
                    self.sessions[session.id] = session
                elif session is not None and session.status() != "AVAILABLE":
                    raise invalid(f"Session {session.id} is not available: it is {session.status()}")
                statement = Statement.create(
                    sqls,
                    is_batch=is_batch,
                    database=origin["Database"],
                    name=self._get_param("StatementName"),
                    parameters=parameters,
                    origin=origin,
                    auto_commit=self._get_param("ExecutionMode") == "AUTO_COMMIT",
                    endpoint=endpoint,
                    session=session,
                    result_format=self._get_param("ResultFormat") or "JSON",
                )
                if session is not None:
                    session.begin(statement.id, keep_alive)
                self.statements[statement.id] = statement
                if token:
                    self.tokens[token] = statement.id
        if known is None:
            self.runner.start(statement)
        answer = {"Id": statement.id, "CreatedAt": statement.created, **drop_empty(origin), **session_id_of(statement)}
        if self._get_int_param("WaitTimeSeconds") is not None:
            self._wait(statement)
            answer |= {"Status": statement.status, "HasResultSet": statement.columns is not None}
        return ActionResult(answer)

    def _session(self) -> Session | None:
        """Give the session that the request names; what else it says of the target must be the session's own."""
        session_id = self._get_param("SessionId")
        if not session_id:
            return None
        session = self.sessions.get(session_id)
        if session is None:
            raise missing(f"Session does not exist: {session_id}")
        for member in _ORIGIN:
            if self._get_param(member) not in (None, session.origin[member]):
                raise invalid(f"{member} is not the one of the session {session_id}")
        return session

    def _check_quota(self, database: str, text: str) -> None:
        if self.runner.databases.take_fault(database, "active", text):
            raise DataApiError(
                "ActiveStatementsExceededException", "Active statements exceeded the allowed quota (500)."
            )

    def _endpoint(self, origin: dict) -> Endpoint:
        cluster, workgroup = origin["ClusterIdentifier"], origin["WorkgroupName"]
        endpoint = endpoint_of(self.current_account, self.region, cluster, workgroup)
        if endpoint is None:
            raise invalid(f"Redshift endpoint doesn't exist in this region: {cluster or workgroup}")
        if endpoint.state.lower() not in {"available", "modifying"}:
            raise invalid(f"Redshift endpoint {cluster or workgroup} is not available: {endpoint.state}")
        return endpoint


def install(settings: Settings) -> None:
    """Put the service in place of moto's."""
    RedshiftDataResponse.runner = Runner(settings)
    moto.redshiftdata.urls.url_paths["{0}/$"] = RedshiftDataResponse.dispatch
