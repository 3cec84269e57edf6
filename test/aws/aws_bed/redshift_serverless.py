"""redshift-serverless for moto, which has no such service: namespaces, workgroups and usage limits."""

import json
import re
import sys
import time
import types
import uuid

import moto
import moto.backend_index
from moto.core.base_backend import BackendDict
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.secretsmanager import secretsmanager_backends

from aws_bed.redshift_endpoints import workgroup_states
from aws_bed.redshift_serverless_store import Backend, ServerlessError
from aws_bed.settings import Settings

_NAME = re.compile(r"[a-z0-9-]{3,64}")
_HOST = r"https?://redshift-serverless\.(.+)\.amazonaws\.com"


_backends = BackendDict(Backend, "redshift-serverless")


class RedshiftServerlessResponse(BaseResponse):
    """The service's operations."""

    state_seconds = 0.2

    def __init__(self) -> None:
        super().__init__(service_name="redshift-serverless")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> Backend:
        """The account's and region's own."""
        return _backends[self.current_account][self.region]

    def _given(self, *names: str) -> dict:
        return {name: value for name in names if (value := self._get_param(name)) is not None}

    def _new(self, kind: str) -> dict:
        name = self._get_param(f"{kind}Name") or ""
        if not _NAME.fullmatch(name):
            raise _invalid(f"{kind}Name must be 3 to 64 lower-case letters, digits and hyphens")
        if any(found[f"{kind}Name"] == name for found in self.backend.all(kind)):
            raise ServerlessError("ConflictException", f"The {kind} {name} already exists.")
        resource_id = str(uuid.uuid4())
        arn = self.backend.arn(kind, resource_id)
        self.backend.tags[arn] = self._get_param("tags") or []
        return {f"{kind}Name": name, f"{kind}Id": resource_id, f"{kind}Arn": arn, "creationDate": time.time()}

    def _free(self, kind: str) -> dict:
        found = self.backend.find(kind, self._get_param(f"{kind}Name"))
        if found["status"] != "AVAILABLE":
            raise ServerlessError(
                "ConflictException", f"There is an operation running on the {kind}: {found['status']}"
            )
        return found

    def _changed(self, kind: str, changes: dict) -> ActionResult:
        found = self._free(kind)
        found.update(changes)
        self.backend.move(kind, found, "MODIFYING", "AVAILABLE", self.state_seconds)
        return ActionResult({kind: dict(found)})

    def _deleted(self, kind: str) -> ActionResult:
        found = self._free(kind)
        self.backend.move(kind, found, "DELETING", "GONE", self.state_seconds)
        return ActionResult({kind: dict(found)})

    def _secret(self, namespace: dict) -> dict:
        if not self._get_param("manageAdminPassword"):
            return {}
        if self._get_param("adminUserPassword"):
            raise _invalid("adminUserPassword does not go with manageAdminPassword")
        username = namespace.get("adminUsername", "admin")
        secret = secretsmanager_backends[self.current_account][self.region].create_managed_secret(
            "redshift-serverless",
            f"redshift!{namespace['namespaceName']}-{username}-{uuid.uuid4().hex[:6]}",
            secret_string=json.dumps({"username": username, "password": uuid.uuid4().hex}),
        )
        return {"adminPasswordSecretArn": secret.arn}

    def create_namespace(self) -> ActionResult:
        """CreateNamespace; it is there at once."""
        namespace = self._new("namespace") | {"status": "AVAILABLE", "adminUsername": "admin", "dbName": "dev"}
        namespace |= {"iamRoles": [], "logExports": [], "kmsKeyId": "AWS_OWNED_KMS_KEY"}
        members = ("adminUsername", "dbName", "iamRoles", "defaultIamRoleArn", "kmsKeyId", "logExports")
        namespace |= self._given(*members)
        namespace |= self._secret(namespace)
        self.backend.kinds["namespace"][namespace["namespaceName"]] = namespace
        return ActionResult({"namespace": dict(namespace)})

    def get_namespace(self) -> ActionResult:
        """GetNamespace."""
        return ActionResult({"namespace": self.backend.find("namespace", self._get_param("namespaceName"))})

    def list_namespaces(self) -> ActionResult:
        """ListNamespaces, in one page."""
        return ActionResult({"namespaces": self.backend.all("namespace")})

    def update_namespace(self) -> ActionResult:
        """UpdateNamespace."""
        found = self._free("namespace")
        changes = self._given("adminUsername", "iamRoles", "defaultIamRoleArn", "kmsKeyId", "logExports")
        return self._changed("namespace", changes | self._secret(found | changes))

    def delete_namespace(self) -> ActionResult:
        """DeleteNamespace; its workgroup must be gone."""
        name = self._get_param("namespaceName")
        if any(found["namespaceName"] == name for found in self.backend.all("workgroup")):
            raise ServerlessError("ConflictException", f"The namespace {name} still has a workgroup.")
        return self._deleted("namespace")

    def create_workgroup(self) -> ActionResult:
        """CreateWorkgroup: private unless said otherwise; one for each namespace."""
        workgroup = self._new("workgroup")
        namespace = self.backend.find("namespace", self._get_param("namespaceName"))["namespaceName"]
        if any(found["namespaceName"] == namespace for found in self.backend.all("workgroup")):
            raise ServerlessError("ConflictException", f"The namespace {namespace} has a workgroup already.")
        name, region = workgroup["workgroupName"], self.region
        workgroup |= {"namespaceName": namespace, "publiclyAccessible": False, "enhancedVpcRouting": False}
        workgroup |= {"baseCapacity": 128, "port": 5439, "configParameters": []}
        workgroup |= self._capacity()
        workgroup["endpoint"] = {
            "address": f"{name}.{self.current_account}.{region}.redshift-serverless.amazonaws.com",
            "port": workgroup["port"],
        }
        backend = self.backend
        backend.move("workgroup", workgroup, "CREATING", "AVAILABLE", self.state_seconds)
        backend.kinds["workgroup"][name] = workgroup

        def state() -> str | None:
            return next((found["status"] for found in backend.all("workgroup") if found["workgroupName"] == name), None)

        workgroup_states[(self.current_account, region, name)] = state
        return ActionResult({"workgroup": dict(workgroup)})

    def _capacity(self) -> dict:
        members = ("baseCapacity", "maxCapacity", "port", "publiclyAccessible", "enhancedVpcRouting")
        given = self._given(*members, "configParameters", "securityGroupIds", "subnetIds")
        base = given.get("baseCapacity", 128)
        if base < 4 or base > 1024 or (base > 4 and base % 8 != 0):
            raise _invalid(f"baseCapacity {base} is not 4 or a multiple of 8 up to 1024")
        if "baseCapacity" in given and given.get("maxCapacity", base) < base:
            raise _invalid("maxCapacity must not be below baseCapacity")
        return given

    def get_workgroup(self) -> ActionResult:
        """GetWorkgroup."""
        return ActionResult({"workgroup": self.backend.find("workgroup", self._get_param("workgroupName"))})

    def list_workgroups(self) -> ActionResult:
        """ListWorkgroups, in one page."""
        return ActionResult({"workgroups": self.backend.all("workgroup")})

    def update_workgroup(self) -> ActionResult:
        """UpdateWorkgroup."""
        return self._changed("workgroup", self._capacity())

    def delete_workgroup(self) -> ActionResult:
        """DeleteWorkgroup."""
        return self._deleted("workgroup")

    def create_usage_limit(self) -> ActionResult:
        """CreateUsageLimit: one for each resource, kind of use and period; `log` unless said otherwise."""
        limit = {"period": "monthly", "breachAction": "log"}
        limit |= self._given("amount", "breachAction", "period", "resourceArn", "usageType")
        self._check_resource(limit["resourceArn"])
        _check_limit(limit)
        same = ("resourceArn", "usageType", "period")
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
        for name, wanted in self._given("resourceArn", "usageType").items():
            found = [limit for limit in found if limit[name] == wanted]
        return ActionResult({"usageLimits": found})

    def update_usage_limit(self) -> ActionResult:
        """UpdateUsageLimit."""
        limit = self._limit()
        changed = limit | self._given("amount", "breachAction")
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


def _invalid(message: str) -> ServerlessError:
    return ServerlessError("ValidationException", message)


def _check_limit(limit: dict) -> None:
    if limit["amount"] <= 0:
        raise _invalid("amount must be positive")
    if limit["breachAction"] not in {"log", "emit-metric", "deactivate"}:
        raise _invalid("breachAction must be log, emit-metric or deactivate")
    if limit["period"] not in {"daily", "weekly", "monthly"}:
        raise _invalid("period must be daily, weekly or monthly")


def install(settings: Settings) -> None:
    """Make moto know the service; it looks for modules of this form."""
    RedshiftServerlessResponse.state_seconds = settings.state_seconds
    package = types.ModuleType("moto.redshiftserverless")
    models = types.ModuleType("moto.redshiftserverless.models")
    urls = types.ModuleType("moto.redshiftserverless.urls")
    Backend.__module__ = models.__name__
    package.redshiftserverless_backends = models.redshiftserverless_backends = _backends
    package.models, package.urls = models, urls
    package.__path__ = []
    urls.url_bases = [_HOST]
    urls.url_paths = {"{0}/$": RedshiftServerlessResponse.dispatch}
    moto.redshiftserverless = package
    sys.modules |= {module.__name__: module for module in (package, models, urls)}
    moto.backend_index.backend_url_patterns.append(("redshiftserverless", re.compile(_HOST)))
