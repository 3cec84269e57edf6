"""Usage limits and tags of redshift-serverless, and what its operations share."""

import threading
import uuid

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from aws_bed.redshift_serverless_store import Backend, ServerlessError, backends, invalid

#: Requests come in threads of their own; two of them must not both find no such limit.
ONE_AT_A_TIME = threading.Lock()


class LimitsResponse(BaseResponse):
    """Usage limits and tags."""

    @property
    def backend(self) -> Backend:
        """The account's and region's own."""
        return backends[self.current_account][self.region]

    def given(self, *names: str) -> dict:
        """Give the members that the request has."""
        return {name: value for name in names if (value := self._get_param(name)) is not None}

    def page(self, found: list[dict], owner: str) -> tuple[list[dict], dict]:
        """Give a page of what was found, and the member nextToken when there is more."""
        token, size = self._get_param("nextToken"), self._get_int_param("maxResults") or 100
        if not 1 <= size <= 100:
            raise invalid("maxResults must be between 1 and 100")
        name, _, offset = (token or f"{owner}@0").rpartition("@")
        if name != owner or not offset.isdigit():
            raise invalid("nextToken is not one of this request's")
        end = int(offset) + size
        return found[int(offset) : end], {"nextToken": f"{owner}@{end}"} if end < len(found) else {}

    def create_usage_limit(self) -> ActionResult:
        """CreateUsageLimit: one for each resource, kind of use and period; `log` unless said otherwise."""
        limit = {"period": "monthly", "breachAction": "log"}
        limit |= self.given("amount", "breachAction", "period", "resourceArn", "usageType")
        self._check_resource(limit["resourceArn"])
        _check_limit(limit)
        same = ("resourceArn", "usageType", "period")
        with ONE_AT_A_TIME:
            if any(all(other[name] == limit[name] for name in same) for other in self.backend.limits.values()):
                raise ServerlessError("ConflictException", "There is such a usage limit already.")
            limit_id = str(uuid.uuid4())
            limit |= {"usageLimitId": limit_id, "usageLimitArn": self.backend.arn("usagelimit", limit_id)}
            self.backend.limits[limit_id] = limit
        return ActionResult({"usageLimit": limit})

    def _check_resource(self, arn: str) -> None:
        if not any(found["workgroupArn"] == arn for found in self.backend.all("workgroup")):
            raise ServerlessError("ResourceNotFoundException", f"The resource {arn} was not found.")

    def _limit(self) -> dict:
        limit = self.backend.limits.get(self._get_param("usageLimitId"))
        if limit is None:
            raise ServerlessError("ResourceNotFoundException", "The usage limit was not found.")
        return limit

    def get_usage_limit(self) -> ActionResult:
        """GetUsageLimit."""
        return ActionResult({"usageLimit": self._limit()})

    def list_usage_limits(self) -> ActionResult:
        """ListUsageLimits by resource and kind of use."""
        found = list(self.backend.limits.values())
        for name, wanted in self.given("resourceArn", "usageType").items():
            found = [limit for limit in found if limit[name] == wanted]
        page, more = self.page(found, "limits")
        return ActionResult({"usageLimits": page, **more})

    def update_usage_limit(self) -> ActionResult:
        """UpdateUsageLimit."""
        limit = self._limit()
        changed = limit | self.given("amount", "breachAction")
        _check_limit(changed)
        limit.update(changed)
        return ActionResult({"usageLimit": limit})

    def delete_usage_limit(self) -> ActionResult:
        """DeleteUsageLimit."""
        return ActionResult({"usageLimit": self.backend.limits.pop(self._limit()["usageLimitId"])})

    def _tags(self) -> list[dict]:
        arn = self._get_param("resourceArn")
        if arn not in self.backend.tags:
            raise ServerlessError("ResourceNotFoundException", f"The resource {arn} was not found.")
        return self.backend.tags[arn]

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        return ActionResult({"tags": self._tags()})

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        new = self._get_param("tags") or []
        keys = {tag["key"] for tag in new}
        self._tags()[:] = [tag for tag in self._tags() if tag["key"] not in keys] + new
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        keys = self._get_param("tagKeys") or []
        self._tags()[:] = [tag for tag in self._tags() if tag["key"] not in keys]
        return EmptyResult()


def _check_limit(limit: dict) -> None:
    if limit["amount"] <= 0:
        raise invalid("amount must be positive")
    if limit["breachAction"] not in {"log", "emit-metric", "deactivate"}:
        raise invalid("breachAction must be log, emit-metric or deactivate")
    if limit["period"] not in {"daily", "weekly", "monthly"}:
        raise invalid("period must be daily, weekly or monthly")
