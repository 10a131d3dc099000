"""Artifacts as files of a folder, on this machine or on a share that several machines mount."""

import io
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from errno import (
    EACCES,
    EFBIG,
    EINVAL,
    ELOOP,
    ENAMETOOLONG,
    ENOSYS,
    ENOTDIR,
    ENOTSUP,
    EPERM,
    EROFS,
)
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from attrs import field, frozen

from closient_export.adapters.artifact_keys import checked_key, is_key, may_begin_key
from closient_export.errors import ArtifactError, ArtifactNotFoundError, shown

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["ABANDONED", "FileArtifactStore"]

ABANDONED = timedelta(hours=1)
"""How long a file that is being written may stand still before `FileArtifactStore.sweep` takes it."""

_PARTIAL = re.compile(r"\.[0-9a-f]{32}~partial")
"""What is being written: ``~`` is in no key, so that no key is ever taken for one of these."""
_BUFFER = 1 << 18
_TRIES = 20
"""How often a folder may be removed by somebody else before a file is begun in it."""
_NO_LINKS = frozenset({ENOSYS, ENOTSUP, EPERM})
_NO_SYNC = frozenset({EINVAL, ENOTSUP})
_LASTING = frozenset(
    {EACCES, EFBIG, EINVAL, ELOOP, ENAMETOOLONG, ENOSYS, ENOTDIR, ENOTSUP, EPERM, EROFS}
)
"""What does not pass by itself, unlike a full disk or a server that is away."""


def _absolute(folder: Path) -> Path:
    return folder.absolute()


@frozen
class FileArtifactStore:
    """A `closient_export.ports.ArtifactStore` that any number of processes may use at once.

    The folder's file system must have hard links and tell ``a`` from ``A``. A folder of a key
    stands there with a ``~`` after its name, so that ``a`` and ``a/b`` can both be keys.

    An error after the file has become visible, when its folder cannot be made durable, is an
    `ArtifactError` like any other: the file is whole, and writing it again makes good for it.
    """

    folder: Path = field(converter=_absolute)
    """Made when it is first needed."""

    def _path(self, key: str) -> Path:
        *folders, name = checked_key(key).split("/")
        return self.folder.joinpath(*(f"{part}~" for part in folders), name)

    @contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        """A file that is there, whole and durable, when the block has ended well.

        Raises:
            ArtifactError: it cannot be written; it can be tried again if the error is retryable.
        """
        path = self._path(key)
        with _reported(key, "written"):
            partial, descriptor = _begin(path.parent)
        raw = _PartialFile(key, descriptor)
        file = io.BufferedWriter(raw, _BUFFER)
        try:
            yield cast("BinaryIO", file)
            with _reported(key, "written"):
                if not file.closed:
                    file.flush()
                raw.finish()
                _link(partial, path)
                with suppress(OSError):
                    partial.unlink()
                _sync(path.parent, self.folder)
        finally:
            raw.end()
            file.close()
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A file to read; it can be seeked, and has a ``fileno``."""
        path = self._path(key)
        with _reported(key, "read"):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                raise ArtifactNotFoundError(f"there is no artifact {key!r}") from None
        with file:
            yield file

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix, sorted, as they are found."""
        if not may_begin_key(prefix):
            return
        *folders, stem = prefix.split("/")
        start = "".join(f"{part}/" for part in folders)
        with _reported(prefix, "listed"):
            yield from _keys(self.folder.joinpath(*(f"{part}~" for part in folders)), start, stem)

    def delete(self, key: str) -> None:
        """Forget a file, and its folders if they are empty now."""
        path = self._path(key)
        with _reported(key, "deleted"):
            path.unlink(missing_ok=True)
        folder = path.parent
        while folder != self.folder:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = folder.parent

    def sweep(self, now: datetime) -> int:
        """Remove what dead writers have left for an hour, and empty folders.

        What cannot be removed stays. The times of files are the file server's: `now` should be
        right within some minutes.

        Args:
            now: The time, with a timezone.

        Returns:
            How many files were removed.
        """
        limit = (now - ABANDONED - datetime.fromtimestamp(0, UTC)).total_seconds()
        removed = 0
        for folder, _, names in os.walk(self.folder, topdown=False):
            for name in filter(_PARTIAL.fullmatch, names):
                path = Path(folder, name)
                with suppress(OSError):
                    if path.stat().st_mtime < limit:
                        path.unlink()
                        removed += 1
            if folder.endswith("~"):
                with suppress(OSError):
                    Path(folder).rmdir()
        return removed


class _PartialFile(io.RawIOBase):
    """What is being written, by its descriptor."""

    def __init__(self, key: str, descriptor: int) -> None:
        self._key = key
        self._descriptor = descriptor
        self._failure: ArtifactError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        if self._descriptor < 0:  # nobody waits for it any more, and the number may be another's
            return memoryview(data).nbytes
        try:
            with _reported(self._key, "written"):
                return os.write(self._descriptor, data)
        except ArtifactError as error:
            self._failure = error
            raise

    def finish(self) -> None:
        """Make the file durable, unless something of it is lost."""
        if self._failure is not None:
            raise self._failure
        os.fsync(self._descriptor)
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)

    def end(self) -> None:
        """Let go of the descriptor; what is still in buffers goes nowhere."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)


@contextmanager
def _reported(key: str, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"the artifact {shown(key)} cannot be {done}: {reason}"
        raise ArtifactError(message, retryable=error.errno not in _LASTING) from error


def _begin(folder: Path) -> tuple[Path, int]:
    """A new file under a hidden name; folders are made, even if somebody removes them meanwhile."""
    partial = folder / f".{secrets.token_hex(16)}~partial"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    tries = 0
    while True:
        tries += 1
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return partial, os.open(partial, flags, 0o666)
        except (FileNotFoundError, FileExistsError):
            if tries == _TRIES:
                raise


def _link(partial: Path, path: Path) -> None:
    """Give a file its name, unless another one has it."""
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        raise OSError(error.errno, "the folder's file system has no hard links") from error


def _sync(folder: Path, root: Path) -> None:
    """Make the names of a file and of its folders durable, whoever has made them."""
    if os.name == "nt":  # which cannot
        return
    for each in (folder, *folder.parents):
        try:
            descriptor = os.open(each, os.O_RDONLY)
        except FileNotFoundError:  # the file was deleted at once
            return
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise
        finally:
            os.close(descriptor)
        if each == root:
            return


def _keys(folder: Path, start: str, stem: str) -> Iterator[str]:
    """The keys of a folder in order, for which ``a/b`` counts as ``a/`` beside ``a`` and ``a-``."""
    for name in sorted(_names(folder)):
        if not name.startswith(stem):
            continue
        if name.endswith("/"):
            yield from _keys(folder / f"{name[:-1]}~", f"{start}{name}", "")
        else:
            yield f"{start}{name}"


def _names(folder: Path) -> Iterator[str]:
    """The names of files, and of folders with a slash; what is not this store's is left out."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            name = entry.name.removesuffix("~")
            if not is_key(name):
                continue
            if name == entry.name and entry.is_file(follow_symlinks=False):
                yield name
            elif name != entry.name and entry.is_dir(follow_symlinks=False):
                yield f"{name}/"
