"""Artifacts as objects of an S3 bucket, or of a store that speaks S3. Needs the extra ``s3``.

The client's options are boto3's: region, endpoint, credentials, ``config``. Credentials are better
left to boto3's own chain, since options travel to workers. They need ``s3:GetObject``,
``s3:PutObject``, ``s3:DeleteObject``, ``s3:AbortMultipartUpload``, and ``s3:ListBucket``, without
which an object that is not there looks like one that must not be seen.
"""

import io
import math
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import boto3.session
from botocore.config import Config
from botocore.exceptions import ClientError

from closient_export.adapters.artifact_keys import checked_key, is_key, may_begin_key
from closient_export.adapters.s3_transfers import MISSING, Download, Upload, code_of, reported
from closient_export.adapters.signing import checked_media_type, content_disposition
from closient_export.errors import ArtifactNotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["S3ArtifactStore", "S3UrlSigner"]

_PART_SIZE = 8 << 20
_LEAST_PART_SIZE = 5 << 20
_LONGEST_PREFIX = 120
_LONGEST_LIFETIME = 7 * 24 * 3600


class _Bucket:
    """Some keys of a bucket. It can be pickled: each process makes a client when it needs one."""

    def __init__(self, bucket: str, prefix: str = "", **client_options: Any) -> None:
        self.bucket = bucket
        folder = prefix.strip("/")
        if len(folder) > _LONGEST_PREFIX:
            raise ValueError(f"prefix: expected {_LONGEST_PREFIX} characters or fewer")
        self.prefix = f"{checked_key(folder)}/" if folder else ""
        self._options = pickle.dumps(client_options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.bucket!r}, {self.prefix!r})"

    def _client(self) -> "S3Client":
        return _client(os.getpid(), self._options)


@lru_cache(maxsize=16)
def _client(_pid: int, options: bytes) -> "S3Client":
    """A process's client, which all of its threads and all copies of a store share.

    A child that was forked makes its own: connections that its parent has opened are not touched.
    """
    given: dict[str, Any] = pickle.loads(options)  # noqa: S301 - by this module
    config = Config(signature_version="s3v4").merge(given.pop("config", None) or Config())
    return boto3.session.Session().client("s3", config=config, **given)


class S3ArtifactStore(_Bucket):
    """A `closient_export.ports.ArtifactStore`; an object is there when all of it is.

    What a killed writer has uploaded is not visible, but is paid for: let a lifecycle rule of the
    bucket abort incomplete multipart uploads after a day.

    When the answer to the last request is lost, `create` raises a retryable `ArtifactError` though
    the object may be there; it is whole then, and writing it again is all right.

    Args:
        bucket: Its name.
        prefix: A folder of the bucket in which all keys are.
        part_size: How much of a file is held in memory, 5 MiB or more. S3 takes 10,000 parts.
        conditional_writes: Whether the bucket honours ``If-None-Match`` where objects are written,
            as Amazon S3 does; then a key is written once, whoever writes it at the same time. A
            store that says that it does not is asked whether the key is there instead; so is one
            for which this is false, for those that pass over the condition in silence. Between two
            that write at the same time the later one counts then.
        client_options: What boto3 takes to make a client.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        part_size: int = _PART_SIZE,
        conditional_writes: bool = True,
        **client_options: Any,
    ) -> None:
        super().__init__(bucket, prefix, **client_options)
        if part_size < _LEAST_PART_SIZE:
            raise ValueError(f"part_size: expected {_LEAST_PART_SIZE} or more, got {part_size}")
        self._part_size = part_size
        self._conditional = conditional_writes

    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        """A file that is there when the block has ended well; it is sent while it is written.

        Raises:
            ArtifactError: it cannot be written; it can be tried again if the error is retryable.
        """
        name = self.prefix + checked_key(key)
        with reported(key, "written"):
            upload = Upload(self._client(), self.bucket, name, key, self._part_size)
        try:
            yield cast("BinaryIO", upload)
            with reported(key, "written"):
                upload.commit(conditional=self._conditional)
        finally:
            upload.end()

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A file to read, as a stream; it cannot be seeked."""
        name = self.prefix + checked_key(key)
        with reported(key, "read"):
            try:
                body = self._client().get_object(Bucket=self.bucket, Key=name)["Body"]
            except ClientError as error:
                if code_of(error) not in MISSING:
                    raise
                raise ArtifactNotFoundError(f"there is no artifact {key!r}") from None
        with io.BufferedReader(Download(key, body), 1 << 18) as file:
            yield cast("BinaryIO", file)

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix, sorted, page by page."""
        if not may_begin_key(prefix):
            return
        with reported(prefix, "listed"):
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self.prefix)
                    if is_key(key):
                        yield key

    def delete(self, key: str) -> None:
        """Forget a file."""
        name = self.prefix + checked_key(key)
        with reported(key, "deleted"):
            self._client().delete_object(Bucket=self.bucket, Key=name)


class S3UrlSigner(_Bucket):
    """A `closient_export.ports.UrlSigner`: S3 itself serves the files of an `S3ArtifactStore`.

    The arguments are the store's. An address is good for seven days at most, and no longer than the
    credentials that have signed it: those of a role expire after some hours. Who owns the file is
    not part of it.
    """

    def sign(
        self,
        key: str,
        *,
        owner: str,  # noqa: ARG002 - the port's
        filename: str,
        media_type: str,
        expires_at: datetime,
    ) -> str:
        """An address from which browsers save the file under its name.

        Raises:
            ValueError: the time is over, or more than seven days away.
            ArtifactError: there are no credentials.
        """
        name = self.prefix + checked_key(key)
        with reported(key, "signed"):
            client = self._client()  # may take a while, which must not prolong the address
        seconds = math.floor((expires_at - datetime.now(UTC)).total_seconds())
        if not 0 < seconds <= _LONGEST_LIFETIME:
            raise ValueError(f"expires_at: expected a time within seven days, got {expires_at}")
        with reported(key, "signed"):
            return client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self.bucket,
                    "Key": name,
                    "ResponseContentDisposition": content_disposition(filename),
                    "ResponseContentType": checked_media_type(media_type),
                    "ResponseCacheControl": "private, no-store",
                },
                ExpiresIn=seconds,
            )
