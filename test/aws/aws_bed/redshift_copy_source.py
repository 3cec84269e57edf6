"""The files that a COPY names, by a prefix or by a manifest."""

import json

import boto3
import botocore.exceptions
from botocore.config import Config

from aws_bed.redshift_gate import RedshiftError
from aws_bed.settings import Settings


class LoadError(RedshiftError):
    """A COPY that failed on a file; what the views of load errors show."""

    def __init__(
        self, code: int, message: str, file: str = "", column: str = "", column_type: str = "", line: int = 0
    ) -> None:
        super().__init__(
            "ERROR: Spectrum Scan Error\n  Detail: \n  -----------------------------------------------\n"
            f"  error:  Spectrum Scan Error\n  code:      {code}\n  context:   {message}\n"
            "  -----------------------------------------------"
        )
        width = column_type.partition("(")[2].rstrip(")")
        self.row = (file, line, column, column_type.partition("(")[0].lower(), width, code, message)


def find_files(source: str, settings: Settings, *, is_manifest: bool) -> list[tuple[str, int]]:
    """Give the addresses and sizes of the files that the prefix or the manifest names."""
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        region_name=settings.region,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
    )
    bucket, key = source[len("s3://") :].split("/", 1)
    try:
        if is_manifest:
            body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
            return [found for entry in _entries(body, source) for found in _present(client, entry)]
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        keys = [(found["Key"], found["Size"]) for page in pages for found in page.get("Contents", [])]
    except botocore.exceptions.ClientError as error:
        reason = error.response["Error"]
        message = (
            f"S3ServiceException:{reason.get('Message')},Status {error.response['ResponseMetadata']['HTTPStatusCode']}"
        )
        raise RedshiftError(f"ERROR: {message},Error {reason.get('Code')} ({source})") from error
    data = [found for found in keys if not found[0].rsplit("/", 1)[-1].startswith(("_", "."))]
    if not data:
        raise RedshiftError(f"ERROR: The specified S3 prefix '{key}' does not exist")
    return [(f"s3://{bucket}/{found}", size) for found, size in data]


def _entries(body: bytes, source: str) -> list[dict]:
    try:
        entries = json.loads(body)["entries"]
        urls = [entry["url"] for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise RedshiftError(f"ERROR: Manifest file is not in correct json format: {source}") from error
    for entry, url in zip(entries, urls):
        if not isinstance(entry.get("meta", {}).get("content_length"), int):
            raise LoadError(15001, f"Manifest entry without meta.content_length: {url}", url)
    if not entries:
        raise RedshiftError(f"ERROR: The manifest names no files: {source}")
    return entries


def _present(client: object, entry: dict) -> list[tuple[str, int]]:
    url = entry["url"]
    bucket, key = url[len("s3://") :].split("/", 1)
    try:
        length = client.head_object(Bucket=bucket, Key=key)["ContentLength"]
    except botocore.exceptions.ClientError as error:
        # Without "mandatory" a missing file is passed over: such a load is silently short.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        if entry.get("mandatory", False):
            raise LoadError(15007, f"Problem reading manifest file: mandatory file {url} was not found", url) from error
        return []
    expected = entry["meta"]["content_length"]
    if length != expected:
        raise LoadError(15001, f"File {url} has {length} bytes, the manifest's content_length is {expected}", url)
    return [(url, length)]
