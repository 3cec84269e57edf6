"""What stands in a spark-submit of EMR's, made to run on this machine against the bed's S3 server."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from aws_bed.settings import Settings

S3_ADDRESS = re.compile(r"^s3[an]?://([^/]+)/?(.*)$")
#: Options of spark-submit whose value is a list of files.
FILE_OPTIONS = ("--py-files", "--files")
FILE_SETTINGS = ("spark.files", "spark.submit.pyFiles")
#: What belongs to YARN, which the bed has not: Spark runs locally instead.
YARN_OPTIONS = ("--master", "--deploy-mode")
#: spark-packages.ts fetches them. Inside the script they would come too late: Spark has looked for classes by then.
JARS = Path(sys.prefix) / "spark-s3" / "jars"


def local_arguments(args: list[str], settings: Settings, fetch: Callable[[str], str]) -> list[str]:
    """Return the arguments without YARN, with S3 within Spark's reach; `fetch` makes a file of S3 a local one."""
    script: list[str] = []
    options: list[str] = []
    jars = s3_jars()
    rest = iter(args[1:])
    for arg in rest:
        if arg in YARN_OPTIONS:
            next(rest, None)
        elif arg == "--jars":
            # A second --jars would take the place of the first.
            jars = [*fetched(next(rest, ""), fetch).split(","), *jars]
        elif arg in FILE_OPTIONS:
            options += [arg, fetched(next(rest, ""), fetch)]
        elif arg == "--conf":
            # Spark fetches these before it has the jars, which EMR has on its own class path.
            name, _, value = next(rest, "").partition("=")
            options += [arg, f"{name}={fetched(value, fetch) if name in FILE_SETTINGS else value}"]
        elif arg.endswith(".py"):
            # What follows the script is the script's own.
            script = [fetch(arg), *rest]
        else:
            options.append(arg)
    # The step's own settings come last and win.
    return ["spark-submit", "--jars", ",".join(jars), *s3_options(settings), *options, *script]


def fetched(files: str, fetch: Callable[[str], str]) -> str:
    """Return a list with commas of the local files."""
    return ",".join(fetch(file) for file in files.split(","))


def s3_jars() -> list[str]:
    """Return the jars of Hadoop's S3 file system."""
    found = sorted(str(jar) for jar in JARS.glob("*.jar"))
    if not found:
        raise FileNotFoundError(f"Spark has no jars for S3 in {JARS}: npm run pretest fetches them.")
    return found


def s3_options(settings: Settings) -> list[str]:
    """Return the settings of S3A, which takes the keys from the step's environment and s3:// as EMR does."""
    hadoop = {
        "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "fs.s3a.endpoint": settings.s3_endpoint,
        "fs.s3a.endpoint.region": settings.region,
        "fs.s3a.path.style.access": "true",
        # Deleting the objects that stand for folders is what versitygw refuses while the folder holds a file.
        "fs.s3a.directory.marker.retention": "keep",
    }
    return [word for name, value in hadoop.items() for word in ("--conf", f"spark.hadoop.{name}={value}")]
