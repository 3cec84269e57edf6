"""What the bed's services share: where the others are, and how fast time goes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The bed's surroundings, as the command line gives them."""

    #: Where the S3 server answers, for example http://127.0.0.1:9000.
    s3_endpoint: str
    #: The key pair that the S3 server accepts.
    access_key_id: str
    secret_access_key: str
    region: str
    #: libpq URI of the PostgreSQL server behind redshift-data.
    postgres_uri: str
    #: A folder for logs and scratch files.
    work: Path
    #: How long each state of a cluster or workgroup lasts, in seconds.
    state_seconds: float
    #: How long after a step's end its logs reach LogUri, in seconds.
    log_delay_seconds: float
