"""Files in a bucket of an S3-compatible server, by their SHA-256, as the site and its workers see them.

A blob is the object `PREFIX/ab/<digest>`; what is being written lies below `PREFIX/incoming/`. Settings come
from the environment alone, so that a worker needs none of the site's.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import IO, Any, cast
from urllib.parse import urlsplit

STORE = "HELDOUT_STORE"
INCOMING = "incoming"
PART_BYTES = 8 * 2**20
"""What is sent at once. S3 takes 5 MiB at least, but for the last part."""
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 60, 4


class WrongAddress(Exception):
    """The store's address says no bucket; names what was found and what was expected."""


class ObjectMissing(Exception):
    """No object has this key."""


@dataclass(frozen=True)
class Address:
    """Where the bucket is and who asks. Without keys boto3 looks where it always looks."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True)
class Found:
    """An object of the bucket."""

    key: str
    size: int
    modified: datetime


def address_of(url: str, environment: Mapping[str, str] = os.environ) -> Address | None:
    """The bucket that `url` and the environment name; None without a URL. Raises WrongAddress."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "s3" or not BUCKET_NAME.fullmatch(parts.netloc):
        raise WrongAddress(f"{STORE} is {url!r}; expected s3://BUCKET/PREFIX, or nothing for a folder")
    return Address(
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=environment.get("HELDOUT_S3_ENDPOINT", ""),
        region=environment.get("HELDOUT_S3_REGION", ""),
        key=environment.get("HELDOUT_S3_KEY", ""),
        secret=environment.get("HELDOUT_S3_SECRET", ""),
    )


@lru_cache(maxsize=8)
def client_of(endpoint: str, region: str, key: str, secret: str) -> Any:
    """A client for a server, one a process: it may be used from several threads."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or "us-east-1",
        aws_access_key_id=key or None,
        aws_secret_access_key=secret or None,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=32,
            # Other servers than Amazon's know no trailing checksums; ours are SHA-256 anyway.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if endpoint else "auto"},
        ),
    )


class Bucket:
    """The objects below one prefix of a bucket."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def __str__(self) -> str:
        return str(self.address)

    @property
    def _client(self) -> Any:
        place = self.address
        return client_of(place.endpoint, place.region, place.key, place.secret)

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self.address.bucket, "Key": self._full(key)}

    def _full(self, key: str) -> str:
        return f"{self.address.prefix}/{key}" if self.address.prefix else key

    @staticmethod
    def key_of(digest: str) -> str:
        """The key of a blob, as the folder of blobs has it."""
        return f"{digest[:2]}/{digest}"

    def check(self) -> None:
        """Raise what the server says, unless the bucket may be used."""
        self._client.head_bucket(Bucket=self.address.bucket)

    def found(self, key: str) -> Found | None:
        """What the server knows of an object; None where there is none."""
        try:
            head = self._client.head_object(**self._named(key))
        except self._client.exceptions.ClientError as error:
            if _status(error) == 404:
                return None
            raise
        return Found(key, head["ContentLength"], head["LastModified"])

    @contextmanager
    def reading(self, key: str) -> Iterator[IO[bytes]]:
        """The object's content, read piece by piece. Raises ObjectMissing."""
        try:
            body = self._client.get_object(**self._named(key))["Body"]
        except self._client.exceptions.ClientError as error:
            if _status(error) == 404:
                raise ObjectMissing(f"no object {self._full(key)} in {self.address.bucket}") from error
            raise
        try:
            yield cast(IO[bytes], body)
        finally:
            body.close()

    def put(self, key: str, content: IO[bytes] | bytes) -> None:
        """Write an object at once: it appears whole, or not at all."""
        self._client.put_object(**self._named(key), Body=content)

    def move(self, key: str, target: str) -> None:
        """Give an object another key, on the server."""
        source = {"Bucket": self.address.bucket, "Key": self._full(key)}
        self._client.copy_object(**self._named(target), CopySource=source)
        self.delete(key)

    def delete(self, key: str) -> None:
        """Delete an object. It is no error if there is none."""
        self._client.delete_object(**self._named(key))

    def objects(self, prefix: str = "") -> Iterator[Found]:
        """The objects whose keys begin so, in the order of their keys."""
        pages = self._client.get_paginator("list_objects_v2")
        cut = len(self._full(""))
        for page in pages.paginate(Bucket=self.address.bucket, Prefix=self._full(prefix)):
            for one in page.get("Contents", []):
                yield Found(one["Key"][cut:], one["Size"], one["LastModified"])

    def begin(self, key: str) -> str:
        """Begin an object that is written in parts; gives the number that the server has for it."""
        return str(self._client.create_multipart_upload(**self._named(key))["UploadId"])

    def add(self, key: str, upload: str, number: int, part: IO[bytes]) -> str:
        """Write one part, counted from 1; what was written by that number before is forgotten. Its tag."""
        sent = self._client.upload_part(**self._named(key), UploadId=upload, PartNumber=number, Body=part)
        return str(sent["ETag"])

    def complete(self, key: str, upload: str, tags: list[str]) -> None:
        """Make one object of its parts."""
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]
        self._client.complete_multipart_upload(
            **self._named(key), UploadId=upload, MultipartUpload={"Parts": parts}
        )

    def abort(self, key: str, upload: str) -> None:
        """Forget the parts of an object that was not completed."""
        try:
            self._client.abort_multipart_upload(**self._named(key), UploadId=upload)
        except self._client.exceptions.ClientError as error:
            if _status(error) != 404:
                raise

    def begun(self) -> Iterator[tuple[str, str, datetime]]:
        """Objects that are being written in parts: key, the server's number, and since when."""
        pages = self._client.get_paginator("list_multipart_uploads")
        cut = len(self._full(""))
        for page in pages.paginate(Bucket=self.address.bucket, Prefix=self._full(f"{INCOMING}/")):
            for one in page.get("Uploads", []):
                yield one["Key"][cut:], one["UploadId"], one["Initiated"]


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
