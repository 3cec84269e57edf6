"""What redshift-serverless holds: namespaces, workgroups, limits and tags."""

import time

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException


class ServerlessError(ServiceException):
    """One of the service's errors: code and message."""


class Backend(BaseBackend):
    """The namespaces, workgroups and limits of an account in a region; each as the API shows it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.kinds: dict[str, dict[str, dict]] = {"namespace": {}, "workgroup": {}}
        self.limits: dict[str, dict] = {}
        self.tags: dict[str, list[dict]] = {}
        #: For each resource's ARN: until when its status lasts, and which one follows.
        self.changes: dict[str, tuple[float, str]] = {}

    def all(self, kind: str) -> list[dict]:
        """Give what there is, with the states as time has moved them on."""
        for name, found in list(self.kinds[kind].items()):
            until, following = self.changes.get(found[f"{kind}Arn"], (0.0, found["status"]))
            if time.monotonic() >= until:
                found["status"] = following
                if following == "GONE":
                    del self.kinds[kind][name]
        return list(self.kinds[kind].values())

    def find(self, kind: str, name: str) -> dict:
        """Give one, or raise ResourceNotFoundException."""
        for found in self.all(kind):
            if found[f"{kind}Name"] == name:
                return found
        raise ServerlessError("ResourceNotFoundException", f"The {kind} {name} was not found.")

    def move(self, kind: str, found: dict, status: str, following: str, seconds: float) -> None:
        """Let a state last for the seconds, before another follows."""
        found["status"] = status
        self.changes[found[f"{kind}Arn"]] = (time.monotonic() + seconds, following)

    def arn(self, kind: str, resource_id: str) -> str:
        """Give the ARN for an id."""
        return f"arn:aws:redshift-serverless:{self.region_name}:{self.account_id}:{kind}/{resource_id}"


def invalid(message: str) -> ServerlessError:
    """Give the error for a request that is not right."""
    return ServerlessError("ValidationException", message)


backends = BackendDict(Backend, "redshift-serverless")
