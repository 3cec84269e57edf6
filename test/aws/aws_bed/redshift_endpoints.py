"""What redshift-data must know of clusters and workgroups: whether they are available, and their roles."""

from dataclasses import dataclass, field

import moto.redshift.models

#: The bed's serverless workgroups, by account, region and name; redshift_serverless keeps it.
workgroups: dict = {}


@dataclass(frozen=True)
class Endpoint:
    """A cluster or workgroup as it is at the moment."""

    state: str
    #: ARNs of the roles attached to the cluster or to the workgroup's namespace.
    roles: list[str] = field(default_factory=list)
    default_role: str | None = None


def endpoint_of(account: str, region: str, cluster: str | None, workgroup: str | None) -> Endpoint | None:
    """Give the cluster or workgroup, or None when there is no such one."""
    if workgroup:
        read = workgroups.get((account, region, workgroup.rsplit("/", 1)[-1]))
        return read() if read else None
    found = moto.redshift.models.redshift_backends[account][region].clusters.get(cluster)
    return Endpoint(found.status, found.iam_roles_arn, found.default_iam_role_arn) if found else None
