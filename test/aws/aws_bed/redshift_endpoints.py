"""What redshift-data must know of clusters and workgroups: whether they are there and available."""

import moto.redshift.models

#: The bed's serverless workgroups, by account, region and name; redshift_serverless keeps it.
workgroup_states: dict = {}


def state_of(account: str, region: str, cluster: str | None, workgroup: str | None) -> str | None:
    """Give the state of the cluster or workgroup, or None when there is no such one."""
    if workgroup:
        read = workgroup_states.get((account, region, workgroup.rsplit("/", 1)[-1]))
        return read() if read else None
    found = moto.redshift.models.redshift_backends[account][region].clusters.get(cluster)
    return found.status if found else None
