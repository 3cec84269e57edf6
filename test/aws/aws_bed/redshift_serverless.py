"""redshift-serverless for moto, which has no such service: namespaces, workgroups and usage limits."""

import json
import re
import sys
import time
import types
import uuid

import moto
import moto.backend_index
from moto.core.responses import ActionResult
from moto.secretsmanager import secretsmanager_backends

from aws_bed.redshift_endpoints import Endpoint, workgroups
from aws_bed.redshift_serverless_limits import LimitsResponse
from aws_bed.redshift_serverless_store import Backend, ServerlessError, backends, invalid
from aws_bed.settings import Settings

_NAME = re.compile(r"[a-z0-9-]{3,64}")
_HOST = r"https?://redshift-serverless\.(.+)\.amazonaws\.com"


class RedshiftServerlessResponse(LimitsResponse):
    """The service's operations."""

    state_seconds = 0.2

    def __init__(self) -> None:
        super().__init__(service_name="redshift-serverless")
        self.automated_parameter_parsing = True

    def _new(self, kind: str) -> dict:
        name = self._get_param(f"{kind}Name") or ""
        if not _NAME.fullmatch(name):
            raise invalid(f"{kind}Name must be 3 to 64 lower-case letters, digits and hyphens")
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
            raise invalid("adminUserPassword does not go with manageAdminPassword")
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
        namespace |= self.given(*members)
        namespace |= self._secret(namespace)
        self.backend.kinds["namespace"][namespace["namespaceName"]] = namespace
        return ActionResult({"namespace": dict(namespace)})

    def get_namespace(self) -> ActionResult:
        """GetNamespace."""
        return ActionResult({"namespace": self.backend.find("namespace", self._get_param("namespaceName"))})

    def list_namespaces(self) -> ActionResult:
        """ListNamespaces, a page at a time."""
        page, more = self.page(self.backend.all("namespace"), "namespaces")
        return ActionResult({"namespaces": page, **more})

    def update_namespace(self) -> ActionResult:
        """UpdateNamespace."""
        found = self._free("namespace")
        changes = self.given("adminUsername", "iamRoles", "defaultIamRoleArn", "kmsKeyId", "logExports")
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

        def read() -> Endpoint | None:
            found = next((found for found in backend.all("workgroup") if found["workgroupName"] == name), None)
            owner = backend.kinds["namespace"].get(namespace)
            if found is None or owner is None:
                return None
            return Endpoint(found["status"], owner["iamRoles"], owner.get("defaultIamRoleArn"))

        workgroups[(self.current_account, region, name)] = read
        return ActionResult({"workgroup": dict(workgroup)})

    def _capacity(self) -> dict:
        members = ("baseCapacity", "maxCapacity", "port", "publiclyAccessible", "enhancedVpcRouting")
        given = self.given(*members, "configParameters", "securityGroupIds", "subnetIds")
        base = given.get("baseCapacity", 128)
        if base < 4 or base > 1024 or (base > 4 and base % 8 != 0):
            raise invalid(f"baseCapacity {base} is not 4 or a multiple of 8 up to 1024")
        if "baseCapacity" in given and given.get("maxCapacity", base) < base:
            raise invalid("maxCapacity must not be below baseCapacity")
        return given

    def get_workgroup(self) -> ActionResult:
        """GetWorkgroup."""
        return ActionResult({"workgroup": self.backend.find("workgroup", self._get_param("workgroupName"))})

    def list_workgroups(self) -> ActionResult:
        """ListWorkgroups, a page at a time."""
        page, more = self.page(self.backend.all("workgroup"), "workgroups")
        return ActionResult({"workgroups": page, **more})

    def update_workgroup(self) -> ActionResult:
        """UpdateWorkgroup."""
        return self._changed("workgroup", self._capacity())

    def delete_workgroup(self) -> ActionResult:
        """DeleteWorkgroup."""
        return self._deleted("workgroup")

    def get_credentials(self) -> ActionResult:
        """GetCredentials: a database user named for the caller, and a password of 15 to 60 minutes."""
        self.backend.find("workgroup", self._get_param("workgroupName"))
        seconds = self._get_int_param("durationSeconds") or 900
        if not 900 <= seconds <= 3600:
            raise invalid("durationSeconds must be between 900 and 3600")
        now = time.time()
        credentials = {"dbUser": "IAM:bed", "dbPassword": uuid.uuid4().hex}
        return ActionResult(credentials | {"expiration": now + seconds, "nextRefreshTime": now + seconds})


def install(settings: Settings) -> None:
    """Make moto know the service; it looks for modules of this form."""
    RedshiftServerlessResponse.state_seconds = settings.state_seconds
    package = types.ModuleType("moto.redshiftserverless")
    models = types.ModuleType("moto.redshiftserverless.models")
    urls = types.ModuleType("moto.redshiftserverless.urls")
    Backend.__module__ = models.__name__
    package.redshiftserverless_backends = models.redshiftserverless_backends = backends
    package.models, package.urls = models, urls
    package.__path__ = []
    urls.url_bases = [_HOST]
    urls.url_paths = {"{0}/$": RedshiftServerlessResponse.dispatch}
    moto.redshiftserverless = package
    sys.modules |= {module.__name__: module for module in (package, models, urls)}
    moto.backend_index.backend_url_patterns.append(("redshiftserverless", re.compile(_HOST)))
