"""Streams to and from S3, for `closient_export.adapters.s3_artifacts`."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    HTTPClientError,
    IncompleteReadError,
)

from closient_export.errors import ArtifactError, shown

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

__all__ = ["MISSING", "Download", "Upload", "code_of", "reported"]

MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
"""How S3 says that there is no object."""
_PAUSES = (0.0, 0.2, 1.0)
"""Seconds to wait for another writer of the same key to come to an end."""
_PASSING = frozenset({"NoSuchUpload", "RequestTimeout", "SlowDown", "Throttling"})
_PASSING_STATUSES = frozenset({408, 409, 425, 429})


class Upload(io.RawIOBase):
    """A file on its way to S3: in one request, or in parts if it is larger than one."""

    def __init__(
        self, client: "S3Client", bucket: str, name: str, key: str, part_size: int
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._name = name
        self._key = key
        self._part_size = part_size
        self._buffer = io.BytesIO()
        self._upload_id = ""
        self._parts: list[CompletedPartTypeDef] = []
        self._failure: BaseException | None = None

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """All of `data`, unlike other raw files."""
        if self.closed:
            raise ValueError("write to closed file")
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                room = self._part_size - self._buffer.tell()
                self._buffer.write(rest[:room])
                rest = rest[room:]
                if self._buffer.tell() == self._part_size:
                    with reported(self._key, "written"):
                        self._send()
        except BaseException as error:  # what was sent of the part is not known
            self._failure = error
            raise
        return size

    def _send(self) -> None:
        target: dict[str, Any] = {"Bucket": self._bucket, "Key": self._name}
        config = self._client.meta.config
        if getattr(config, "request_checksum_calculation", "") == "when_supported":
            target["ChecksumAlgorithm"] = "CRC32"  # boto3's own choice, which S3 must know at once
        if not self._upload_id:
            self._upload_id = self._client.create_multipart_upload(**target)["UploadId"]
        number = len(self._parts) + 1
        sent = self._client.upload_part(
            **target, UploadId=self._upload_id, PartNumber=number, Body=self._buffer.getvalue()
        )
        part: CompletedPartTypeDef = {"ETag": sent["ETag"], "PartNumber": number}
        if "ChecksumCRC32" in sent:
            part["ChecksumCRC32"] = sent["ChecksumCRC32"]
        self._parts.append(part)
        self._buffer = io.BytesIO()

    def commit(self, *, conditional: bool) -> None:
        """Make the file visible, unless there is one with its key."""
        if self._failure is not None:
            raise self._failure
        if self._upload_id and self._buffer.tell():
            self._send()
        if conditional:
            try:
                self._finish(IfNoneMatch="*")
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                if status == 412 or self._is_another_there(error):
                    return
                if code_of(error) != "NotImplemented":
                    raise
            else:
                return
        if not self._exists():
            self._finish()

    def _finish(self, **condition: Any) -> None:
        target: dict[str, Any] = {"Bucket": self._bucket, "Key": self._name, **condition}
        if not self._upload_id:
            self._client.put_object(**target, Body=self._buffer.getvalue())
            return
        self._client.complete_multipart_upload(
            **target, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )
        self._upload_id = ""

    def _is_another_there(self, error: ClientError) -> bool:
        """Whether another writer was faster, or an answer to this one was lost."""
        if code_of(error) not in {"ConditionalRequestConflict", "NoSuchUpload", "OperationAborted"}:
            return False
        for pause in _PAUSES:
            time.sleep(pause)
            if self._exists():
                return True
        return False

    def _exists(self) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._name)
        except ClientError as error:
            if code_of(error) in MISSING:
                return False
            raise
        return True

    def end(self) -> None:
        """Let S3 forget the parts of a file that is not to be seen."""
        upload_id, self._upload_id = self._upload_id, ""
        self._buffer = io.BytesIO()
        self.close()
        if upload_id:
            with suppress(BotoCoreError, ClientError):
                self._client.abort_multipart_upload(
                    Bucket=self._bucket, Key=self._name, UploadId=upload_id
                )


class Download(io.RawIOBase):
    """A file on its way from S3."""

    def __init__(self, key: str, body: Any) -> None:
        self._key = key
        self._body = body

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Some of what comes next."""
        view = memoryview(buffer).cast("B")
        with reported(self._key, "read"):
            data: bytes = self._body.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of the connection; what was not read is not fetched."""
        if not self.closed:
            self._body.close()
        super().close()


def code_of(error: ClientError) -> str:
    """What S3 calls an error."""
    return error.response["Error"]["Code"]


@contextmanager
def reported(key: str, done: str) -> Iterator[None]:
    """Errors of S3 in this library's words; messages of boto3 may hold addresses, so none is told."""
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        reason = f"S3 answered {status} {code_of(error)}"
        passing = status >= 500 or status in _PASSING_STATUSES or code_of(error) in _PASSING
        message = f"the artifact {shown(key)} cannot be {done}: {reason}"
        raise ArtifactError(message, retryable=passing) from error
    except BotoCoreError as error:
        passing = isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError))
        message = f"the artifact {shown(key)} cannot be {done}: {type(error).__name__}"
        raise ArtifactError(message, retryable=passing) from error
