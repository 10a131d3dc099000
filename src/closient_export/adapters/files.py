"""Files that are either whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL, ELOOP
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

__all__ = ["write_atomically"]


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write; it takes the place of `path` when the block ends without an error.

    Until then it stands beside it under a hidden name, and it is removed if the block fails.

    Raises:
        OSError: it cannot be written there.
    """
    try:
        path = path.resolve()
    except RuntimeError as error:
        raise OSError(ELOOP, "Too many levels of symbolic links", str(path)) from error
    if path.exists() and not path.is_file():
        raise OSError(EINVAL, "expected a regular file or none", str(path))
    try:
        descriptor, name = mkstemp(dir=path.parent, prefix=".export-", suffix=".partial")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(_mode(path))
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or what a new file gets here."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
