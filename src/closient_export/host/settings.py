"""What whoever runs the host decides."""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from attrs import field, frozen, validators

from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.host.rate_limits import RateLimit
from closient_export.service import Settings

__all__ = ["HostLimits", "HostSettings", "S3Bucket", "kept_secret"]

_SECRET_BYTES = 32


@frozen(kw_only=True)
class HostLimits:
    """What is refused, rather than read."""

    json_bytes: int = field(default=1 << 20, validator=validators.ge(1))
    """Of a request for an export."""
    json_depth: int = field(default=32, validator=validators.ge(1))
    """How many values of it may lie within each other."""
    upload_bytes: int = field(default=256 << 20, validator=validators.ge(1))
    """Of an EPCIS document or a catalogue, as it is sent."""
    master_data_bytes: int = field(default=16 << 20, validator=validators.ge(1))
    """Of descriptions of places and products, inflated; these are read as a whole."""
    inflated_bytes: int = field(default=1 << 30, validator=validators.ge(1))
    """Of one that was sent gzipped."""
    event_characters: int = field(default=1 << 22, validator=validators.ge(1))
    """Of one EPCIS event."""
    uploads: int = field(default=4, validator=validators.ge(1))
    """How many are taken in at the same time, half of them for one organisation; others wait."""
    rate: RateLimit = field(factory=RateLimit)
    """How often a key may call."""


@frozen(kw_only=True)
class S3Bucket:
    """Where artifacts are kept instead of in files; S3 itself then serves the downloads."""

    name: str
    prefix: str = ""
    endpoint_url: str | None = None


def _absolute(folder: Path | str) -> Path:
    return Path(folder).absolute()


@frozen(kw_only=True)
class HostSettings:
    """Where a host keeps everything, and how it works."""

    folder: Path = field(converter=_absolute)
    """Of the SQLite database, the artifacts and the secret, as far as no other place is given."""
    database: str = ""
    """The URL of another database, as `closient_export.adapters.sql.open_engine` takes it."""
    bucket: S3Bucket | None = None
    public_url: str = "http://127.0.0.1:8000"
    """Where callers find the host, without a slash at the end: what signed addresses begin with."""
    secret: bytes = field(default=b"", repr=False)
    """Signs addresses and sessions; where it is not given, one is made and kept in the folder."""
    threads: int = field(default=2, validator=validators.ge(1))
    """How many jobs a worker does at the same time."""
    processes: int = field(factory=lambda: os.cpu_count() or 1, validator=validators.ge(1))
    """How many processes of a worker draw labels."""
    poll: timedelta = timedelta(seconds=1)
    """How often a worker looks for jobs that others have accepted."""
    patience: timedelta = timedelta(seconds=20)
    """How long a worker that is told to stop waits until its jobs are handed back."""
    exports: Settings = field(factory=lambda: Settings(part_size=2000))
    limits: HostLimits = field(factory=HostLimits)

    @property
    def artifacts(self) -> FileArtifactStore:
        """Where files are kept."""
        return FileArtifactStore(self.folder / "artifacts")


def kept_secret(settings: HostSettings) -> Mapping[str, bytes]:
    """The secret by its id; it is made if there is none yet, and readable for its owner alone.

    Raises:
        ValueError: it is so short that others could guess it.
    """
    key_id, secret = "given", settings.secret
    if not secret:
        key_id, secret = "kept", _made_once(settings.folder / "secret.key")
    if len(secret) < _SECRET_BYTES:
        message = f"the secret that is {key_id}: expected {_SECRET_BYTES} random bytes or more"
        raise ValueError(f"{message}, got {len(secret)}")
    return {key_id: secret}


def _made_once(path: Path) -> bytes:
    """What is in a file of random bytes, which is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{secrets.token_hex(8)}.key")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_SECRET_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        path.hardlink_to(new)  # of several processes that start together one makes it
    except FileExistsError:
        pass
    finally:
        new.unlink()
    return path.read_bytes()
