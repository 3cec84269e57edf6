"""Start moto's server with the bed's services in it: python -m aws_bed --help."""

import argparse
import importlib
from pathlib import Path

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

from aws_bed.settings import Settings

SERVICES = ("emr", "redshift", "redshift_data", "redshift_serverless", "sts")


def parse_settings() -> tuple[Settings, int]:
    """Read the settings and the port from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--s3-endpoint", required=True)
    parser.add_argument("--access-key-id", required=True)
    parser.add_argument("--secret-access-key", required=True)
    parser.add_argument("--region", default="eu-west-1")
    parser.add_argument("--postgres-uri", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--state-seconds", type=float, default=0.2)
    parser.add_argument("--log-delay-seconds", type=float, default=0.5)
    options = vars(parser.parse_args())
    port = options.pop("port")
    return Settings(**options), port


def main() -> None:
    """Install each service into moto and serve on loopback until the process is ended."""
    settings, port = parse_settings()
    for service in SERVICES:
        importlib.import_module(f"aws_bed.{service}").install(settings)
    app = DomainDispatcherApplication(create_backend_app)
    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    main()
